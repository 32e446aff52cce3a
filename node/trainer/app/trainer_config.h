// trainer.toml: what an archive's trainer may read, where it keeps its state, and how it trains. The daemon
// cannot open this file. A coordinator's trainer has no [collection].
#ifndef CONSORT_NODE_TRAINER_APP_TRAINER_CONFIG_H_
#define CONSORT_NODE_TRAINER_APP_TRAINER_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/config/document.h"
#include "node/trainer/engine.h"

namespace consort::trainer {

struct TrainerConfig {
  EngineConfig engine;
  std::string log_level;
};

// Parses and validates. Keys, each with the environment twin CONSORT_<SECTION>_<KEY>:
//   [collection] recordings (folder), consent ("declared-by-operator"; without it every recording is
//     refused), traditions (table: subfolder = published name), max_recording_seconds (28800; 1 to 86400)
//   [state] directory     [listening] directory ("" = no listening files)
//   [training] threads (0: one a core; 0 to 1024)     [log] level ("info")
// Errors: those of ConfigDocument; InvalidArgument when a folder that the trainer writes holds the
// recordings.
absl::StatusOr<TrainerConfig> ReadTrainerConfig(const std::string& path, const Environment& environment);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_APP_TRAINER_CONFIG_H_
