// Landlock's three system calls (glibc has no wrappers): which files this process may still open.
// Source: Documentation/userspace-api/landlock.rst of Linux. No right newer than ABI 2 is used (Linux 5.19;
// Debian 12 has 6.1), so truncation, ioctl and TCP are not Landlock's here: syscall_filter.h closes the gaps.
#ifndef CONSORT_COMMON_SANDBOX_LANDLOCK_RULESET_H_
#define CONSORT_COMMON_SANDBOX_LANDLOCK_RULESET_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace consort {

// Returns the newest Landlock ABI of this kernel, 0 without Landlock.
int LandlockAbi();

// Rules being gathered. Not thread-safe.
class LandlockRuleset {
 public:
  enum class Access { kReadOnly, kReadWrite };

  // Errors: FailedPrecondition without Landlock; Internal when the kernel refuses.
  static absl::StatusOr<LandlockRuleset> Create();
  LandlockRuleset(LandlockRuleset&& other) noexcept;
  LandlockRuleset& operator=(LandlockRuleset&&) = delete;
  ~LandlockRuleset();

  // Allows `access` to `path` and, for a folder, to everything below it.
  // Keeps a descriptor of `path` (O_PATH: it opens nothing) for the life of the process: /proc makes a new
  // inode once its cached entry is dropped, and a rule that names the old inode then matches nothing. Errors:
  // NotFound when there is no such path; Internal otherwise.
  absl::Status Allow(const std::string& path, Access access);

  // Restricts the calling thread and what it starts later. Needs no_new_privs.
  absl::Status RestrictSelf() &&;

 private:
  LandlockRuleset(int descriptor, uint64_t handled) : descriptor_(descriptor), handled_(handled) {}

  int descriptor_;
  uint64_t handled_;  // rights that this kernel knows; each is denied where no rule allows it
};

}  // namespace consort

#endif  // CONSORT_COMMON_SANDBOX_LANDLOCK_RULESET_H_
