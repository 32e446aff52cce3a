#include "coordinator/enrol/member_directory.h"

#include "absl/strings/str_cat.h"

namespace consort::coordinator {

void MemberDirectory::Update(const MemberRow& row) {
  std::vector<std::function<void()>> told;
  {
    MutexLock lock(mutex_);
    const Key key(row.role, row.name);
    members_[key] = {row.revoked, absl::FromUnixSeconds(row.enrolled_unix_seconds)};
    if (!row.revoked) return;
    for (auto watcher = watchers_.begin(); watcher != watchers_.end();) {
      if (watcher->second.member == key) {
        told.push_back(std::move(watcher->second.on_revoked));
        watcher = watchers_.erase(watcher);
      } else {
        ++watcher;
      }
    }
  }
  for (const auto& on_revoked : told) on_revoked();
}

absl::Status MemberDirectory::Check(const PeerIdentity& peer) const {
  MutexLock lock(mutex_);
  const auto member = members_.find({peer.member.role, peer.member.name});
  if (member == members_.end()) {
    return absl::UnauthenticatedError(
        absl::StrCat("certificate is of an unknown member; enrol again: ", peer.member.ToSpiffeId()));
  }
  // A name may be enrolled again after a revocation: certificates from before stay refused.
  if (member->second.revoked ||
      peer.certificate_not_before + kCertificateBackdate < member->second.enrolled) {
    return absl::UnauthenticatedError(absl::StrCat(
        "certificate has been revoked; ask an operator for a new invitation: ", peer.member.ToSpiffeId()));
  }
  return absl::OkStatus();
}

MemberDirectory::WatchId MemberDirectory::Watch(v1::Role role, absl::string_view name,
                                                std::function<void()> on_revoked) {
  WatchId id = 0;
  {
    MutexLock lock(mutex_);
    id = next_watch_++;
    const Key key(role, std::string(name));
    const auto member = members_.find(key);
    if (member == members_.end() || !member->second.revoked) {
      watchers_[id] = {key, std::move(on_revoked)};
      return id;
    }
  }
  on_revoked();
  return id;
}

void MemberDirectory::Unwatch(WatchId watch) {
  MutexLock lock(mutex_);
  watchers_.erase(watch);
}

}  // namespace consort::coordinator
