#include "node/trainer/app/single_thread_start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/sandbox/sandbox.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

constexpr char kBlasThreads[] = "OPENBLAS_NUM_THREADS";

}  // namespace

absl::Status EnsureSingleThread(char** argv) {
  ASSIGN_OR_RETURN(const int threads, CountThreads());
  if (threads == 1) return absl::OkStatus();
  const char* limit = getenv(kBlasThreads);
  if (limit != nullptr && absl::string_view(limit) == "1") {
    return absl::FailedPreconditionError(
        absl::StrCat("a library started threads before the sandbox could be entered; look for one that is "
                     "preloaded: threads ",
                     threads));
  }
  setenv(kBlasThreads, "1", /*overwrite=*/1);
  execv("/proc/self/exe", argv);
  return absl::InternalError(absl::StrCat("consort-trainer cannot run itself again: ", strerror(errno)));
}

}  // namespace consort::trainer
