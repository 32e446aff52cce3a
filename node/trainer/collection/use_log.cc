#include "node/trainer/collection/use_log.h"

#include <fcntl.h>

#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

absl::Status AppendLines(const std::string& path, const std::vector<nlohmann::ordered_json>& lines) {
  std::string text;
  try {
    for (const nlohmann::ordered_json& line : lines) absl::StrAppend(&text, line.dump(), "\n");
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot write the use log: ", error.what()));
  }
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDWR | O_CREAT));
  ASSIGN_OR_RETURN(const uint64_t end, SizeOfFile(file));
  char last = '\n';
  if (end > 0) RETURN_IF_ERROR(ReadAt(file, end - 1, &last, 1).status());
  RETURN_IF_ERROR(WriteAt(file, end, last == '\n' ? text : "\n" + text));
  RETURN_IF_ERROR(Sync(file));
  return end == 0 ? SyncDirectoryOf(path) : absl::OkStatus();
}

}  // namespace

absl::Status UseLog::Append(absl::string_view round_id, absl::string_view use,
                            absl::Span<const RecordingUse> uses) {
  std::vector<nlohmann::ordered_json> lines;
  for (const RecordingUse& one : uses) {
    lines.push_back({{"round_id", std::string(round_id)},
                     {"use", std::string(use)},
                     {"recording_id", one.recording_id},
                     {"windows", one.windows}});
  }
  return AppendLines(path_, lines);
}

absl::Status UseLog::AppendReasons(absl::string_view round_id,
                                   absl::Span<const std::pair<std::string, std::string>> reasons) {
  std::vector<nlohmann::ordered_json> lines;
  for (const auto& [recording_id, reason] : reasons) {
    lines.push_back({{"round_id", std::string(round_id)},
                     {"use", "chosen"},
                     {"recording_id", recording_id},
                     {"reason", reason}});
  }
  return lines.empty() ? absl::OkStatus() : AppendLines(path_, lines);
}

}  // namespace consort::trainer
