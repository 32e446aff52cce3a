// consort-trainer's service from configuration to end: restricts the process, opens the engine, serves.
#ifndef CONSORT_NODE_TRAINER_APP_RUN_TRAINER_H_
#define CONSORT_NODE_TRAINER_APP_RUN_TRAINER_H_

#include "absl/status/status.h"
#include "node/trainer/app/trainer_config.h"

namespace consort::trainer {

// Serves on `listener` until SIGTERM. `unsafe_no_sandbox` runs unrestricted and says so in the log and to the
// daemon. Call with one thread. Errors: of EnterSandbox, Engine::Open and ServeEngine.
absl::Status RunTrainer(const TrainerConfig& config, int listener, bool unsafe_no_sandbox);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_APP_RUN_TRAINER_H_
