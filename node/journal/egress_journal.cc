#include "node/journal/egress_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/journal/journal_reader.h"

namespace consort::node {
namespace {

std::string IdentityOf(const JournalRow& row) {
  return absl::StrCat(row.type, " ", row.round_id, " ", row.digest);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EgressJournal>> EgressJournal::Open(const std::string& path) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDWR | O_CREAT));
  RETURN_IF_ERROR(SyncDirectoryOf(path));
  std::unique_ptr<EgressJournal> journal(new EgressJournal(std::move(file), 0));
  ASSIGN_OR_RETURN(const JournalEnd end, ReadJournal(path, [&journal](const JournalRow& row) {
                     journal->Count(row);
                     return absl::OkStatus();
                   }));
  if (end.torn_bytes > 0) {
    if (ftruncate(journal->file_.get(), static_cast<off_t>(end.complete_bytes)) != 0) {
      return StatusOfErrno(errno, absl::StrCat("cutting off an unfinished row of ", path));
    }
    RETURN_IF_ERROR(Sync(journal->file_));
  }
  journal->size_ = end.complete_bytes;
  journal->head_ = end.head;
  return journal;
}

absl::Status EgressJournal::Append(JournalRow row) {
  if (failed_) {
    return absl::InternalError(
        "egress journal could not be synced before; nothing may leave until a restart");
  }
  row.number = rows_ + 1;
  row.previous = head_;
  const std::string line = FormatRow(row);
  absl::Status written = WriteAt(file_, size_, absl::StrCat(line, "\n"));
  if (written.ok()) written = Sync(file_);
  if (!written.ok()) {
    failed_ = true;
    return written;
  }
  size_ += line.size() + 1;
  head_ = RowHash(line);
  Count(row);
  return absl::OkStatus();
}

absl::Status EgressJournal::AppendOnce(JournalRow row) {
  return derived_.contains(IdentityOf(row)) ? absl::OkStatus() : Append(std::move(row));
}

uint64_t EgressJournal::DerivedBytes(absl::string_view job_id) const {
  const auto found = derived_bytes_.find(std::string(job_id));
  return found == derived_bytes_.end() ? 0 : found->second;
}

void EgressJournal::Count(const JournalRow& row) {
  ++rows_;
  bytes_total_ += row.bytes;
  if (!row.derived()) return;
  derived_bytes_[row.job_id] += row.bytes;
  derived_.insert(IdentityOf(row));
}

}  // namespace consort::node
