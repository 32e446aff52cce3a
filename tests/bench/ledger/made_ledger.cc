#include "tests/bench/ledger/made_ledger.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/key_possession.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::bench {
namespace {

using ledger::Kind;
using nlohmann::json;

constexpr uint64_t kRoundsOfAJob = 1000;
constexpr int64_t kNoon = 1'700'000'000;

std::string Hash(absl::string_view what) { return Sha256Hex(what); }
std::string Id(absl::string_view what) { return Hash(what).substr(0, 32); }
std::string KeyDigest(const SigningKey& key) { return Sha256Hex(key.verifier().public_key()); }
json Common() { return {{"origin", kOrigin}, {"project", "music"}}; }
std::string State(uint64_t round) { return Hash(absl::StrCat("state ", round)); }

}  // namespace

SigningKey KeyNamed(const std::string& name, KeyAlgorithm algorithm) {
  return SigningKey::FromSeed(name, algorithm, ViewOf(Sha256Of(absl::StrCat("bench key ", name)))).value();
}

std::vector<std::string> ArchiveNames() { return {"archive-uk-1", "archive-cn-1", "archive-cn-2"}; }

std::string CosignedNote(const ledger::MemoryTree& tree) {
  const ledger::Checkpoint checkpoint{kOrigin, tree.size(), tree.Root(tree.size()).value()};
  std::vector<std::string> lines;
  for (const std::string& name : ArchiveNames()) {
    lines.push_back(ledger::CosignatureLine(checkpoint.Text(),
                                            KeyNamed(name + ".bench/mirror", KeyAlgorithm::kCosignatureV1),
                                            absl::FromUnixSeconds(kNoon)));
  }
  return ledger::WithSignatures(ledger::SignCheckpoint(checkpoint, KeyNamed(kOrigin)), lines).value();
}

std::string PolicyOfAll() {
  std::vector<VerifierKey> keys;
  for (const std::string& name : ArchiveNames())
    keys.push_back(KeyNamed(name + ".bench/mirror", KeyAlgorithm::kCosignatureV1).verifier());
  return ledger::MajorityPolicy(KeyNamed(kOrigin).verifier(), keys, 0).value();
}

MadeLedger::MadeLedger(std::function<absl::Status(absl::string_view)> take)
    : take_(std::move(take)),
      coordinator_(KeyNamed("coordinator.bench/entries")),
      sealed_root_(HexOf(ledger::EmptyRoot())) {
  for (const std::string& name : ArchiveNames()) {
    archives_.push_back({name, KeyNamed(name + ".bench/entries"),
                         KeyNamed(name + ".bench/mirror", KeyAlgorithm::kCosignatureV1),
                         KeyNamed(name + ".bench/approval")});
  }
}

absl::Status MadeLedger::MakeUntil(uint64_t count) {
  end_ = count;
  RETURN_IF_ERROR(Enrol());
  while (tree_.size() < end_) {
    if (rounds_ % kRoundsOfAJob == 0) RETURN_IF_ERROR(Plan());
    RETURN_IF_ERROR(Round());
  }
  return absl::OkStatus();
}

absl::Status MadeLedger::Add(Kind kind, const std::vector<ledger::Subject>& subjects, json predicate,
                             const SigningKey& signer) {
  if (tree_.size() >= end_) return absl::OkStatus();
  predicate.update(Common());
  ASSIGN_OR_RETURN(const std::string envelope, ledger::SealEntry(kind, subjects, predicate, {&signer}));
  tree_.Append(ledger::LeafHash(envelope));
  return take_(envelope);
}

json MadeLedger::OfArchive(Archive& archive) {
  return {{"archive", archive.name},
          {"node_seq", ++archive.node_seq},
          {"prev_head", {{"size", sealed_}, {"root", sealed_root_}}}};
}

