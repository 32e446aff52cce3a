#include "node/daemon/task_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

constexpr size_t kMaxIdBytes = 64;
constexpr char kSpare[] = ".spare";  // no id begins with a point

absl::string_view NameOf(Record record) {
  switch (record) {
    case Record::kTask:
      return "task";
    case Record::kTrained:
      return "trained";
    case Record::kResult:
      return "result";
    case Record::kPayload:
      return "payload-facts";
    case Record::kScores:
      return "scores";
    case Record::kPlan:
      return "plan";
    case Record::kAnswer:
      return "answer";
    case Record::kEntry:
      return "entry";
    case Record::kVerdict:
      return "verdict";
    case Record::kFailure:
      return "failure";
  }
  return "unknown";
}

// Not synced: a power cut may undo it.
absl::Status RenameIfThere(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return StatusOfErrno(errno, absl::StrCat("renaming to ", to));
}

}  // namespace

absl::StatusOr<TaskStore> TaskStore::Open(const std::string& directory) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  return TaskStore(directory);
}

absl::Status TaskStore::CheckId(absl::string_view id) {
  bool good = !id.empty() && id.size() <= kMaxIdBytes;
  for (const char c : id) good = good && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-');
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "task id is not 1 to 64 of a-z, 0-9 and '-'; the coordinator must send another");
}

absl::Status TaskStore::Write(absl::string_view id, Record record, absl::string_view bytes) const {
  RETURN_IF_ERROR(CheckId(id));
  RETURN_IF_ERROR(MakeDirectory(FolderOf(id)));
  const std::string path = absl::StrCat(FolderOf(id), "/", NameOf(record));
  // Says that the values are whole, and they are not synced either.
  return record == Record::kTrained ? ReplaceFile(path, bytes) : WriteFileDurably(path, bytes);
}

absl::StatusOr<std::string> TaskStore::Read(absl::string_view id, Record record) const {
  RETURN_IF_ERROR(CheckId(id));
  return ReadStateFile(absl::StrCat(FolderOf(id), "/", NameOf(record)));
}

bool TaskStore::Has(absl::string_view id, Record record) const {
  return CheckId(id).ok() && access(absl::StrCat(FolderOf(id), "/", NameOf(record)).c_str(), F_OK) == 0;
}

absl::Status TaskStore::Remove(absl::string_view id, Record record) const {
  RETURN_IF_ERROR(CheckId(id));
  return RemoveAll(absl::StrCat(FolderOf(id), "/", NameOf(record)));
}

std::string TaskStore::ValuesPath(absl::string_view id) const {
  return absl::StrCat(FolderOf(id), "/values");
}

std::string TaskStore::PayloadPath(absl::string_view id) const {
  return absl::StrCat(FolderOf(id), "/payload");
}

absl::Status TaskStore::RemoveLargeFiles(absl::string_view id) const {
  RETURN_IF_ERROR(CheckId(id));
  RETURN_IF_ERROR(RemoveAll(ValuesPath(id)));
  return RemoveAll(PayloadPath(id));
}

absl::Status TaskStore::KeepSpare(absl::string_view id) const {
  RETURN_IF_ERROR(CheckId(id));
  return RenameIfThere(PayloadPath(id), SparePath());
}

absl::Status TaskStore::TakeSpare(absl::string_view id) const {
  RETURN_IF_ERROR(CheckId(id));
  return RenameIfThere(SparePath(), ValuesPath(id));
}

absl::Status TaskStore::RemoveSpare() const { return RemoveAll(SparePath()); }

absl::Status TaskStore::Retire(absl::string_view id) const {
  RETURN_IF_ERROR(CheckId(id));
  const bool keep = Has(id, Record::kVerdict);
  if (!keep) return RemoveAll(FolderOf(id));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(FolderOf(id)));
  for (const std::string& name : names) {
    if (name != NameOf(Record::kVerdict)) RETURN_IF_ERROR(RemoveAll(absl::StrCat(FolderOf(id), "/", name)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> TaskStore::List() const {
  ASSIGN_OR_RETURN(std::vector<std::string> names, ListDirectory(directory_));
  names.erase(std::remove(names.begin(), names.end(), kSpare), names.end());
  return names;
}

std::string TaskStore::SparePath() const { return absl::StrCat(directory_, "/", kSpare); }

std::string TaskStore::FolderOf(absl::string_view id) const { return absl::StrCat(directory_, "/", id); }

}  // namespace consort::node
