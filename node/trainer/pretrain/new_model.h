// `consort-trainer new-model`: writes an untrained model, for families that nobody has published a base of.
#ifndef CONSORT_NODE_TRAINER_PRETRAIN_NEW_MODEL_H_
#define CONSORT_NODE_TRAINER_PRETRAIN_NEW_MODEL_H_

namespace consort::trainer {

// Reads its arguments (argv[0] is the command) and returns the program's exit code.
int NewModelMain(int argc, char** argv);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_PRETRAIN_NEW_MODEL_H_
