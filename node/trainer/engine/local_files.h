// What a trainer keeps of a job between its rounds and never sends.
#ifndef CONSORT_NODE_TRAINER_ENGINE_LOCAL_FILES_H_
#define CONSORT_NODE_TRAINER_ENGINE_LOCAL_FILES_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort::trainer {

// One file a round, `<prefix>-<round>`, so that a round that is trained again starts from what it started
// from the first time. Not thread-safe.
class LocalFiles {
 public:
  explicit LocalFiles(std::string prefix) : prefix_(std::move(prefix)) {}

  // The newest round with a file among those up to `round`; 0 if there is none.
  uint32_t NewestUpTo(uint32_t round) const;
  // Empty where nothing was kept, and for round 0.
  std::string Read(uint32_t round) const;
  // Keeps what `round` leaves, and of earlier rounds only `read`, which it began with. Durable when it
  // returns. Errors: as StatusOfErrno.
  absl::Status Write(uint32_t round, uint32_t read, absl::string_view bytes) const;

 private:
  std::string PathOf(uint32_t round) const;

  std::string prefix_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_LOCAL_FILES_H_
