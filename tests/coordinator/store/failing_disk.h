// A SQLite file system whose writes or syncs can be made to fail.
#ifndef CONSORT_TESTS_COORDINATOR_STORE_FAILING_DISK_H_
#define CONSORT_TESTS_COORDINATOR_STORE_FAILING_DISK_H_

namespace consort::testing {

// While one lives, every SQLite database opened uses it. Not thread-safe; one at a time.
class FailingDisk {
 public:
  enum class Fault { kNone, kSyncFails, kDiskFull };
  FailingDisk();
  ~FailingDisk();
  void Set(Fault fault);
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COORDINATOR_STORE_FAILING_DISK_H_
