#include "node/trainer/collection/use_log.h"

#include <fcntl.h>

#include <exception>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::trainer {

absl::Status UseLog::Append(absl::string_view round_id, absl::string_view use,
                            absl::Span<const RecordingUse> uses) {
  std::string lines;
  try {
    for (const RecordingUse& one : uses) {
      const nlohmann::ordered_json line = {{"round_id", std::string(round_id)},
                                           {"use", std::string(use)},
                                           {"recording_id", one.recording_id},
                                           {"windows", one.windows}};
      absl::StrAppend(&lines, line.dump(), "\n");
    }
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot write the use log: ", error.what()));
  }
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path_, O_RDWR | O_CREAT));
  ASSIGN_OR_RETURN(const uint64_t end, SizeOfFile(file));
  char last = '\n';
  if (end > 0) RETURN_IF_ERROR(ReadAt(file, end - 1, &last, 1).status());
  RETURN_IF_ERROR(WriteAt(file, end, last == '\n' ? lines : "\n" + lines));
  RETURN_IF_ERROR(Sync(file));
  return end == 0 ? SyncDirectoryOf(path_) : absl::OkStatus();
}

}  // namespace consort::trainer
