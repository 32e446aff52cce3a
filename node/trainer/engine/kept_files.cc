#include "node/trainer/engine/kept_files.h"

#include <system_error>

#include "absl/strings/match.h"

namespace consort::trainer {

void RemoveForgottenFiles(const std::string& directory, absl::string_view in_use,
                          std::filesystem::file_time_type now) {
  std::error_code failed;
  for (std::filesystem::directory_iterator file(directory, failed), end; !failed && file != end;
       file.increment(failed)) {
    const std::string path = file->path().string();
    if (!absl::StartsWith(file->path().filename().string(), kLocalPrefix) || absl::StartsWith(path, in_use)) {
      continue;
    }
    std::error_code ignored;
    const auto written = file->last_write_time(ignored);
    if (!ignored && now - written > kKeptFor) std::filesystem::remove(file->path(), ignored);
  }
}

}  // namespace consort::trainer
