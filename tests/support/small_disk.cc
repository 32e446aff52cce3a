#include "tests/support/small_disk.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace consort::testing {
namespace {

// Maps our user and group onto themselves, as a user namespace without maps owns nothing.
bool WriteIdMap(const char* file, unsigned id) {
  std::ofstream map(file);
  map << id << ' ' << id << " 1";
  return static_cast<bool>(map.flush());
}

}  // namespace

bool EnterOwnMounts() {
  const unsigned user = getuid();
  const unsigned group = getgid();
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream("/proc/self/setgroups") << "deny";
    if (!WriteIdMap("/proc/self/uid_map", user) || !WriteIdMap("/proc/self/gid_map", group)) return false;
  }
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

SmallDisk::SmallDisk(const std::string& folder, int64_t bytes) : folder_(folder) {
  std::filesystem::create_directories(folder);
  if (mount("tmpfs", folder.c_str(), "tmpfs", 0, absl::StrCat("size=", bytes).c_str()) != 0) std::abort();
}

SmallDisk::~SmallDisk() { umount2(folder_.c_str(), MNT_DETACH); }

void SmallDisk::Grow(int64_t bytes) {
  if (mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, absl::StrCat("size=", bytes).c_str()) != 0)
    std::abort();
}

}  // namespace consort::testing
