#include "coordinator/rpc/job_service.h"

#include <utility>
#include <vector>

#include "common/rpc/error_detail.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/job.grpc.pb.h"
#include "coordinator/rpc/authorisation.h"
#include "coordinator/rpc/job_watch.h"
#include "coordinator/rpc/on_executor.h"

namespace consort::coordinator {
namespace {

// A watch that ends as it begins.
class RefusedWatch final : public grpc::ServerWriteReactor<v1::JobStatus> {
 public:
  explicit RefusedWatch(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

class JobServiceImpl final : public v1::JobService::CallbackService {
 public:
  explicit JobServiceImpl(JobParts parts) : parts_(std::move(parts)) {}

 private:
  using Context = grpc::CallbackServerContext;

  grpc::ServerUnaryReactor* Submit(Context* context, const v1::SubmitJobRequest* request,
                                   v1::SubmitJobResponse* response) override {
    const absl::StatusOr<PeerIdentity> caller = CallerOf(*context, parts_.federation);
    if (!caller.ok()) return Answer(context, caller.status());
    const RoundEngine::Submission submission{request->spec(), request->token(), caller->member.ToSpiffeId(),
                                             request->dry_run()};
    return OnExecutor(context, parts_.executor, [this, submission, response]() -> absl::Status {
      absl::StatusOr<RoundEngine::Submitted> submitted = parts_.engine.Submit(submission);
      if (absl::IsAlreadyExists(submitted.status()))
        return WithDetail(submitted.status(), "token-used", "job token");
      if (absl::IsInvalidArgument(submitted.status()))
        return WithDetail(submitted.status(), "bad-spec", "job file");
      RETURN_IF_ERROR(submitted.status());
      *response->mutable_job() = std::move(submitted->job);
      response->set_existed(submitted->existed);
      for (const std::string& note : submitted->notes) response->add_notes(note);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* Get(Context* context, const v1::GetJobRequest* request,
                                v1::JobStatus* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(*response, parts_.engine.GetJob(request->job_id()));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* List(Context* context, const v1::ListJobsRequest* request,
                                 v1::ListJobsResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<v1::JobStatus> jobs, parts_.engine.ListJobs(request->limit()));
      response->mutable_jobs()->Add(jobs.begin(), jobs.end());
      return absl::OkStatus();
    });
  }

  grpc::ServerWriteReactor<v1::JobStatus>* Watch(Context* context,
                                                 const v1::WatchJobRequest* request) override {
    const absl::StatusOr<PeerIdentity> caller = CallerOf(*context, parts_.federation);
    if (!caller.ok()) return new RefusedWatch(caller.status());
    const auto watch = std::make_shared<JobWatch>(parts_, *caller, request->job_id());
    watch->Open();
    return watch.get();
  }

  grpc::ServerUnaryReactor* Control(Context* context, const v1::ControlJobRequest* request,
                                    v1::JobStatus* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(*response, parts_.engine.Control(request->job_id(), request->action()));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ListModels(Context* context, const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<v1::ModelRecord> models,
                       parts_.engine.ListModels(request->job_id()));
      response->mutable_models()->Add(models.begin(), models.end());
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* Report(Context* context, const v1::JobReportRequest* request,
                                   v1::JobReportResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(*response->mutable_html(), parts_.report(request->job_id()));
      return absl::OkStatus();
    });
  }

  const JobParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeJobService(JobParts parts) {
  return std::make_unique<JobServiceImpl>(std::move(parts));
}

}  // namespace consort::coordinator
