// A seccomp filter that denies by list: a denied call answers EPERM, every other one is allowed. A list of
// allowed calls would break with each library update on machines that we never see; what must not happen is
// denied by name, and Landlock stands behind it for files.
#ifndef CONSORT_COMMON_SANDBOX_SYSCALL_FILTER_H_
#define CONSORT_COMMON_SANDBOX_SYSCALL_FILTER_H_

#include "absl/status/status.h"
#include "common/sandbox/sandbox.h"

namespace consort {

// Whether the kernel takes seccomp filters with an EPERM answer.
bool SyscallFiltersSupported();

// Installs the filter of `profile` on the calling thread and what it starts later; sets no_new_privs.
// Programs for another ABI than the native one (i386, x32) are killed, since their calls have other numbers.
// Errors: Internal when the filter cannot be built or loaded.
absl::Status InstallSyscallFilter(SandboxProfile profile);

}  // namespace consort

#endif  // CONSORT_COMMON_SANDBOX_SYSCALL_FILTER_H_
