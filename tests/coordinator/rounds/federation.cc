#include "tests/coordinator/rounds/federation.h"

#include <filesystem>
#include <utility>

#include "common/artifact/safetensors.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "coordinator/store/sqlite_store.h"
#include "tests/coordinator/ledger/test_ledger.h"

namespace consort::coordinator::testing {
namespace {

constexpr char kFederation[] = "test.example";
constexpr char kOrigin[] = "ledger.test.example/music";
constexpr int64_t kValues = 64;

std::string Model(float value, bool analyses = false) {
  const std::vector<float> values(kValues, value);
  const absl::string_view bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  std::vector<TensorView> tensors = {{"decoder.weight", "F32", {8, 8}, bytes}};
  const std::string zeros(3 * sizeof(float), '\0');
  if (analyses) tensors.push_back({Federation::kAnalysisTensor, "F32", {3}, zeros});
  return WriteSafetensors(std::move(tensors), {}).value();
}

SigningKey KeyFor(absl::string_view name) {
  return SigningKey::FromSeed(name, KeyAlgorithm::kEd25519, std::string(ViewOf(Sha256Of(name)))).value();
}

}  // namespace

// Messages travel through the executor, as over a stream; those under way die with the process.
class Federation::Gateway : public NodeGateway {
 public:
  Gateway(Executor& executor, std::map<std::string, std::unique_ptr<FakeArchive>>& archives)
      : executor_(executor), archives_(archives) {}
  void Send(absl::string_view archive, v1::Envelope envelope) override {
    const std::string name(archive);
    if (connected.count(name) == 0) return;
    executor_.Post([this, name, envelope] { archives_.at(name)->OnMessage(envelope); });
  }
  bool Connected(absl::string_view archive) const override {
    return connected.count(std::string(archive)) > 0;
  }
  void Disconnect(absl::string_view archive, absl::string_view) override {
    connected.erase(std::string(archive));
  }

  std::set<std::string> connected;

 private:
  Executor& executor_;
  std::map<std::string, std::unique_ptr<FakeArchive>>& archives_;
};

class Federation::CountingStore : public Store {
 public:
  CountingStore(std::unique_ptr<Store> store, Federation& federation)
      : store_(std::move(store)), federation_(federation) {}
  absl::Status Transact(const std::function<absl::Status(Transaction&)>& work) override {
    const absl::Status status = store_->Transact(work);
    if (!status.ok()) return status;
    ++federation_.commits_;
    if (federation_.kill_after_ > 0 && --federation_.kill_after_ == 0) throw Killed();
    return status;
  }
  absl::Status ForgetOverwritten() override { return store_->ForgetOverwritten(); }
  absl::Status Backup(const std::string& path) override { return store_->Backup(path); }

 private:
  std::unique_ptr<Store> store_;
  Federation& federation_;
};

class Federation::TestTrainer : public Trainer {
 public:
  explicit TestTrainer(Federation& federation) : federation_(federation) {}
  absl::StatusOr<v1::DescribeResponse> Describe() override { return v1::DescribeResponse(); }
  absl::StatusOr<Prepared> Prepare(absl::string_view spec_bytes, const std::string&) override {
    ++federation_.prepared;
    if (!federation_.prepare_status.ok()) return federation_.prepare_status;
    v1::JobSpec spec;
    spec.ParseFromArray(spec_bytes.data(), static_cast<int>(spec_bytes.size()));
    const Manifest::Terms terms = {spec.clip_norm(), spec.max_weight(), spec.cohort_bound()};
    const auto manifest = Manifest::Create({{"decoder.weight", {8, 8}, SegmentKind::kDelta}}, terms);
    Prepared prepared{{manifest.value().json()}, Model(0.25f, spec.latent_analysis())};
    if (spec.latent_analysis() && federation_.prepares_last_manifest) {
      prepared.last_manifest =
          Manifest::Create({{Federation::kAnalysisTensor, {3}, SegmentKind::kStatistic, 1, 100}}, terms)
              .value()
              .json();
    }
    return prepared;
  }
  absl::StatusOr<v1::PlanResponse> Plan(absl::string_view) override { return absl::UnimplementedError(""); }
  absl::StatusOr<v1::TrainResult> Train(const v1::TrainHeader&, const TrainerArtifacts&, const Progress&,
                                        const TakeValues&, Cancellation&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::EvaluateHeader&, const TrainerArtifacts&,
                                              const Progress&, Cancellation&) override {
    return absl::UnimplementedError("");
  }

