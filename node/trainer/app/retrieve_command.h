// `consort-trainer retrieve`: which seconds of an archive's released examples sound like a recording, or are
// typical of a tradition.
#ifndef CONSORT_NODE_TRAINER_APP_RETRIEVE_COMMAND_H_
#define CONSORT_NODE_TRAINER_APP_RETRIEVE_COMMAND_H_

namespace consort::trainer {

// The command after the program's name; returns the exit code.
int RetrieveMain(int argc, char** argv);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_APP_RETRIEVE_COMMAND_H_
