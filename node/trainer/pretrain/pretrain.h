// `consort-trainer pretrain`: makes a base model from a folder of recordings that everyone may hear.
#ifndef CONSORT_NODE_TRAINER_PRETRAIN_PRETRAIN_H_
#define CONSORT_NODE_TRAINER_PRETRAIN_PRETRAIN_H_

namespace consort::trainer {

// Parses the arguments, trains and writes the model. Returns an exit code of common/status/exit_code.h. The
// same recordings, arguments, build and kind of CPU give the same model, bit for bit. Progress goes to
// stderr.
int PretrainMain(int argc, char** argv);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_PRETRAIN_PRETRAIN_H_
