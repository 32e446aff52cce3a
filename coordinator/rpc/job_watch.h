// One person's watch of a job: the newest status, as fast as the peer reads, until the job has ended. Private
// to this folder.
#ifndef CONSORT_COORDINATOR_RPC_JOB_WATCH_H_
#define CONSORT_COORDINATOR_RPC_JOB_WATCH_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <string>

#include "common/rpc/peer_identity.h"
#include "common/sync/mutex.h"
#include "coordinator/rpc/job_service.h"

namespace consort::coordinator {

// Held by std::shared_ptr; keeps itself alive from Open until gRPC is done with it. A peer that reads slowly
// misses statuses in between, never the last one.
class JobWatch final : public grpc::ServerWriteReactor<v1::JobStatus>,
                       public std::enable_shared_from_this<JobWatch> {
 public:
  JobWatch(const JobParts& parts, PeerIdentity peer, std::string job_id)
      : parts_(parts), peer_(std::move(peer)), job_id_(std::move(job_id)) {}

  void Open();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Take(const v1::JobStatus& status);
  void End(const absl::Status& status);
  void Step() CONSORT_REQUIRES(mutex_);

  const JobParts& parts_;
  const PeerIdentity peer_;
  const std::string job_id_;
  std::shared_ptr<JobWatch> self_;
  RoundEngine::WatchId watch_ = 0;  // executor only
  MemberDirectory::WatchId revocation_watch_ = 0;

  Mutex mutex_;
  std::optional<v1::JobStatus> next_ CONSORT_GUARDED_BY(mutex_);
  v1::JobStatus written_;  // gRPC's while writing_
  bool writing_ CONSORT_GUARDED_BY(mutex_) = false;
  bool last_taken_ CONSORT_GUARDED_BY(mutex_) = false;  // the job has ended
  bool finished_ CONSORT_GUARDED_BY(mutex_) = false;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_JOB_WATCH_H_