absl::Status MadeLedger::Enrol() {
  RETURN_IF_ERROR(Add(Kind::kKeyEnrol, {{"key/coordinator", KeyDigest(coordinator_)}},
                      {{"name", "coordinator"},
                       {"role", "coordinator"},
                       {"entries_vkey", coordinator_.verifier().ToString()},
                       {"log_vkey", KeyNamed(kOrigin).verifier().ToString()},
                       {"certificate_sha256", Hash("authority")}},
                      coordinator_));
  for (const Archive& archive : archives_) {
    const std::string token = Hash("token of " + archive.name);
    const auto proof = [&](const char* purpose, const SigningKey& key) {
      return Base64Encode(key.Sign(ledger::EnrolmentProofText(purpose, archive.name, token)));
    };
    RETURN_IF_ERROR(Add(Kind::kKeyEnrol, {{"key/" + archive.name, KeyDigest(archive.entries)}},
                        {{"name", archive.name},
                         {"role", "archive"},
                         {"entries_vkey", archive.entries.verifier().ToString()},
                         {"mirror_vkey", archive.mirror.verifier().ToString()},
                         {"approval_vkey", archive.approval.verifier().ToString()},
                         {"certificate_sha256", Hash("certificate of " + archive.name)},
                         {"token_sha256", token},
                         {"possession",
                          {{"entries", proof("entries", archive.entries)},
                           {"mirror", proof("mirror", archive.mirror)},
                           {"approval", proof("approval", archive.approval)}}}},
                        coordinator_));
  }
  return absl::OkStatus();
}

absl::Status MadeLedger::Plan() {
  job_id_ = Id(absl::StrCat("job ", rounds_));
  const std::string digest = Hash(job_id_);
  RETURN_IF_ERROR(Add(Kind::kJob, {{"job/" + job_id_, digest}, {"base-model", Hash("base")}},
                      {{"job_id", job_id_},
                       {"job_digest", digest},
                       {"name", ""},
                       {"submitted_by", "researcher"},
                       {"architecture", "rave-tiny"},
                       {"method", "full"},
                       {"purpose", "train.generative"},
                       {"strategy", "fedavg"},
                       {"weighting", "examples"},
                       {"mode", "plain"},
                       {"traditions", json::array()},
                       {"rounds", kRoundsOfAJob},
                       {"quorum", 2},
                       {"max_weight", 3600},
                       {"cohort_bound", 4},
                       {"local_steps", 40},
                       {"clip_norm", "1"},
                       {"learning_rate", "0.0005"},
                       {"proximal_mu", "0"},
                       {"seed", "1"},
                       {"base_digest", Hash("base")},
                       {"state_digest", State(rounds_)},
                       {"manifests", {Hash("manifest")}}},
                      coordinator_));
  json roster = json::array();
  for (Archive& archive : archives_) {
    const std::string plan = Hash(absl::StrCat("plan of ", archive.name, job_id_));
    roster.push_back({{"archive", archive.name},
                      {"key", archive.entries.verifier().KeyId()},
                      {"approval", tree_.size()},
                      {"plan_digest", plan},
                      {"weight", 400},
                      {"supplies", json::array()}});
    json approval = OfArchive(archive);
    approval.update({{"job_id", job_id_},
                     {"job_digest", digest},
                     {"plan_digest", plan},
                     {"decision", "approve"},
                     {"reason", "ok"},
                     {"basis", "standing-policy"},
                     {"policy_digest", Hash("policy")}});
    RETURN_IF_ERROR(Add(Kind::kApproval, {{"plan", plan}}, std::move(approval), archive.entries));
  }
  return Add(Kind::kRoster, {{"job/" + job_id_, digest}},
             {{"job_id", job_id_}, {"group", 0}, {"archives", roster}}, coordinator_);
}

