// One writer for each resource at a time, also when a node comes back while its old connection still seems
// open.
#ifndef CONSORT_COORDINATOR_RPC_UPLOAD_SLOTS_H_
#define CONSORT_COORDINATOR_RPC_UPLOAD_SLOTS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/artifact/artifact_store.h"
#include "common/sync/mutex.h"

namespace consort::coordinator {

// The right to write one resource, and its writer. Lost when the same member claims the resource again.
class UploadSlot {
 public:
  UploadSlot(std::string member, std::function<void()> on_displaced)
      : member_(std::move(member)), on_displaced_(std::move(on_displaced)) {}

  // Runs `work` on the writer (null until `work` sets it), never at once with another holder's. Errors: those
  // of `work`; Aborted if the slot was taken over.
  absl::Status Use(const std::function<absl::Status(std::unique_ptr<SpoolWriter>&)>& work);

 private:
  friend class UploadSlots;
  // Waits for work in progress, closes the writer and tells the holder.
  void Displace();

  const std::string member_;
  const std::function<void()> on_displaced_;
  Mutex mutex_;
  bool displaced_ CONSORT_GUARDED_BY(mutex_) = false;
  std::unique_ptr<SpoolWriter> writer_ CONSORT_GUARDED_BY(mutex_);
};

// Thread-safe.
class UploadSlots {
 public:
  // `on_displaced` runs on the thread of the stream that takes over. Blocks while the old holder writes a
  // chunk. Errors: Unavailable while another member writes the same resource.
  absl::StatusOr<std::shared_ptr<UploadSlot>> Claim(const std::string& resource, const std::string& member,
                                                    std::function<void()> on_displaced);

 private:
  Mutex mutex_;
  std::map<std::string, std::weak_ptr<UploadSlot>> slots_
      CONSORT_GUARDED_BY(mutex_);  // dead ones swept by Claim
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_UPLOAD_SLOTS_H_
