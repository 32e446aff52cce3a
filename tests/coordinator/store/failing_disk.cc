#include "tests/coordinator/store/failing_disk.h"

#include <sqlite3.h>

namespace consort::testing {
namespace {

FailingDisk::Fault fault = FailingDisk::Fault::kNone;
sqlite3_vfs* real = nullptr;
sqlite3_vfs failing;

// The real methods of one kind of file, and the same with write and sync replaced. SQLite locks databases but
// not journals, so the two kinds have different methods.
struct Methods {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods failing;
};
Methods database_methods;
Methods journal_methods;

const sqlite3_io_methods* RealMethodsOf(sqlite3_file* file) {
  return file->pMethods == &database_methods.failing ? database_methods.real : journal_methods.real;
}

int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  if (fault == FailingDisk::Fault::kDiskFull) return SQLITE_FULL;
  return RealMethodsOf(file)->xWrite(file, bytes, count, offset);
}

int Sync(sqlite3_file* file, int flags) {
  if (fault == FailingDisk::Fault::kSyncFails) return SQLITE_IOERR_FSYNC;
  return RealMethodsOf(file)->xSync(file, flags);
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = real->xOpen(real, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  Methods& methods = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? database_methods : journal_methods;
  methods.real = file->pMethods;
  methods.failing = *file->pMethods;
  methods.failing.xWrite = Write;
  methods.failing.xSync = Sync;
  file->pMethods = &methods.failing;
  return code;
}

}  // namespace

FailingDisk::FailingDisk() {
  real = sqlite3_vfs_find(nullptr);
  failing = *real;
  failing.zName = "failing-disk";
  failing.xOpen = Open;
  fault = Fault::kNone;
  sqlite3_vfs_register(&failing, /*makeDflt=*/1);
}

FailingDisk::~FailingDisk() {
  sqlite3_vfs_unregister(&failing);
  sqlite3_vfs_register(real, /*makeDflt=*/1);
}

void FailingDisk::Set(Fault new_fault) { fault = new_fault; }

}  // namespace consort::testing
