#include "common/sandbox/landlock_ruleset.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace consort {
namespace {

constexpr uint64_t kReadRights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kWriteRights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                  LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                                  LANDLOCK_ACCESS_FS_REFER;
// Denied everywhere: running programs, making devices, pipes and links out of the allowed folders.
constexpr uint64_t kNeverRights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                  LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                  LANDLOCK_ACCESS_FS_MAKE_SYM;
// The rights of ours that a rule on a file, not a folder, may name; the kernel refuses the others there.
constexpr uint64_t kFileRights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;

absl::Status KernelError(absl::string_view what) {
  return absl::InternalError(absl::StrCat("the kernel refused Landlock's ", what, ": ", strerror(errno)));
}

}  // namespace

int LandlockAbi() {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

absl::StatusOr<LandlockRuleset> LandlockRuleset::Create() {
  const int abi = LandlockAbi();
  if (abi == 0) {
    return absl::FailedPreconditionError(
        "this kernel has no Landlock (Linux 5.13 or newer with landlock in its lsm= list)");
  }
  landlock_ruleset_attr attributes = {};
  attributes.handled_access_fs = kReadRights | kWriteRights | kNeverRights;
  if (abi < 2) attributes.handled_access_fs &= ~static_cast<uint64_t>(LANDLOCK_ACCESS_FS_REFER);
  const int descriptor = static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes.handled_access_fs), 0));
  if (descriptor < 0) return KernelError("ruleset");
  return LandlockRuleset(descriptor, attributes.handled_access_fs);
}

LandlockRuleset::LandlockRuleset(LandlockRuleset&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), handled_(other.handled_) {}

LandlockRuleset::~LandlockRuleset() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status LandlockRuleset::Allow(const std::string& path, Access access) {
  const int beneath = open(path.c_str(), O_PATH | O_CLOEXEC);
  struct stat info;
  if (beneath < 0 || fstat(beneath, &info) != 0) {
    const std::string message =
        absl::StrCat("a path for the sandbox cannot be opened: ", strerror(errno), ": ", path);
    return errno == ENOENT ? absl::NotFoundError(message) : absl::InternalError(message);
  }
  landlock_path_beneath_attr rule = {};
  rule.parent_fd = beneath;
  rule.allowed_access = (access == Access::kReadWrite ? kReadRights | kWriteRights : kReadRights) & handled_;
  if (!S_ISDIR(info.st_mode)) rule.allowed_access &= kFileRights;
  if (syscall(SYS_landlock_add_rule, descriptor_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return KernelError("rule");
  }
  return absl::OkStatus();
}

absl::Status LandlockRuleset::RestrictSelf() && {
  if (syscall(SYS_landlock_restrict_self, descriptor_, 0) != 0) return KernelError("restriction");
  return absl::OkStatus();
}

}  // namespace consort
