#include "cli/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"

namespace consort::cli {

absl::StatusOr<ScratchFolder> ScratchFolder::Make() {
  const char* const parent = std::getenv("TMPDIR");
  std::string path = absl::StrCat(parent == nullptr ? "/tmp" : parent, "/consort-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return StatusOfErrno(errno, absl::StrCat("make a folder: ", path));
  return ScratchFolder(std::move(path));
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;  // what cannot be removed is left to the system's own cleaning
  if (!path_.empty()) std::filesystem::remove_all(path_, error);
}

}  // namespace consort::cli
