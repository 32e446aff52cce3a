// Gives up, for the life of the process, what it does not need: the kernel then keeps recordings and network
// apart whatever our own code does. Landlock (files) and seccomp (system calls) bind only the calling thread
// and what it starts later, so EnterSandbox runs in main before the first thread exists, and refuses
// otherwise.
#ifndef CONSORT_COMMON_SANDBOX_SANDBOX_H_
#define CONSORT_COMMON_SANDBOX_SANDBOX_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace consort {

enum class SandboxProfile {
  // May use IPv4, IPv6 and Unix sockets; opens only its own folders and what name resolution and TLS read.
  // Coordinator and node daemon.
  kNetworkProcess,
  // May read the folders it is given; makes no socket and connects nowhere (a listening socket inherited from
  // before still accepts). consort-trainer.
  kRecordingProcess,
};

struct SandboxPolicy {
  SandboxProfile profile = SandboxProfile::kNetworkProcess;
  // Files and folders (with everything below) that exist now. A folder outlives the renaming of files in it,
  // a file's rule does not: name folders for whatever is replaced while the process runs.
  std::vector<std::string> read_only;
  std::vector<std::string> read_write;  // folders; files, folders and Unix sockets may be made in them
  // Set by --unsafe-no-sandbox only: nothing is restricted.
  bool unsafe_no_sandbox = false;
};

// What the kernel offers, for `doctor` and for tests that cannot run without.
struct SandboxSupport {
  int landlock_abi = 0;  // 0: none
  bool seccomp_filters = false;
};
SandboxSupport ProbeSandboxSupport();

struct SandboxReport {
  bool restricted = false;               // false only with unsafe_no_sandbox
  bool empty_network_namespace = false;  // recording process: there is not even a loopback device to reach
};

// Restricts this process as `policy` says. Denied calls answer EACCES (files) or EPERM (everything else);
// both profiles also lose execve, ptrace, reading other processes' memory, io_uring, mounts and namespaces,
// and write no core file. Inherited by threads and children; cannot be undone. Errors, all before anything is
// restricted: FailedPrecondition when the process has more than one thread or the kernel has no Landlock or
// no seccomp (say --unsafe-no-sandbox to run all the same); NotFound for a path of the policy that does not
// exist; Internal when the kernel refuses a rule or a filter, after which the process must end.
absl::StatusOr<SandboxReport> EnterSandbox(const SandboxPolicy& policy);

// Threads of this process now, from /proc/self/task. Errors: Internal when that cannot be read.
absl::StatusOr<int> CountThreads();

}  // namespace consort

#endif  // CONSORT_COMMON_SANDBOX_SANDBOX_H_
