#include "common/sandbox/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/sandbox/landlock_ruleset.h"
#include "common/sandbox/syscall_filter.h"
#include "common/status/macros.h"

namespace consort {
namespace {

// What shared libraries read long after the start: other libraries (dlopen), processor features (LibTorch and
// oneDNN throw without /proc/cpuinfo), cgroup limits, locale, time zone, random bytes.
constexpr const char* kSystemPathsOfBoth[] = {"/usr/lib",
                                              "/lib",
                                              "/lib64",
                                              "/usr/share/zoneinfo",
                                              "/usr/share/locale",
                                              "/usr/lib/locale",
                                              "/etc/ld.so.cache",
                                              "/etc/localtime",
                                              "/etc/nsswitch.conf",
                                              "/etc/passwd",
                                              "/etc/group",
                                              "/proc/cpuinfo",
                                              "/proc/meminfo",
                                              "/proc/stat",
                                              "/proc/self",
                                              "/sys/devices/system",
                                              "/sys/fs/cgroup",
                                              "/dev/urandom",
                                              "/dev/random",
                                              "/dev/zero"};

// Name resolution and TLS. /etc as a folder, because resolv.conf is replaced while the process runs.
constexpr const char* kSystemPathsOfNetworkProcess[] = {"/etc",
                                                        "/run/systemd/resolve",
                                                        "/run/NetworkManager",
                                                        "/run/resolvconf",
                                                        "/usr/share/ca-certificates",
                                                        "/proc/sys/net",
                                                        "/proc/sys/kernel",
                                                        "/proc/net"};

absl::Status AllowSystemPaths(LandlockRuleset& rules, absl::Span<const char* const> paths) {
  for (const char* path : paths) {
    const absl::Status allowed = rules.Allow(path, LandlockRuleset::Access::kReadOnly);
    // Not every machine has every one of them.
    if (!allowed.ok() && !absl::IsNotFound(allowed)) return allowed;
  }
  return absl::OkStatus();
}

absl::StatusOr<LandlockRuleset> GatherRules(const SandboxPolicy& policy) {
  ASSIGN_OR_RETURN(LandlockRuleset rules, LandlockRuleset::Create());
  RETURN_IF_ERROR(AllowSystemPaths(rules, kSystemPathsOfBoth));
  if (policy.profile == SandboxProfile::kNetworkProcess) {
    RETURN_IF_ERROR(AllowSystemPaths(rules, kSystemPathsOfNetworkProcess));
  }
  RETURN_IF_ERROR(rules.Allow("/dev/null", LandlockRuleset::Access::kReadWrite));
  for (const std::string& path : policy.read_only) {
    RETURN_IF_ERROR(rules.Allow(path, LandlockRuleset::Access::kReadOnly));
  }
  for (const std::string& path : policy.read_write) {
    RETURN_IF_ERROR(rules.Allow(path, LandlockRuleset::Access::kReadWrite));
  }
  return rules;
}

absl::Status RequireOneThread() {
  ASSIGN_OR_RETURN(const int threads, CountThreads());
  if (threads == 1) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the sandbox binds only the thread that enters it; enter before others start: threads ", threads));
}

absl::Status RequireKernelSupport() {
  const SandboxSupport support = ProbeSandboxSupport();
  if (support.landlock_abi > 0 && support.seccomp_filters) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("this kernel cannot keep recordings and network apart; use Linux 5.13 or newer with "
                   "Landlock and seccomp, or "
                   "say --unsafe-no-sandbox to run without: Landlock ABI ",
                   support.landlock_abi, ", seccomp ", support.seccomp_filters ? "yes" : "no"));
}

// Leaves the machine's network for a namespace without devices. Ordinary users may not (and systemd has done
// it for them); the system-call filter keeps them from making sockets all the same.
bool EnterEmptyNetworkNamespace() { return unshare(CLONE_NEWNET) == 0; }

}  // namespace

SandboxSupport ProbeSandboxSupport() { return {LandlockAbi(), SyscallFiltersSupported()}; }

absl::StatusOr<int> CountThreads() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), closedir);
  if (folder == nullptr) {
    return absl::InternalError(absl::StrCat("/proc/self/task cannot be read: ", strerror(errno)));
  }
  int threads = 0;
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++threads;
  }
  return threads;
}

absl::StatusOr<SandboxReport> EnterSandbox(const SandboxPolicy& policy) {
  if (policy.unsafe_no_sandbox) return SandboxReport{};
  RETURN_IF_ERROR(RequireOneThread());
  RETURN_IF_ERROR(RequireKernelSupport());
  ASSIGN_OR_RETURN(LandlockRuleset rules, GatherRules(policy));

  SandboxReport report;
  report.restricted = true;
  if (policy.profile == SandboxProfile::kRecordingProcess) {
    report.empty_network_namespace = EnterEmptyNetworkNamespace();
  }
  const rlimit no_core = {0, 0};  // a core file would hold keys or audio
  if (setrlimit(RLIMIT_CORE, &no_core) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return absl::InternalError(absl::StrCat("privileges cannot be given up: ", strerror(errno)));
  }
  RETURN_IF_ERROR(std::move(rules).RestrictSelf());
  RETURN_IF_ERROR(InstallSyscallFilter(policy.profile));
  return report;
}

}  // namespace consort
