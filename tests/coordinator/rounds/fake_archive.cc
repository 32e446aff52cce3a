#include "tests/coordinator/rounds/fake_archive.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/merkle_tree.h"
#include "common/session/protocol.h"
#include "common/update/ring_codec.h"
#include "common/update/rounding_key.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator::testing {
namespace {

constexpr uint64_t kTrainingSeconds = 120;

std::string BytesOf(const std::vector<uint32_t>& ring) {
  return std::string(reinterpret_cast<const char*>(ring.data()), ring.size() * sizeof(uint32_t));
}

// Size and root of a checkpoint note: its second and third line.
std::pair<uint64_t, std::string> ReadNote(const std::string& note) {
  const size_t first = note.find('\n');
  const size_t second = note.find('\n', first + 1);
  const size_t third = note.find('\n', second + 1);
  const uint64_t size = std::stoull(note.substr(first + 1, second - first - 1));
  return {size, HexEncode(Base64Decode(note.substr(second + 1, third - second - 1)).value())};
}

SigningKey KeyFor(const std::string& name, const std::string& federation, const std::string& purpose,
                  KeyAlgorithm algorithm) {
  return SigningKey::FromSeed(absl::StrCat(name, ".", federation, "/", purpose), algorithm,
                              std::string(ViewOf(Sha256Of(name + purpose))))
      .value();
}

}  // namespace

FakeArchive::FakeArchive(std::string name, std::string federation, std::string tradition, double difference)
    : name_(std::move(name)),
      tradition_(std::move(tradition)),
      difference_(difference),
      entries_(KeyFor(name_, federation, "entries", KeyAlgorithm::kEd25519)),
      mirror_(KeyFor(name_, federation, "mirror", KeyAlgorithm::kCosignatureV1)),
      approval_(KeyFor(name_, federation, "approval", KeyAlgorithm::kEd25519)),
      head_root_(HexOf(ledger::EmptyRoot())) {}

v1::NodeHello FakeArchive::Hello() const {
  v1::NodeHello hello;
  hello.set_protocol_version(1);
  hello.set_head_size(head_size_);
  hello.set_node_seq(node_seq_);
  if (!faults.is_no_witness) hello.add_capabilities(session::kCapabilityWitness);
  hello.set_witness_size(witness_.size);
  hello.set_newest_checkpoint(witness_.note);
  hello.set_newest_receipt(newest_receipt);
  for (const std::string& job_id : open_jobs) hello.add_open_jobs(job_id);
  if (faults.hello) faults.hello(hello);
  return hello;
}

void FakeArchive::OnMessage(const v1::Envelope& envelope) {
  const bool of_ledger = envelope.has_witness_request() || envelope.has_ledger_head();
  (of_ledger ? ledger_received : received).push_back(envelope);
  if (faults.ignore && faults.ignore(envelope)) return;
  switch (envelope.body_case()) {
    case v1::Envelope::kJobOffer:
      return OnOffer(envelope);
    case v1::Envelope::kRoundInvitation: {
      v1::Envelope answer;
      answer.mutable_round_answer()->set_round_id(envelope.round_invitation().round_id());
      answer.mutable_round_answer()->set_participation_id(envelope.round_invitation().participation_id());
      answer.mutable_round_answer()->set_joins(faults.declines.empty());
      answer.mutable_round_answer()->set_reason(faults.declines);
      return Answer(envelope, std::move(answer));
    }
    case v1::Envelope::kTrainTask:
      return OnTrainTask(envelope);
    case v1::Envelope::kEvaluateTask:
      return OnEvaluateTask(envelope);
    case v1::Envelope::kVerdict:
      verdicts[envelope.verdict().participation_id()] = envelope.verdict();
      if (envelope.verdict().receipt_envelope().empty())
        FreeNumber("contribution-" + envelope.verdict().participation_id());
      return;
    case v1::Envelope::kWitnessRequest:
      return OnWitnessRequest(envelope);
    case v1::Envelope::kEntryOutcome:
      outcomes.push_back(envelope.entry_outcome());
      if (!envelope.entry_outcome().logged() && envelope.entry_outcome().node_seq() == node_seq_) --node_seq_;
      return;
    default:
      return;
  }
}

void FakeArchive::Answer(const v1::Envelope& to, v1::Envelope answer) {
  answer.set_request_id(to.request_id());
  sent.push_back(answer);
  link_.send(std::move(answer));
}

