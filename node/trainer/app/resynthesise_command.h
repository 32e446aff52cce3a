// `consort-trainer resynthesise`: puts seconds of an archive's released examples together, as a recording
// leads or as a tradition's mixture draws them.
#ifndef CONSORT_NODE_TRAINER_APP_RESYNTHESISE_COMMAND_H_
#define CONSORT_NODE_TRAINER_APP_RESYNTHESISE_COMMAND_H_

namespace consort::trainer {

// The command after the program's name; returns the exit code.
int ResynthesiseMain(int argc, char** argv);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_APP_RESYNTHESISE_COMMAND_H_
