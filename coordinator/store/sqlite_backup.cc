#include "coordinator/store/sqlite_backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"

namespace consort::coordinator {
namespace {

absl::Status CopyPages(SqliteDatabase& from, const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> to,
                   SqliteDatabase::Open(path, SqliteDatabase::Mode::kCreate));
  sqlite3_backup* backup = sqlite3_backup_init(to->handle(), "main", from.handle(), "main");
  if (backup == nullptr) {
    return StatusOfSqlite(sqlite3_errcode(to->handle()), "starting a backup", sqlite3_errmsg(to->handle()));
  }
  sqlite3_backup_step(backup, -1);  // all pages under one read lock; finish reports how it went
  const int code = sqlite3_backup_finish(backup);
  if (code != SQLITE_OK) return StatusOfSqlite(code, "copying a backup", sqlite3_errstr(code));
  return absl::OkStatus();
}

absl::Status Publish(const std::string& partial, const std::string& path) {
  RETURN_IF_ERROR(SyncFile(partial));
  // A hard link, unlike a rename, does not replace a file that came meanwhile.
  if (link(partial.c_str(), path.c_str()) != 0) {
    if (errno == EEXIST)
      return absl::AlreadyExistsError(absl::StrCat("the backup's file exists already: ", path));
    return absl::InternalError(absl::StrCat("cannot name the backup ", path, ": ", std::strerror(errno)));
  }
  return SyncDirectoryOf(path);
}

}  // namespace

absl::Status BackUpSqlite(SqliteDatabase& database, const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) {
    return absl::AlreadyExistsError(absl::StrCat("the backup's file exists already: ", path));
  }
  const std::string partial = absl::StrCat(path, ".partial");
  unlink(partial.c_str());  // left by a backup that was cut off
  absl::Status status = CopyPages(database, partial);
  if (status.ok()) status = Publish(partial, path);
  unlink(partial.c_str());
  return status;
}

}  // namespace consort::coordinator