std::string FakeArchive::Entry(const std::string& key, ledger::Kind kind, const ledger::Subject& subject,
                               nlohmann::json predicate) {
  if (const auto kept = kept_entries_.find(key); kept != kept_entries_.end()) return kept->second;
  predicate["origin"] = link_.origin;
  predicate["project"] = "music";
  predicate["archive"] = name_;
  predicate["node_seq"] = ++node_seq_;
  predicate["prev_head"] = {{"size", head_size_}, {"root", head_root_}};
  return kept_entries_[key] = ledger::SealEntry(kind, {subject}, predicate, {&entries_}).value();
}

// Fetches and checks nothing, unlike a node: the protocol alone.
void FakeArchive::OnWitnessRequest(const v1::Envelope& envelope) {
  if (witness_.origin.empty()) witness_ = ledger::NewWitnessState(link_.origin);
  const ledger::WitnessVerdict verdict =
      ledger::JudgeAddCheckpoint(envelope.witness_request().body(), witness_, {*link_.log_key});
  witness_ = verdict.next;
  const auto asked = ledger::ParseAddCheckpoint(envelope.witness_request().body());
  v1::Envelope message;
  v1::WitnessAnswer& answer = *message.mutable_witness_answer();
  answer.set_status(static_cast<uint32_t>(verdict.status));
  answer.set_body(verdict.status == 200
                      ? ledger::CosignatureBody(witness_, mirror_, link_.clock() + faults.clock_ahead)
                      : verdict.body);
  if (asked.ok()) answer.set_size(ledger::ReadCheckpoint(asked->note)->size);
  if (faults.witness) faults.witness(answer);
  Answer(envelope, std::move(message));
}

void FakeArchive::FreeNumber(const std::string& key) {
  const auto kept = kept_entries_.find(key);
  if (kept == kept_entries_.end()) return;
  const auto statement = ledger::ReadEntry(kept->second).value();
  const auto predicate = nlohmann::json::parse(statement.predicate);
  if (predicate["node_seq"] == node_seq_) --node_seq_;
}

void FakeArchive::OnOffer(const v1::Envelope& envelope) {
  const v1::JobOffer& offer = envelope.job_offer();
  v1::JobSpec spec;
  spec.ParseFromString(offer.spec());
  v1::Plan plan;
  plan.set_job_id(offer.job_id());
  plan.set_job_digest(Sha256Hex(offer.spec()));
  plan.set_archive(name_);
  for (const std::string& manifest : offer.manifests()) plan.add_manifest_digests(Sha256Hex(manifest));
  v1::TraditionSupply& supply = *plan.add_supplies();
  supply.set_tradition(tradition_);
  supply.set_training_recordings(9);
  supply.set_holdout_recordings(5);
  supply.set_training_seconds(kTrainingSeconds);
  plan.set_weight(std::min<uint32_t>(kTrainingSeconds, spec.max_weight()));
  plan.set_purpose(spec.purpose());
  v1::Envelope message;
  v1::OfferAnswer& answer = *message.mutable_offer_answer();
  answer.set_job_id(offer.job_id());
  answer.set_state(v1::OFFER_STATE_APPROVED);
  answer.set_plan(plan.SerializeAsString());
  answer.set_reason("ok");
  plan_digests_[offer.job_id()] = Sha256Hex(answer.plan());
  answer.set_approval_envelope(Entry("approval-" + offer.job_id(), ledger::Kind::kApproval,
                                     {"plan", plan_digests_[offer.job_id()]},
                                     {{"job_id", offer.job_id()},
                                      {"job_digest", plan.job_digest()},
                                      {"plan_digest", plan_digests_[offer.job_id()]},
                                      {"decision", "approve"},
                                      {"reason", "ok"},
                                      {"basis", "standing-policy"},
                                      {"policy_digest", Sha256Hex("policy")}}));
  if (faults.offer) faults.offer(answer);
  Answer(envelope, std::move(message));
}

void FakeArchive::TakeHead(const v1::LedgerHead& head) {
  const auto [size, root] = ReadNote(head.checkpoint());
  if (size <= head_size_) return;
  head_size_ = size;
  head_root_ = root;
}

