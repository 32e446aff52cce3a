// Disks of a few megabytes, for tests of full ones.
#ifndef CONSORT_TESTS_SUPPORT_SMALL_DISK_H_
#define CONSORT_TESTS_SUPPORT_SMALL_DISK_H_

#include <cstdint>
#include <string>

namespace consort::testing {

// Gives this process and those it starts mounts of their own, so that SmallDisk may mount. Before the first
// thread. False where the machine does not allow that.
bool EnterOwnMounts();

// Memory mounted over a folder, made if it is not there; unmounted at the end. Set-up that fails ends the
// program.
class SmallDisk {
 public:
  SmallDisk(const std::string& folder, int64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Makes room; what is stored stays.
  void Grow(int64_t bytes);

 private:
  const std::string folder_;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_SMALL_DISK_H_
