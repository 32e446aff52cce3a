// A folder for one command's files, removed with everything in it at the end.
#ifndef CONSORT_CLI_SCRATCH_FOLDER_H_
#define CONSORT_CLI_SCRATCH_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace consort::cli {

class ScratchFolder {
 public:
  // Under $TMPDIR or /tmp, for its owner alone. Errors: as StatusOfErrno.
  static absl::StatusOr<ScratchFolder> Make();
  ~ScratchFolder();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_SCRATCH_FOLDER_H_
