// Who is a member right now, in memory: asked by every call, changed by enrolment and revocation.
#ifndef CONSORT_COORDINATOR_ENROL_MEMBER_DIRECTORY_H_
#define CONSORT_COORDINATOR_ENROL_MEMBER_DIRECTORY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/peer_identity.h"
#include "common/sync/mutex.h"
#include "consort/v1/federation.pb.h"
#include "coordinator/store/rows.h"

namespace consort::coordinator {

// Certificates start this long before they are issued, for members whose clock is behind.
inline constexpr absl::Duration kCertificateBackdate = absl::Minutes(5);

class MemberDirectory {
 public:
  using WatchId = uint64_t;

  // Takes up a stored member, new or changed. If it is revoked now and was not, those who watch it are told,
  // once each, on the caller's thread (the control executor).
  void Update(const MemberRow& row);

  // Says whether the holder of this certificate is a member now. Any thread. Errors: Unauthenticated for an
  // unknown member and for a certificate of an enrolment that has been revoked.
  absl::Status Check(const PeerIdentity& peer) const;

  // Calls `on_revoked` when the member is revoked: how open streams end at once. Any thread. A member that is
  // revoked already is told at once, on the caller's thread.
  WatchId Watch(v1::Role role, absl::string_view name, std::function<void()> on_revoked);
  // After this returns the callback does not start, unless it is starting just now on another thread.
  void Unwatch(WatchId watch);

 private:
  using Key = std::pair<v1::Role, std::string>;
  struct Entry {
    bool revoked = false;
    absl::Time enrolled;
  };
  struct Watcher {
    Key member;
    std::function<void()> on_revoked;
  };

  mutable Mutex mutex_;
  std::map<Key, Entry> members_ CONSORT_GUARDED_BY(mutex_);
  std::map<WatchId, Watcher> watchers_ CONSORT_GUARDED_BY(mutex_);
  WatchId next_watch_ CONSORT_GUARDED_BY(mutex_) = 1;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ENROL_MEMBER_DIRECTORY_H_
