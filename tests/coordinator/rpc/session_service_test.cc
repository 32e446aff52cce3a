// Sessions and jobs over a real connection: TLS, the callback streams, and their ends.
#include "coordinator/rpc/session_service.h"

#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/metrics/registry.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/tls_policy.h"
#include "common/session/protocol.h"
#include "common/sync/thread_executor.h"
#include "consort/v1/job.grpc.pb.h"
#include "consort/v1/session.grpc.pb.h"
#include "coordinator/rounds/engine.h"
#include "coordinator/rpc/coordinator_server.h"
#include "coordinator/rpc/job_service.h"
#include "coordinator/store/sqlite_store.h"
#include "tests/common/rpc/test_federation.h"
#include "tests/coordinator/ledger/test_ledger.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::TestFederation;
using ::testing::HasSubstr;

class NoTrainer : public Trainer {
 public:
  absl::StatusOr<v1::DescribeResponse> Describe() override { return Gone(); }
  absl::StatusOr<Prepared> Prepare(absl::string_view, const std::string&) override { return Gone(); }
  absl::StatusOr<v1::PlanResponse> Plan(absl::string_view) override { return Gone(); }
  absl::StatusOr<v1::TrainResult> Train(const v1::TrainHeader&, const TrainerArtifacts&, const Progress&,
                                        const TakeValues&, Cancellation&) override {
    return Gone();
  }
  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::EvaluateHeader&, const TrainerArtifacts&, const Progress&,
                                              Cancellation&) override {
    return Gone();
  }

 private:
  static absl::Status Gone() { return absl::UnavailableError("trainer-crashed: there is none"); }
};

// A coordinator with sessions, jobs and nothing else.
class SessionServiceTest : public ::testing::Test {
 protected:
  SessionServiceTest()
      : log_key_(SigningKey::Generate("ledger.example.org/music")),
        entry_key_(SigningKey::Generate("coordinator.example.org/entries")),
        store_(SqliteStore::Open(":memory:").value()),
        sequencer_(Sequencer::Open(*store_, {"example.org", "music", "ledger.example.org/music"}, log_key_,
                                   entry_key_, control_)
                       .value()),
        artifacts_(ArtifactStore::Open(federation_.Path("artifacts")).value()),
        sessions_(control_, {"ledger.example.org/music", "music", "vkey"},
                  [](const std::string&) { return absl::StatusOr<uint64_t>(0); }, metrics_) {
    RequireTls13();
    std::filesystem::create_directory(federation_.Path("spool"));
    OnControl([this] {
      const auto first = testing::CoordinatorEnrolled(log_key_.verifier(), entry_key_.verifier());
      EXPECT_TRUE(store_
                      ->Transact([&](Transaction& transaction) {
                        return sequencer_->AppendOwn(transaction, first.kind, first.subjects, first.predicate)
                            .status();
                      })
                      .ok());
      incidents_ = std::make_unique<IncidentBook>(*store_, *sequencer_, control_, ledger_metrics_);
      witnesses_ = std::make_unique<WitnessBoard>(
          WitnessBoard::Parts{*store_, *sequencer_, sessions_, control_, *incidents_, ledger_metrics_});
      engine_ = std::make_unique<RoundEngine>(RoundEngine::Parts{control_, *store_, *sequencer_, *artifacts_, sessions_,
                                                                 trainer_, workers_, metrics_, *witnesses_},
                                              RoundEngine::Config{federation_.Path("spool")});
      sessions_.SetEvents(*engine_);
    });
    session_service_ = MakeSessionService({"example.org", sessions_, directory_, control_});
    job_service_ = MakeJobService({"example.org", *engine_, directory_, control_, [](const std::string& job_id) {
                                     return absl::StatusOr<std::string>("report of " + job_id);
                                   }});
    server_ = CoordinatorServer::Start({"127.0.0.1:0", "example.org", federation_.Server()}, directory_,
                                       {session_service_.get(), job_service_.get()})
                  .value();
  }
  ~SessionServiceTest() override {
    server_->Shutdown(absl::ZeroDuration());
    workers_.Stop();
    OnControl([this] {
      engine_.reset();
      witnesses_.reset();
    });
  }

