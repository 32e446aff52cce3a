// A daemon's trainer from the daemon's side: what consort-node and consort-coordinator do alike.
#ifndef CONSORT_COMMON_LAUNCHER_DAEMON_TRAINER_H_
#define CONSORT_COMMON_LAUNCHER_DAEMON_TRAINER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/launcher/launcher.h"

namespace consort {

// As in a daemon's configuration under [trainer].
struct DaemonTrainer {
  std::string socket_path;
  std::string program;      // empty: somebody else (systemd) starts it
  std::string config_path;  // handed to the program
};

// Forks the launcher, if it is ours to start the trainer; null otherwise. A daemon that was killed leaves a
// trainer which its launcher is still stopping: the socket is waited for, twice Launcher::kStopGrace at most.
// Errors: as Launcher::Start.
absl::StatusOr<std::unique_ptr<Launcher>> StartTrainer(const DaemonTrainer& trainer);

// Writes each end of the trainer, and the launcher's, into the log. `launcher` may be null. After the process
// restricted itself. `daemon`: the program's name, for whoever must restart it; outlives the launcher.
void LogTrainerEnds(Launcher* launcher, const char* daemon);

}  // namespace consort

#endif  // CONSORT_COMMON_LAUNCHER_DAEMON_TRAINER_H_