absl::Status MadeLedger::Contribute(Archive& archive, const json& round, const std::string& base) {
  const std::string update = Hash(absl::StrCat("update ", rounds_, archive.name));
  json contribution = OfArchive(archive);
  contribution.update(round);
  contribution.update({{"participation_id", Id(update)},
                       {"base_digest", base},
                       {"manifest_digest", Hash("manifest")},
                       {"update_digest", update},
                       {"update_bytes", 3'763'528},
                       {"plan_digest", Hash(absl::StrCat("plan of ", archive.name, job_id_))},
                       {"weight", 400},
                       {"mode", "plain"}});
  const uint64_t index = tree_.size();
  RETURN_IF_ERROR(Add(Kind::kContribution, {{"update", update}}, std::move(contribution), archive.entries));
  if (index >= end_) return absl::OkStatus();
  contributions_.push_back(index);
  const std::string leaf = HexOf(tree_.Subtree(0, index).value());
  json decision = round;
  decision.update({{"about", "contribution"},
                   {"archive", archive.name},
                   {"contribution", index},
                   {"leaf_hash", leaf},
                   {"outcome", "accepted"},
                   {"reason", "ok"},
                   {"checked", "by coordinator"}});
  return Add(Kind::kDecision, {{"contribution", leaf}}, std::move(decision), coordinator_);
}

absl::Status MadeLedger::Round() {
  const std::string round_id = Id(absl::StrCat("round ", rounds_));
  const std::string base = State(rounds_);
  const std::string next = State(rounds_ + 1);
  const json round = {{"job_id", job_id_}, {"round_id", round_id}, {"round", rounds_ % kRoundsOfAJob + 1}};
  json open = round;
  open.update({{"group", 0},
               {"base_digest", base},
               {"state_artifact", Hash("file " + base)},
               {"manifest_digest", Hash("manifest")},
               {"mode", "plain"},
               {"quorum", 2},
               {"deadline_seconds", 3600},
               {"traditions", {{{"tradition", "celtic-harp"}, {"weight", 1200}}}}});
  for (const Archive& archive : archives_)
    open["cohort"].push_back({{"archive", archive.name}, {"weight", 400}});
  RETURN_IF_ERROR(Add(Kind::kRoundOpen, {{"round/" + round_id, base}}, std::move(open), coordinator_));
  sealed_ = tree_.size();
  sealed_root_ = HexOf(tree_.Root(sealed_).value());
  contributions_.clear();
  for (Archive& archive : archives_) RETURN_IF_ERROR(Contribute(archive, round, base));
  json aggregation = round;
  aggregation.update({{"group", 0},
                      {"base_digest", base},
                      {"manifest_digest", Hash("manifest")},
                      {"sum_digest", Hash("sum " + next)},
                      {"model_digest", next},
                      {"model_artifact", Hash("file " + next)},
                      {"contributions", contributions_},
                      {"weight_total", 400 * contributions_.size()},
                      {"absent", json::array()},
                      {"strategy", "fedavg"},
                      {"server_learning_rate", "1"}});
  RETURN_IF_ERROR(Add(Kind::kAggregation, {{"model", next}, {"sum", Hash("sum " + next)}},
                      std::move(aggregation), coordinator_));
  for (Archive& archive : archives_) {
    json evaluation = OfArchive(archive);
    evaluation.update(round);
    evaluation.update({{"before_digest", Hash("base")},
                       {"after_digest", next},
                       {"measure", "multi-scale-stft-distance.v1"},
                       {"unit", "distance"},
                       {"scores",
                        {{{"tradition", "celtic-harp"},
                          {"pairs",
                           {json::array({"4.125", "3.5"}), json::array({"4.75", "4.25"}),
                            json::array({"3.875", "3.625"}), json::array({"5", "4.5"})}}}}},
                       {"bytes_sent", 3'763'528},
                       {"journal_head", Hash("journal " + next)}});
    RETURN_IF_ERROR(Add(Kind::kEvaluation, {{"model", next}}, std::move(evaluation), archive.entries));
  }
  ++rounds_;
  return absl::OkStatus();
}

}  // namespace consort::bench
