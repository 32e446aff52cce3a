#include "coordinator/app/trainer_file.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "coordinator/app/coordinator_config.h"

namespace consort::coordinator {

absl::Status WriteTrainerFile(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(directory, error).lexically_normal();
  if (error) return StatusOfErrno(error.value(), absl::StrCat("tell the path of ", directory));
  ASSIGN_OR_RETURN(const std::string state, TomlLiteral((folder / "state").string()));
  return WriteFileDurably(
      (folder / "trainer.toml").string(),
      absl::StrCat("# The coordinator's trainer: prepares models; it has no recordings.\n"
                   "[state]\ndirectory = ",
                   state, "\n\n[training]\nthreads = 0  # 0 = all cores\n\n[log]\nlevel = 'info'\n"));
}

}  // namespace consort::coordinator
