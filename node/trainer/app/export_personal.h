// `consort-trainer export-personal`: hands an archive's own copy of a job's model to its staff.
#ifndef CONSORT_NODE_TRAINER_APP_EXPORT_PERSONAL_H_
#define CONSORT_NODE_TRAINER_APP_EXPORT_PERSONAL_H_

namespace consort::trainer {

// Reads its arguments (argv[0] is the command) and returns the program's exit code. Works offline and changes
// nothing in the trainer's folder.
int ExportPersonalMain(int argc, char** argv);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_APP_EXPORT_PERSONAL_H_