  void OnControl(const std::function<void()>& work) {
    std::promise<void> done;
    control_.Post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::string State(const std::string& archive) {
    std::string state;
    OnControl([&] { state = sessions_.PresenceOf(archive).state; });
    return state;
  }
  // Looks until the archive's state is `state`, or a bounded while has passed.
  bool BecomesState(const std::string& archive, const std::string& state) {
    for (int i = 0; i < 5000; ++i) {
      if (State(archive) == state) return true;
      std::promise<void> later;
      control_.PostAfter(absl::Milliseconds(1), [&] { later.set_value(); });
      later.get_future().wait();
    }
    return false;
  }
  std::shared_ptr<grpc::Channel> Member(v1::Role role, const std::string& name) {
    MemberRow row;
    row.role = role;
    row.name = name;
    directory_.Update(row);
    const auto files = federation_.Issue(role, name);
    return OpenChannel(federation_.Dial(absl::StrCat("127.0.0.1:", server_->port()), files)).value();
  }
  static v1::Envelope Hello() {
    v1::Envelope envelope;
    envelope.mutable_node_hello()->set_protocol_version(session::kProtocolVersion);
    envelope.mutable_node_hello()->add_capabilities(session::kCapabilityRing32);
    envelope.mutable_node_hello()->add_capabilities(session::kCapabilityPlain);
    return envelope;
  }
  v1::SubmitJobRequest Job() {
    v1::JobSpec spec;
    spec.set_name("A job");
    spec.set_base_model_digest(artifacts_->Put("not a model").value());
    spec.set_architecture("rave-tiny");
    spec.set_method(v1::METHOD_FULL);
    spec.set_purpose("train.generative");
    spec.set_rounds(1);
    spec.mutable_local()->set_steps(1);
    spec.mutable_local()->set_batch_size(1);
    spec.mutable_local()->set_window_samples(2048);
    spec.mutable_local()->set_learning_rate(1e-3);
    spec.set_strategy(v1::STRATEGY_FEDAVG);
    spec.set_server_learning_rate(1);
    spec.set_weighting(v1::WEIGHTING_ARCHIVE);
    spec.set_privacy(v1::PRIVACY_MODE_PLAIN);
    spec.set_clip_norm(1);
    spec.set_max_weight(1);
    spec.set_cohort_bound(1);
    spec.set_quorum(1);
    spec.set_recruiting_seconds(1);
    spec.set_deadline_seconds(1);
    spec.set_stall_seconds(1);
    spec.mutable_evaluation()->set_interval_level(0.95);
    v1::SubmitJobRequest request;
    request.set_spec(spec.SerializeAsString());
    return request;
  }

  TestFederation federation_;
  SigningKey log_key_;
  SigningKey entry_key_;
  MetricsRegistry registry_;
  FederationMetrics metrics_{registry_};
  MemberDirectory directory_;
  NoTrainer trainer_;
  ThreadExecutor control_;
  WorkerPool workers_{1};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<ArtifactStore> artifacts_;
  SessionRegistry sessions_;
  LedgerMetrics ledger_metrics_{registry_};
  std::unique_ptr<IncidentBook> incidents_;
  std::unique_ptr<WitnessBoard> witnesses_;
  std::unique_ptr<RoundEngine> engine_;
  std::unique_ptr<grpc::Service> session_service_;
  std::unique_ptr<grpc::Service> job_service_;
  std::unique_ptr<CoordinatorServer> server_;
};

TEST_F(SessionServiceTest, ANodeIsWelcomedAndGetsWhatIsSentToIt) {
  const auto stub = v1::SessionService::NewStub(Member(v1::ROLE_ARCHIVE, "archive-uk-1"));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Connect(&context);
  ASSERT_TRUE(stream->Write(Hello()));
  v1::Envelope envelope;
  ASSERT_TRUE(stream->Read(&envelope));
  EXPECT_EQ(envelope.welcome().ledger_origin(), "ledger.example.org/music");
  OnControl([this] {
    for (int i = 0; i < 100; ++i) {
      v1::Envelope task;
      task.set_request_id(absl::StrCat(i));
      task.mutable_task_cancelled();
      sessions_.Send("archive-uk-1", task);
    }
  });
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(stream->Read(&envelope));
    EXPECT_EQ(envelope.request_id(), absl::StrCat(i));
    EXPECT_EQ(envelope.sequence(), static_cast<uint64_t>(i + 1));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(BecomesState("archive-uk-1", "gone"));
}

TEST_F(SessionServiceTest, ANodeThatGoesAwayIsGoneAtOnce) {
  const auto stub = v1::SessionService::NewStub(Member(v1::ROLE_ARCHIVE, "archive-uk-1"));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Connect(&context);
  stream->Write(Hello());
  v1::Envelope envelope;
  ASSERT_TRUE(stream->Read(&envelope));
  EXPECT_EQ(State("archive-uk-1"), "connected");
  context.TryCancel();
  EXPECT_TRUE(BecomesState("archive-uk-1", "gone"));
}

TEST_F(SessionServiceTest, ARevokedArchivesStreamEnds) {
  const auto stub = v1::SessionService::NewStub(Member(v1::ROLE_ARCHIVE, "archive-uk-1"));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Connect(&context);
  stream->Write(Hello());
  v1::Envelope envelope;
  ASSERT_TRUE(stream->Read(&envelope));
  MemberRow row;
  row.role = v1::ROLE_ARCHIVE;
  row.name = "archive-uk-1";
  row.revoked = true;
  OnControl([&] { directory_.Update(row); });
  ASSERT_TRUE(stream->Read(&envelope));
  EXPECT_EQ(envelope.session_refused().code(), "revoked");
  EXPECT_FALSE(stream->Read(&envelope));
}

TEST_F(SessionServiceTest, OnlyArchivesKeepSessions) {
  const auto stub = v1::SessionService::NewStub(Member(v1::ROLE_RESEARCHER, "r"));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Connect(&context);
  v1::Envelope envelope;
  EXPECT_FALSE(stream->Read(&envelope));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(SessionServiceTest, ServerShutdownEndsOpenStreams) {
  const auto stub = v1::SessionService::NewStub(Member(v1::ROLE_ARCHIVE, "archive-uk-1"));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Connect(&context);
  stream->Write(Hello());
  v1::Envelope envelope;
  ASSERT_TRUE(stream->Read(&envelope));
  server_->Shutdown(absl::ZeroDuration());
  EXPECT_FALSE(stream->Read(&envelope));
  EXPECT_EQ(State("archive-uk-1"), "gone");
}

TEST_F(SessionServiceTest, AWatchOfAJobEndsWithItsLastStatus) {
  const auto stub = v1::JobService::NewStub(Member(v1::ROLE_RESEARCHER, "r"));
  v1::SubmitJobResponse submitted;
  {
    grpc::ClientContext context;
    SetDeadline(context);
    const grpc::Status status = stub->Submit(&context, Job(), &submitted);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_EQ(submitted.job().submitted_by(), "spiffe://example.org/researcher/r");
  grpc::ClientContext context;
  SetDeadline(context);
  v1::WatchJobRequest request;
  request.set_job_id(submitted.job().job_id());
  const auto watch = stub->Watch(&context, request);
  v1::JobStatus job;
  while (watch->Read(&job)) {
  }
  EXPECT_TRUE(watch->Finish().ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);  // its base model is none
}

TEST_F(SessionServiceTest, ABadSpecIsAnsweredWithEverythingThatIsWrong) {
  const auto stub = v1::JobService::NewStub(Member(v1::ROLE_RESEARCHER, "r"));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::SubmitJobResponse submitted;
  const grpc::Status status = stub->Submit(&context, v1::SubmitJobRequest(), &submitted);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), ::testing::AllOf(HasSubstr("rounds is 0"), HasSubstr("clip_norm is 0")));
}

TEST_F(SessionServiceTest, AnUnknownJobIsNotFoundAndAReportIsRendered) {
  const auto stub = v1::JobService::NewStub(Member(v1::ROLE_AUDITOR, "a"));
  {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchJobRequest request;
    request.set_job_id("none");
    const auto watch = stub->Watch(&context, request);
    v1::JobStatus job;
    EXPECT_FALSE(watch->Read(&job));
    EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  }
  grpc::ClientContext context;
  SetDeadline(context);
  v1::JobReportRequest request;
  request.set_job_id("j");
  v1::JobReportResponse report;
  ASSERT_TRUE(stub->Report(&context, request, &report).ok());
  EXPECT_EQ(report.html(), "report of j");
}

}  // namespace
}  // namespace consort::coordinator
