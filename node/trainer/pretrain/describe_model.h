// `consort-trainer describe-model`: says what a model is and what its latents are like, and writes it out
// whole.
#ifndef CONSORT_NODE_TRAINER_PRETRAIN_DESCRIBE_MODEL_H_
#define CONSORT_NODE_TRAINER_PRETRAIN_DESCRIBE_MODEL_H_

namespace consort::trainer {

// Reads its arguments (argv[0] is the command) and returns the program's exit code.
int DescribeModelMain(int argc, char** argv);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_PRETRAIN_DESCRIBE_MODEL_H_
