#include "coordinator/rpc/upload_slots.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::coordinator {

absl::Status UploadSlot::Use(const std::function<absl::Status(std::unique_ptr<SpoolWriter>&)>& work) {
  MutexLock lock(mutex_);
  if (displaced_) return absl::AbortedError("a newer transfer of the same bytes has taken over");
  return work(writer_);
}

void UploadSlot::Displace() {
  {
    MutexLock lock(mutex_);
    displaced_ = true;
    writer_.reset();
  }
  on_displaced_();
}

absl::StatusOr<std::shared_ptr<UploadSlot>> UploadSlots::Claim(const std::string& resource,
                                                               const std::string& member,
                                                               std::function<void()> on_displaced) {
  auto slot = std::make_shared<UploadSlot>(member, std::move(on_displaced));
  std::shared_ptr<UploadSlot> old;
  {
    MutexLock lock(mutex_);
    for (auto entry = slots_.begin(); entry != slots_.end();) {
      entry = entry->second.expired() ? slots_.erase(entry) : std::next(entry);
    }
    const auto found = slots_.find(resource);
    if (found != slots_.end()) old = found->second.lock();
    if (old != nullptr && old->member_ != member) {
      return absl::UnavailableError(
          absl::StrCat("somebody else is sending the same bytes; try again: ", resource));
    }
    slots_[resource] = slot;
  }
  if (old != nullptr) old->Displace();
  return slot;
}

}  // namespace consort::coordinator
