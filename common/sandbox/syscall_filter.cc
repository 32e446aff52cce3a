#include "common/sandbox/syscall_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/status/macros.h"

namespace consort {
namespace {

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

constexpr uint32_t kDeny = SCMP_ACT_ERRNO(EPERM);

// Neither profile runs programs, looks into other processes, changes mounts, namespaces or the kernel, or
// gets round path rules: io_uring runs calls that no filter sees, handles and openat2 hide paths and flags,
// truncate is not Landlock's before ABI 3.
constexpr int kDeniedToBoth[] = {SCMP_SYS(execve),
                                 SCMP_SYS(execveat),
                                 SCMP_SYS(ptrace),
                                 SCMP_SYS(process_vm_readv),
                                 SCMP_SYS(process_vm_writev),
                                 SCMP_SYS(process_madvise),
                                 SCMP_SYS(pidfd_getfd),
                                 SCMP_SYS(kcmp),
                                 SCMP_SYS(io_uring_setup),
                                 SCMP_SYS(io_uring_enter),
                                 SCMP_SYS(io_uring_register),
                                 SCMP_SYS(open_by_handle_at),
                                 SCMP_SYS(openat2),
                                 SCMP_SYS(truncate),
                                 SCMP_SYS(fanotify_init),
                                 SCMP_SYS(mount),
                                 SCMP_SYS(umount2),
                                 SCMP_SYS(pivot_root),
                                 SCMP_SYS(chroot),
                                 SCMP_SYS(fsopen),
                                 SCMP_SYS(fsmount),
                                 SCMP_SYS(fspick),
                                 SCMP_SYS(move_mount),
                                 SCMP_SYS(open_tree),
                                 SCMP_SYS(mount_setattr),
                                 SCMP_SYS(unshare),
                                 SCMP_SYS(setns),
                                 SCMP_SYS(bpf),
                                 SCMP_SYS(perf_event_open),
                                 SCMP_SYS(userfaultfd),
                                 SCMP_SYS(init_module),
                                 SCMP_SYS(finit_module),
                                 SCMP_SYS(delete_module),
                                 SCMP_SYS(kexec_load),
                                 SCMP_SYS(kexec_file_load),
                                 SCMP_SYS(reboot),
                                 SCMP_SYS(swapon),
                                 SCMP_SYS(swapoff),
                                 SCMP_SYS(iopl),
                                 SCMP_SYS(ioperm),
                                 SCMP_SYS(add_key),
                                 SCMP_SYS(request_key),
                                 SCMP_SYS(keyctl)};

// The recording process makes no channel to anybody: it only accepts on the socket it was born with.
constexpr int kDeniedToRecordingProcess[] = {
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(bind),   SCMP_SYS(connect), SCMP_SYS(listen),
    SCMP_SYS(shmget), SCMP_SYS(shmat),      SCMP_SYS(msgget), SCMP_SYS(semget),  SCMP_SYS(mq_open)};

absl::Status Check(int result) {
  if (result == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the seccomp filter cannot be made: ", strerror(-result)));
}

absl::Status DenyAll(scmp_filter_ctx filter, absl::Span<const int> calls) {
  for (int call : calls) RETURN_IF_ERROR(Check(seccomp_rule_add(filter, kDeny, call, 0)));
  return absl::OkStatus();
}

// Lets the network process have the families it works with: no raw packets, no virtual machine's host, no
// Bluetooth.
absl::Status DenyOtherSocketFamilies(scmp_filter_ctx filter) {
  constexpr int kHighestAllowed = AF_NETLINK;  // getaddrinfo asks the kernel for its addresses
  for (int family = 0; family <= kHighestAllowed; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK) continue;
    RETURN_IF_ERROR(
        Check(seccomp_rule_add(filter, kDeny, SCMP_SYS(socket), 1, SCMP_A0_32(SCMP_CMP_EQ, family))));
  }
  return Check(
      seccomp_rule_add(filter, kDeny, SCMP_SYS(socket), 1, SCMP_A0_32(SCMP_CMP_GT, kHighestAllowed)));
}

// Opening with O_RDONLY|O_TRUNC empties a file that Landlock (before ABI 3) lets the process only read.
absl::Status DenyTruncationWhileReading(scmp_filter_ctx filter) {
  constexpr int kMask = O_ACCMODE | O_TRUNC;
  constexpr int kEmptying = O_RDONLY | O_TRUNC;
  RETURN_IF_ERROR(Check(
      seccomp_rule_add(filter, kDeny, SCMP_SYS(open), 1, SCMP_A1_32(SCMP_CMP_MASKED_EQ, kMask, kEmptying))));
  return Check(
      seccomp_rule_add(filter, kDeny, SCMP_SYS(openat), 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, kMask, kEmptying)));
}

}  // namespace

bool SyscallFiltersSupported() {
  const uint32_t action = SECCOMP_RET_ERRNO;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

absl::Status InstallSyscallFilter(SandboxProfile profile) {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  if (filter == nullptr) return Check(-ENOMEM);
  RETURN_IF_ERROR(DenyAll(filter.get(), kDeniedToBoth));
  RETURN_IF_ERROR(DenyTruncationWhileReading(filter.get()));
  if (profile == SandboxProfile::kRecordingProcess) {
    RETURN_IF_ERROR(DenyAll(filter.get(), kDeniedToRecordingProcess));
  } else {
    RETURN_IF_ERROR(DenyOtherSocketFamilies(filter.get()));
  }
  return Check(seccomp_load(filter.get()));
}

}  // namespace consort