 private:
  Federation& federation_;
};

class Federation::InlineRunner : public BlockingRunner {
 public:
  explicit InlineRunner(Executor& executor) : executor_(executor) {}
  void Run(Work work) override { executor_.Post(std::move(work)); }

 private:
  Executor& executor_;
};

Federation::Federation()
    : spool_directory_(directory_.Path("spool")),
      log_key_(KeyFor(kOrigin)),
      entry_key_(KeyFor("coordinator.test.example/entries")) {
  std::filesystem::create_directory(spool_directory_);
  artifacts_ = ArtifactStore::Open(directory_.Path("artifacts")).value();
  const std::string base = Model(0.5f);
  base_artifact_ = artifacts_->Put(base).value();
  base_digest_ = TensorDigest(base).value();
}

Federation::~Federation() = default;

FakeArchive& Federation::AddArchive(const std::string& name, const std::string& tradition,
                                    double difference) {
  archives_[name] = std::make_unique<FakeArchive>(name, kFederation, tradition, difference);
  return *archives_[name];
}

void Federation::Start() {
  const absl::Duration passed = process_ == nullptr ? absl::ZeroDuration() : process_->executor.Monotonic();
  process_.reset();
  process_ = std::make_unique<Process>();
  Process& process = *process_;
  process.executor.Advance(passed);  // the wall clock goes on
  process.store =
      std::make_unique<CountingStore>(SqliteStore::Open(directory_.Path("consort.db")).value(), *this);
  const int kill_after = std::exchange(kill_after_, 0);  // the start itself is not under test
  process.sequencer =
      Sequencer::Open(*process.store, {kFederation, "music", kOrigin}, log_key_, entry_key_, process.executor)
          .value();
  if (!process.store->Transact([&](Transaction& transaction) { return EnrolAll(transaction); }).ok())
    std::abort();
  process.gateway = std::make_unique<Gateway>(process.executor, archives_);
  process.incidents =
      std::make_unique<IncidentBook>(*process.store, *process.sequencer, process.executor, ledger_metrics_);
  process.start_check = std::make_unique<StartCheck>(
      StartCheck::Parts{*process.store, *process.sequencer, *process.incidents, ledger_metrics_});
  process.policy =
      std::make_unique<PolicyKeeper>(*process.store, *process.sequencer, process.executor, policy);
  process.witnesses = std::make_unique<WitnessBoard>(
      WitnessBoard::Parts{*process.store, *process.sequencer, *process.gateway, process.executor,
                          *process.incidents, ledger_metrics_});
  if (!process.incidents->Load().ok() || !process.start_check->Begin().ok() ||
      !process.policy->Start().ok() || !process.witnesses->Load().ok()) {
    std::abort();
  }
  kill_after_ = kill_after;
  process.trainer = std::make_unique<TestTrainer>(*this);
  process.runner = std::make_unique<InlineRunner>(process.executor);
  process.engine = std::make_unique<RoundEngine>(
      RoundEngine::Parts{process.executor, *process.store, *process.sequencer, *artifacts_, *process.gateway,
                         *process.trainer, *process.runner, metrics_, *process.witnesses},
      RoundEngine::Config{spool_directory_});
  process.events = std::make_unique<EventSplit>(std::vector<NodeEvents*>{
      process.start_check.get(), process.incidents.get(), process.witnesses.get(), process.engine.get()});
  process.witnesses->OnWitnessed([&process](uint64_t size) { process.engine->OnWitnessed(size); });
  process.start_check->OnSigning(
      [&process] { process.executor.Post([&process] { process.engine->OnSigning(); }); });
  process.sequencer->SealEvery(absl::Seconds(10));
  if (!process.engine->Resume().ok()) std::abort();
  for (const auto& [name, archive] : archives_) {
    if (away.count(name) == 0) Connect(*archive);
  }
}

absl::Status Federation::EnrolAll(Transaction& transaction) {
  const auto append = [&](const consort::testing::OwnEntry& entry) {
    return process_->sequencer->AppendOwn(transaction, entry.kind, entry.subjects, entry.predicate);
  };
  ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
  if (size == 0) {
    RETURN_IF_ERROR(
        append(consort::testing::CoordinatorEnrolled(log_key_.verifier(), entry_key_.verifier())).status());
  }
  for (const auto& [name, archive] : archives_) {
    if (transaction.GetMember(v1::ROLE_ARCHIVE, name).ok()) continue;
    ASSIGN_OR_RETURN(const Appended entry,
                     append(consort::testing::ArchiveEnrolled(name, archive->entries(), archive->mirror(),
                                                              archive->approval())));
    MemberRow member;
    member.role = v1::ROLE_ARCHIVE;
    member.name = name;
    member.entries_vkey = archive->entries().verifier().ToString();
    member.mirror_vkey = archive->mirror().verifier().ToString();
    member.approval_vkey = archive->approval().verifier().ToString();
    member.certificate_fingerprint = Sha256Hex("certificate");
    member.enrol_index = entry.index;
    RETURN_IF_ERROR(transaction.Put(member));
  }
  return absl::OkStatus();
}

void Federation::Restart() {
  ++restarts_;
  Start();
}

void Federation::Connect(FakeArchive& archive) {
  const std::string name = archive.name();
  FakeArchive::Link link;
  link.engine = process_->engine.get();
  link.origin = kOrigin;
  link.base_digest = base_digest_;
  link.tensor_digest = [this](const std::string& artifact) {
    return TensorDigest(artifacts_->ReadAll(artifact).value()).value();
  };
  link.send = [this, name](v1::Envelope envelope) {
    process_->executor.Post([this, name, envelope] { process_->events->OnMessage(name, envelope); });
  };
  link.log_key = log_key_.verifier();
  link.clock = [this] { return process_->executor.WallClock(); };
  archive.Connect(std::move(link));
  process_->gateway->connected.insert(name);
  process_->events->OnSessionStarted(name, archive.Hello());
}

void Federation::Disconnect(const std::string& archive) {
  process_->gateway->connected.erase(archive);
  process_->events->OnSessionGone(archive);
}

void Federation::Reconnect(const std::string& archive) { Connect(*archives_.at(archive)); }

v1::JobSpec Federation::Spec() const {
  v1::JobSpec spec;
  spec.set_name("Dizi and harp");
  spec.set_base_model_digest(base_artifact_);
  spec.set_architecture("rave-tiny");
  spec.set_method(v1::METHOD_FULL);
  spec.set_purpose("train.generative");
  spec.set_rounds(2);
  spec.mutable_local()->set_steps(10);
  spec.mutable_local()->set_batch_size(4);
  spec.mutable_local()->set_window_samples(16384);
  spec.mutable_local()->set_learning_rate(1e-3);
  spec.set_strategy(v1::STRATEGY_FEDAVGM);  // moments must survive a restart too
  spec.set_server_learning_rate(1);
  spec.set_server_momentum(0.5);
  spec.set_weighting(v1::WEIGHTING_EXAMPLES);
  spec.set_privacy(v1::PRIVACY_MODE_PLAIN);
  spec.set_clip_norm(10);
  spec.set_max_weight(1000);
  spec.set_cohort_bound(8);
  spec.set_quorum(2);
  spec.set_recruiting_seconds(60);
  spec.set_grace_seconds(120);
  spec.set_deadline_seconds(600);
  spec.set_stall_seconds(90);
  spec.mutable_evaluation()->set_interval_level(0.95);
  spec.set_seed(7);
  return spec;
}

std::string Federation::Submit(const v1::JobSpec& spec) {
  std::string job_id;
  const RoundEngine::Submission submission{spec.SerializeAsString(), "token",
                                           "spiffe://test.example/researcher/r"};
  try {
    job_id = engine().Submit(submission).value().job.job_id();
  } catch (const Killed&) {
    Restart();
    job_id = engine().Submit(submission).value().job.job_id();  // the token finds the job, if there is one
  }
  Run();
  return job_id;
}

void Federation::Run() {
  while (true) {
    try {
      return process_->executor.RunUntilIdle();
    } catch (const Killed&) {
      Restart();
    }
  }
}

void Federation::Advance(absl::Duration duration) {
  const absl::Duration end = process_->executor.Monotonic() + duration;
  while (process_->executor.Monotonic() < end) {
    try {
      process_->executor.Advance(end - process_->executor.Monotonic());
    } catch (const Killed&) {
      Restart();
    }
  }
  Run();
}

v1::JobStatus Federation::Job(const std::string& job_id) { return engine().GetJob(job_id).value(); }

std::vector<nlohmann::json> Federation::Entries(absl::string_view kind) {
  std::vector<nlohmann::json> predicates;
  store()
      .Transact([&](Transaction& transaction) -> absl::Status {
        return transaction.ReadLeaves(0, transaction.LedgerSize().value(), [&](const LeafRow& leaf) {
          if (leaf.kind == kind) {
            predicates.push_back(nlohmann::json::parse(ledger::ReadEntry(leaf.body).value().predicate));
          }
          return absl::OkStatus();
        });
      })
      .IgnoreError();
  return predicates;
}

}  // namespace consort::coordinator::testing
