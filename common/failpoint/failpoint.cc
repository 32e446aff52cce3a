#include "common/failpoint/failpoint.h"

#ifdef CONSORT_FAILPOINTS
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"

namespace consort {
namespace {

struct Armed {
  std::string name;
  uint64_t hit = 0;  // 0: never
  bool kills = true;
};

// A test that misspells its failpoint must not pass because nothing happened.
Armed ReadArmed() {
  const char* text = std::getenv("CONSORT_FAILPOINT");
  if (text == nullptr || *text == '\0') return {};
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  Armed armed;
  const bool good = (parts.size() == 2 || parts.size() == 3) && absl::SimpleAtoi(parts[1], &armed.hit) &&
                    armed.hit > 0 && (parts.size() == 2 || parts[2] == "kill" || parts[2] == "error");
  if (!good) std::abort();
  armed.name = parts[0];
  armed.kills = parts.size() == 2 || parts[2] == "kill";
  return armed;
}

absl::Mutex visits_mutex(absl::kConstInit);
uint64_t visits ABSL_GUARDED_BY(visits_mutex) = 0;

}  // namespace

absl::Status HitFailpoint(absl::string_view name) {
  static const Armed& armed = *new Armed(ReadArmed());
  if (armed.hit == 0 || name != armed.name) return absl::OkStatus();
  {
    const absl::MutexLock lock(&visits_mutex);
    if (++visits != armed.hit) return absl::OkStatus();
  }
  if (armed.kills) std::raise(SIGKILL);
  return absl::InternalError(absl::StrCat("failpoint ", name, " was asked to fail"));
}

}  // namespace consort
#endif