// A delta that depends on archive, round and nothing else, well inside the clip; statistics are all alike.
std::vector<uint32_t> FakeArchive::Train(const v1::TrainTask& task, const Manifest& manifest) const {
  std::vector<float> values(static_cast<size_t>(manifest.delta_coordinates()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = 0.01f * static_cast<float>((i + task.number() * 7 + name_.size() * 3) % 11) - 0.05f;
  }
  values.resize(values.size() + static_cast<size_t>(manifest.statistic_coordinates()), kStatistic);
  NormMeter meter(manifest);
  meter.Add(values).IgnoreError();
  RingEncoder encoder = RingEncoder::Create(manifest, task.weight(), meter.delta_norm(),
                                            RoundingKey(Sha256Hex(task.spec()), task.number(), name_))
                            .value();
  std::vector<uint32_t> ring(values.size());
  encoder.Encode(values, absl::MakeSpan(ring)).IgnoreError();
  ring.push_back(encoder.Weight().value());
  return ring;
}

void FakeArchive::OnTrainTask(const v1::Envelope& envelope) {
  const v1::TrainTask& task = envelope.train_task();
  const std::string& id = task.participation_id();
  if (const auto verdict = verdicts.find(id); verdict != verdicts.end() && verdict->second.accepted()) {
    asked_after_verdict.push_back(id);
  }
  TakeHead(task.head());
  v1::Envelope message;
  if (!faults.fails.empty()) {
    message.mutable_task_failure()->set_id(id);
    message.mutable_task_failure()->set_code(faults.fails);
    message.mutable_task_failure()->set_detail("as the test says");
    return Answer(envelope, std::move(message));
  }
  const Manifest manifest = Manifest::Parse(task.manifest()).value();
  if (kept_payloads_.count(id) == 0) {
    ++trained[id];
    std::vector<uint32_t> ring = Train(task, manifest);
    if (faults.payload) faults.payload(ring);
    kept_payloads_[id] = BytesOf(ring);
  }
  const std::string& payload = kept_payloads_[id];
  const std::string named = faults.participation_id.empty() ? id : faults.participation_id;
  nlohmann::json predicate = {{"job_id", task.job_id()},
                              {"round_id", task.round_id()},
                              {"participation_id", named},
                              {"round", task.number()},
                              {"base_digest", task.base_digest()},
                              {"manifest_digest", manifest.digest()},
                              {"update_digest", Sha256Hex(payload)},
                              {"update_bytes", payload.size()},
                              {"plan_digest", plan_digests_[task.job_id()]},
                              {"weight", task.weight()},
                              {"mode", "plain"}};
  if (faults.contribution) faults.contribution(predicate);
  Upload(id, payload);
  const std::string digest = predicate["update_digest"].get<std::string>();
  std::string entry = Entry("contribution-" + id, ledger::Kind::kContribution, {"update", digest}, predicate);
  if (faults.envelope) faults.envelope(entry);
  message.mutable_contribution()->set_participation_id(named);
  message.mutable_contribution()->set_envelope(entry);
  Answer(envelope, std::move(message));
}

void FakeArchive::Upload(const std::string& participation_id, const std::string& payload) {
  if (faults.withhold_payload) return;
  const auto path = link_.engine->OpenSpoolHere(name_, participation_id, payload.size());
  if (!path.ok()) return;
  consort::testing::WriteFileOrDie(*path, payload);
  link_.engine->OnSpoolProgress(participation_id, payload.size());
  link_.engine->OnSpoolComplete(participation_id, Sha256Hex(payload));
}

void FakeArchive::OnEvaluateTask(const v1::Envelope& envelope) {
  const v1::EvaluateTask& task = envelope.evaluate_task();
  TakeHead(task.head());
  const std::string after = link_.tensor_digest(task.after_state_digest());
  nlohmann::json pairs = nlohmann::json::array();
  for (int i = 0; i < 5; ++i) {
    const double before = 1.0 + 0.01 * i;
    pairs.push_back({absl::StrCat(before), absl::StrCat(before + difference_)});
  }
  v1::Envelope message;
  message.mutable_evaluation_report()->set_task_id(task.task_id());
  std::string entry = Entry("evaluation-" + task.task_id(), ledger::Kind::kEvaluation,
                            {"model", faults.after_digest.empty() ? after : faults.after_digest},
                            {{"job_id", task.job_id()},
                             {"round_id", task.round_id()},
                             {"round", task.number()},
                             {"before_digest", link_.base_digest},
                             {"after_digest", faults.after_digest.empty() ? after : faults.after_digest},
                             {"measure", "multi-scale-stft-distance.v1"},
                             {"unit", "distance"},
                             {"scores", {{{"tradition", tradition_}, {"pairs", pairs}}}},
                             {"bytes_sent", 4096},
                             {"journal_head", Sha256Hex("journal")}});
  message.mutable_evaluation_report()->set_envelope(entry);
  Answer(envelope, std::move(message));
}

}  // namespace consort::coordinator::testing
