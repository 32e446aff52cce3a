#include "tests/node/daemon/node_under_test.h"

#include <cstdlib>

#include "common/artifact/safetensors.h"
#include "common/session/protocol.h"
#include "node/journal/journal_reader.h"

namespace consort::node {
namespace {

constexpr char kKeyName[] = "archive-uk-1.test.example/entries";

v1::JobSpec MakeSpec(const std::string& base) {
  v1::JobSpec spec;
  spec.set_name("test");
  spec.set_base_model_digest(base);
  spec.set_purpose("train.generative");
  spec.set_privacy(v1::PRIVACY_MODE_PLAIN);
  spec.set_rounds(1);
  spec.set_quorum(1);
  spec.set_max_weight(100);
  spec.set_clip_norm(10);
  spec.set_cohort_bound(4);
  return spec;
}

}  // namespace

absl::StatusOr<v1::PlanResponse> FakeTrainer::Plan(absl::string_view) {
  ++plans;
  if (!plan_status.ok()) return plan_status;
  v1::PlanResponse response;
  v1::TraditionSupply& supply = *response.add_supplies();
  supply.set_tradition("celtic-harp");
  supply.set_training_recordings(5);
  supply.set_holdout_recordings(3);
  supply.set_training_seconds(60);
  return response;
}

absl::StatusOr<v1::TrainResult> FakeTrainer::Train(const v1::TrainHeader&, const TrainerArtifacts&,
                                                   const Progress& progress, const TakeValues& take,
                                                   Cancellation& cancellation) {
  ++trainings;
  if (during_train) during_train();
  if (cancellation.cancelled()) return absl::CancelledError("cancelled");
  v1::TrainProgress step;
  step.set_steps_done(1);
  progress(step);
  if (const absl::Status taken = take(values); !taken.ok()) return taken;
  if (!train_status.ok()) return train_status;
  v1::TrainResult result;
  result.set_training_seconds(60);
  return result;
}

absl::StatusOr<v1::EvaluateResult> FakeTrainer::Evaluate(const v1::EvaluateHeader&, const TrainerArtifacts&,
                                                         const Progress&, Cancellation&) {
  ++evaluations;
  v1::EvaluateResult result;
  result.set_measure("multi-scale-stft-distance.v1");
  v1::TraditionScores& scores = *result.add_scores();
  scores.set_tradition("celtic-harp");
  scores.add_pairs()->set_before(2);
  scores.mutable_pairs(0)->set_after(score);
  return result;
}

absl::Status FakeTransfer::Fetch(const std::string& digest, ArtifactStore& store, Cancellation&,
                                 const Progress&) {
  const auto found = artifacts.find(digest);
  if (found == artifacts.end()) return absl::NotFoundError("no such artifact");
  return store.Put(found->second).status();
}

absl::Status FakeTransfer::Upload(const std::string& participation_id, const std::string& path,
                                  const PayloadFacts&, Cancellation& cancellation, const Progress&) {
  if (during_upload) during_upload();
  if (cancellation.cancelled()) return absl::CancelledError("cancelled");
  if (!upload_status.ok()) return upload_status;
  uploads[participation_id].push_back(testing::ReadFileOrDie(path));
  return absl::OkStatus();
}

absl::Status LeafSource::Read(uint64_t start, uint64_t end, const Take& take) {
  for (uint64_t i = start; i < end && i < coordinator_.size(); ++i) {
    if (absl::Status taken = take(coordinator_.leaf(i)); !taken.ok()) return taken;
  }
  return absl::OkStatus();
}

NodeUnderTest::NodeUnderTest(Ledger ledger)
    : mirror_key_(SigningKey::FromSeed("archive-uk-1.test.example/mirror", KeyAlgorithm::kCosignatureV1,
                                       std::string(32, 'm'))
                      .value()),
      approval_key_(SigningKey::FromSeed("archive-uk-1.test.example/approval", KeyAlgorithm::kEd25519,
                                         std::string(32, 'p'))
                        .value()),
      executor_(std::make_unique<testing::SimulatedExecutor>()) {
  if (ledger == Ledger::kWitnessed) {
    coordinator.Enrol(SigningKey::FromSeed(kKeyName, KeyAlgorithm::kEd25519, std::string(32, 'n')).value(),
                      mirror_key_, approval_key_);
  }
  policy.purposes = {"train.generative"};
  policy.max_update_bytes = 1 << 20;
  policy.max_rounds = 10;
  const std::string floats(12, '\0');
  const std::string state = WriteSafetensors({{"w", "F32", {3}, floats}}, {}).value();
  state_digest = Sha256Hex(state);
  base_digest = TensorDigest(state).value();
  transfer.artifacts[state_digest] = state;
  spec = MakeSpec(state_digest).SerializeAsString();
  manifest = Manifest::Create({{"w", {3}, SegmentKind::kDelta}},
                              {.clip_norm = 10, .max_weight = 100, .cohort_bound = 4})
                 .value()
                 .json();
  coordinator.Append(ledger::Kind::kJob, "job/test", {{"job_id", JobId()}});
}

void NodeUnderTest::Start() {
  SigningKey key = SigningKey::FromSeed(kKeyName, KeyAlgorithm::kEd25519, std::string(32, 'n')).value();
  const auto now = [this] { return executor_->WallClock(); };
  auto incidents = Incidents::Open(StatePath("ledger/incidents")).value();
  auto source = std::make_unique<LeafSource>(coordinator);
  running_.reset();  // the lock on its folder
  auto witness = Witness::Open({.directory = StatePath("ledger"),
                                .entries_directory = StatePath("entries"),
                                .archive = kArchive,
                                .trust = {kOrigin, {coordinator.log_key()}, {coordinator.entry_key()}},
                                .mirror_keys = {&mirror_key_},
                                .source = *source,
                                .incidents = *incidents,
                                .now = now})
                     .value();
  auto heads = HeadKeeper::Open({.directory = StatePath("ledger"),
                                 .origin = kOrigin,
                                 .log_keys = witness->Facts().every_log_key,
                                 .incidents = *incidents,
                                 .now = now})
                   .value();
  auto signer = EntrySigner::Open(StatePath("entries"), {kArchive, kOrigin, kProject}, key).value();
  running_.reset(new Running{std::move(key), EgressJournal::Open(StatePath("egress.journal")).value(),
                             std::move(incidents), std::move(source), std::move(witness), std::move(heads),
                             std::move(signer), TaskStore::Open(StatePath("tasks")).value(),
                             TaskStore::Open(StatePath("jobs")).value(),
                             ArtifactStore::Open(StatePath("artifacts")).value()});
  Running& node = *running_;
  // The signer borrows the key, which has moved to its place.
  std::vector<const SigningKey*> entry_keys = {&node.key};
  if (next_entry_key.has_value()) entry_keys.push_back(&*next_entry_key);
  node.signer =
      EntrySigner::Open(StatePath("entries"), {kArchive, kOrigin, kProject},
                        EntryKeyInUse(entry_keys, directory_.path(), node.witness->Facts().entry_keyid))
          .value();
  DeclareNodeMetrics(node.metrics);
  node.work = std::make_unique<TaskWork>(TaskWork::Identity{kArchive, boot_id}, trainer, transfer,
                                         *node.artifacts, node.tasks, *executor_);
  OwnKeys own_keys{{&node.key}, {&mirror_key_}};
  if (next_entry_key.has_value()) own_keys.entries.push_back(&*next_entry_key);
  DaemonSettings settings{{kArchive, kOrigin, kProject, {coordinator.log_key()}, {coordinator.entry_key()}},
                          policy,
                          PolicyDigest(policy).value(),
                          "test.example",
                          "localhost:1",
                          "test",
                          {session::kCapabilityWitness},
                          directory_.path()};
  node.daemon = std::make_unique<Daemon>(
      std::move(settings), DaemonParts{*executor_, *executor_, *executor_, coordinator, *node.work,
                                       *node.journal, node.heads, *node.witness, *node.incidents, node.signer,
                                       own_keys, node.tasks, node.jobs, node.metrics, [] { return 0.5; }});
  node.daemon->Start();
  RunUntilIdle();
}

void NodeUnderTest::Kill() {
  coordinator.Cut();
  executor_ = std::make_unique<testing::SimulatedExecutor>();  // posted work and timers are gone
  running_.reset();
}

absl::StatusOr<std::vector<JournalRow>> NodeUnderTest::JournalRows() const {
  std::vector<JournalRow> rows;
  const auto end = ReadJournal(directory_.Path("egress.journal"), [&rows](const JournalRow& row) {
    rows.push_back(row);
    return absl::OkStatus();
  });
  if (!end.ok()) return end.status();
  return rows;
}

void NodeUnderTest::Offer() {
  v1::Envelope envelope;
  envelope.set_request_id("offer");
  envelope.mutable_job_offer()->set_job_id(JobId());
  envelope.mutable_job_offer()->set_spec(spec);
  envelope.mutable_job_offer()->add_manifests(manifest);
  if (!last_manifest.empty()) envelope.mutable_job_offer()->add_manifests(last_manifest);
  coordinator.Send(envelope);
  RunUntilIdle();
}

v1::Envelope NodeUnderTest::TrainTask(uint64_t head_from) {
  if (round_open_ < 0) {
    round_open_ = static_cast<int64_t>(
        coordinator.Append(ledger::Kind::kRoundOpen, "round/test",
                           {{"job_id", JobId()},
                            {"round_id", RoundId()},
                            {"round", 1},
                            {"group", 0},
                            {"base_digest", base_digest},
                            {"state_artifact", state_digest},
                            {"manifest_digest", Sha256Hex(manifest)},
                            {"mode", "plain"},
                            {"cohort",
                             {{{"archive", kArchive},
                               {"weight", 60},
                               {"traditions", {{{"tradition", "qudi"}, {"weight", 60}}}}}}}}));
  }
  const uint64_t open = static_cast<uint64_t>(round_open_);
  v1::Envelope envelope;
  envelope.set_request_id("train");
  v1::TrainTask& task = *envelope.mutable_train_task();
  task.set_participation_id(ParticipationId());
  task.set_round_id(RoundId());
  task.set_job_id(JobId());
  task.set_number(1);
  task.set_spec(spec);
  task.set_base_model_digest(state_digest);
  task.set_state_digest(state_digest);
  task.set_base_digest(base_digest);
  task.set_manifest(manifest);
  task.set_weight(60);
  *task.mutable_head() = coordinator.Head(head_from);
  task.set_round_open_index(open);
  task.set_round_open_envelope(coordinator.leaf(open));
  for (const std::string& hash : coordinator.Inclusion(open, coordinator.size()))
    task.add_inclusion_proof(hash);
  task.set_deadline_millis(3'600'000);
  return envelope;
}

void NodeUnderTest::Train(uint64_t head_from) {
  coordinator.Send(TrainTask(head_from));
  RunUntilIdle();
}

void NodeUnderTest::Evaluate(uint64_t head_from) {
  v1::Envelope envelope;
  envelope.set_request_id("evaluate");
  v1::EvaluateTask& task = *envelope.mutable_evaluate_task();
  task.set_task_id(TaskId());
  task.set_round_id(RoundId());
  task.set_job_id(JobId());
  task.set_number(1);
  task.set_spec(spec);
  task.set_base_model_digest(state_digest);
  task.set_after_state_digest(state_digest);
  *task.mutable_head() = coordinator.Head(head_from);
  coordinator.Send(envelope);
  RunUntilIdle();
}

void NodeUnderTest::RunRound() {
  Offer();
  Train();
}

}  // namespace consort::node
