#include "tests/common/ledger/sample_ledger.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/commitment.h"
#include "common/ledger/note.h"

namespace consort::testing {
namespace {

using ledger::Kind;
using nlohmann::json;

// RFC 8032, section 7.1: the secret keys of tests 1, 2, 3 and 1024.
constexpr char kSeeds[][65] = {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                               "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                               "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                               "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5"};

SigningKey KeyOfTest(int test, const std::string& name) {
  return SigningKey::FromSeed(name, KeyAlgorithm::kEd25519, HexDecode(kSeeds[test]).value()).value();
}

SigningKey KeyOfName(const std::string& name, KeyAlgorithm algorithm) {
  return SigningKey::FromSeed(name, algorithm, ViewOf(Sha256Of(absl::StrCat("consort example key\n", name))))
      .value();
}

ArchiveKeys KeysOf(int test, const std::string& archive) {
  return {KeyOfTest(test, archive + ".demo/entries"),
          KeyOfName(archive + ".demo/mirror", KeyAlgorithm::kCosignatureV1),
          KeyOfName(archive + ".demo/approval", KeyAlgorithm::kEd25519)};
}

std::string KeySubject(const SigningKey& key) { return Sha256Hex(key.verifier().public_key()); }

const char* TraditionOf(const std::string& archive) { return archive == kUk ? "celtic-harp" : "dizi-north"; }

int WeightOf(const std::string& archive) { return archive == kUk ? 420 : 365; }

// A list: in braces alone, two strings would be read as an object's member.
json Pair(const char* before, const char* after) { return json::array({before, after}); }

// A commitment with a salt that anybody can make again: only here.
std::string Committed(const char* member, const char* value) {
  const Digest salt = Sha256Of(absl::StrCat("consort example salt ", member));
  return HexOf(ledger::Commit(ViewOf(salt), value).value());
}

json RoundMembers() { return {{"job_id", SampleId("job")}, {"round_id", SampleId("round 1")}, {"round", 1}}; }

}  // namespace

std::string SampleDigest(absl::string_view what) { return Sha256Hex(absl::StrCat("consort example ", what)); }
std::string SampleId(absl::string_view what) { return SampleDigest(what).substr(0, 32); }

SampleLedger::SampleLedger()
    : log_key_(KeyOfTest(0, kOrigin)),
      coordinator_key_(KeyOfTest(1, "coordinator.demo/entries")),
      rules_(kOrigin, tree_) {
  archives_.emplace(kUk, KeysOf(2, kUk));
  archives_.emplace(kCn, KeysOf(3, kCn));
}

absl::Status SampleLedger::Add(const Draft& draft) {
  const auto envelope = ledger::SealEntry(draft.kind, draft.subjects, draft.predicate, {draft.signer});
  if (!envelope.ok()) return envelope.status();
  const auto opened = ledger::OpenEntry(*envelope, {draft.signer->verifier()});
  if (!opened.ok()) return opened.status();
  absl::Status status = rules_.Feed(size(), *opened, ledger::LeafHash(*envelope));
  if (draft.predicate.contains("node_seq"))
    node_seq_[draft.predicate["archive"]] = draft.predicate["node_seq"];
  AddRaw(*envelope);
  return status;
}

void SampleLedger::AddRaw(const std::string& envelope) {
  tree_.Append(ledger::LeafHash(envelope));
  entries_.push_back(envelope);
}

void SampleLedger::Seal(const SigningKey& key) {
  sealed_size_ = size();
  checkpoints_.push_back(
      ledger::SignCheckpoint({kOrigin, sealed_size_, tree_.Root(sealed_size_).value()}, key));
}

void SampleLedger::Cosign(const std::vector<std::string>& archives, int64_t unix_seconds) {
  std::string& note = checkpoints_.back();
  std::vector<std::string> lines;
  for (const std::string& archive : archives) {
    lines.push_back(ledger::CosignatureLine(ledger::ParseNote(note)->text, archives_.at(archive).mirror,
                                            absl::FromUnixSeconds(unix_seconds)));
  }
  note = ledger::WithSignatures(note, lines).value();
}

json SampleLedger::Common() const { return {{"origin", kOrigin}, {"project", "music"}}; }

json SampleLedger::CommonOf(const std::string& archive) const {
  json predicate = Common();
  const auto last = node_seq_.find(archive);
  predicate["archive"] = archive;
  predicate["node_seq"] = (last == node_seq_.end() ? 0 : last->second) + 1;
  predicate["prev_head"] = {{"size", sealed_size_}, {"root", HexOf(tree_.Root(sealed_size_).value())}};
  return predicate;
}

Draft SampleLedger::EnrolCoordinator() const {
  json predicate = Common();
  predicate.update({{"name", "coordinator"},
                    {"role", "coordinator"},
                    {"entries_vkey", coordinator_key_.verifier().ToString()},
                    {"log_vkey", log_key_.verifier().ToString()},
                    {"certificate_sha256", SampleDigest("authority")}});
  return {Kind::kKeyEnrol, {{"key/coordinator", KeySubject(coordinator_key_)}}, predicate, &coordinator_key_};
}

Draft SampleLedger::EnrolArchive(const std::string& name) const {
  const ArchiveKeys& keys = archives_.at(name);
  const std::string token = SampleDigest("invitation of " + name);
  const auto proof = [&](const char* purpose, const SigningKey& key) {
    return Base64Encode(key.Sign(absl::StrCat("consort.enrol.v1\n", purpose, "\n", name, "\n", token, "\n")));
  };
  json predicate = Common();
  predicate.update({{"name", name},
                    {"role", "archive"},
                    {"entries_vkey", keys.entries.verifier().ToString()},
                    {"mirror_vkey", keys.mirror.verifier().ToString()},
                    {"approval_vkey", keys.approval.verifier().ToString()},
                    {"certificate_sha256", SampleDigest("certificate of " + name)},
                    {"token_sha256", token},
                    {"possession",
                     {{"entries", proof("entries", keys.entries)},
                      {"mirror", proof("mirror", keys.mirror)},
                      {"approval", proof("approval", keys.approval)}}}});
  return {Kind::kKeyEnrol, {{"key/" + name, KeySubject(keys.entries)}}, predicate, &coordinator_key_};
}

Draft SampleLedger::Job() const {
  json predicate = Common();
  predicate.update({{"job_id", SampleId("job")},
                    {"job_digest", SampleDigest("job file")},
                    {"name", ""},
                    {"submitted_by", "researcher"},
                    {"commitments",
                     {{"name", Committed("name", "harp and dizi")},
                      {"submitted_by", Committed("submitted_by", "spiffe://demo/researcher/researcher-1")}}},
                    {"architecture", "rave-tiny"},
                    {"method", "full"},
                    {"purpose", "train.generative"},
                    {"strategy", "fedavg"},
                    {"weighting", "examples"},
                    {"mode", "plain"},
                    {"traditions", json::array()},
                    {"rounds", 1},
                    {"quorum", 2},
                    {"max_weight", 3600},
                    {"cohort_bound", 4},
                    {"local_steps", 40},
                    {"clip_norm", "1"},
                    {"learning_rate", "0.0005"},
                    {"proximal_mu", "0"},
                    {"seed", "20261122"},
                    {"base_digest", SampleDigest("base tensors")},
                    {"state_digest", SampleDigest("state 0")},
                    {"manifests", {SampleDigest("manifest")}}});
  return {Kind::kJob,
          {{"job/" + SampleId("job"), SampleDigest("job file")}, {"base-model", SampleDigest("base file")}},
          predicate,
          &coordinator_key_};
}

Draft SampleLedger::Approval(const std::string& archive) const {
  json predicate = CommonOf(archive);
  predicate.update({{"job_id", SampleId("job")},
                    {"job_digest", SampleDigest("job file")},
                    {"plan_digest", SampleDigest("plan of " + archive)},
                    {"decision", "approve"},
                    {"reason", "ok"},
                    {"basis", "standing-policy"},
                    {"policy_digest", SampleDigest("policy of " + archive)}});
  return {Kind::kApproval,
          {{"plan", SampleDigest("plan of " + archive)}},
          predicate,
          &archives_.at(archive).entries};
}

Draft SampleLedger::Roster() const {
  json members = json::array();
  for (const auto& [name, approval] : {std::pair{kUk, 4}, std::pair{kCn, 5}}) {
    members.push_back({{"archive", name},
                       {"key", archives_.at(name).entries.verifier().KeyId()},
                       {"approval", approval},
                       {"plan_digest", SampleDigest(absl::StrCat("plan of ", name))},
                       {"weight", WeightOf(name)},
                       {"supplies",
                        {{{"tradition", TraditionOf(name)},
                          {"training_recordings", 12},
                          {"holdout_recordings", 4},
                          {"training_seconds", WeightOf(name)}}}}});
  }
  json predicate = Common();
  predicate.update({{"job_id", SampleId("job")}, {"group", 0}, {"archives", members}});
  return {
      Kind::kRoster, {{"job/" + SampleId("job"), SampleDigest("job file")}}, predicate, &coordinator_key_};
}

Draft SampleLedger::RoundOpen() const {
  json predicate = Common();
  predicate.update(RoundMembers());
  predicate.update({{"group", 0},
                    {"base_digest", SampleDigest("state 0")},
                    {"state_artifact", SampleDigest("state 0 file")},
                    {"manifest_digest", SampleDigest("manifest")},
                    {"mode", "plain"},
                    {"quorum", 2},
                    {"deadline_seconds", 3600}});
  for (const char* name : {kUk, kCn}) {
    predicate["cohort"].push_back({{"archive", name}, {"weight", WeightOf(name)}});
    predicate["traditions"].push_back({{"tradition", TraditionOf(name)}, {"weight", WeightOf(name)}});
  }
  return {Kind::kRoundOpen,
          {{"round/" + SampleId("round 1"), SampleDigest("state 0")}},
          predicate,
          &coordinator_key_};
}

Draft SampleLedger::Contribution(const std::string& archive) const {
  json predicate = CommonOf(archive);
  predicate.update(RoundMembers());
  predicate.update({{"participation_id", SampleId("participation of " + archive)},
                    {"base_digest", SampleDigest("state 0")},
                    {"manifest_digest", SampleDigest("manifest")},
                    {"update_digest", SampleDigest("update of " + archive)},
                    {"update_bytes", 3763528},
                    {"plan_digest", SampleDigest("plan of " + archive)},
                    {"weight", WeightOf(archive)},
                    {"mode", "plain"}});
  return {Kind::kContribution,
          {{"update", SampleDigest("update of " + archive)}},
          predicate,
          &archives_.at(archive).entries};
}

Draft SampleLedger::Decision(const std::string& archive, uint64_t contribution) const {
  const std::string hash = HexOf(ledger::LeafHash(entries_.at(contribution)));
  json predicate = Common();
  predicate.update(RoundMembers());
  predicate.update({{"about", "contribution"},
                    {"archive", archive},
                    {"contribution", contribution},
                    {"leaf_hash", hash},
                    {"outcome", "accepted"},
                    {"reason", "ok"},
                    {"checked", "by coordinator"}});
  return {Kind::kDecision, {{"contribution", hash}}, predicate, &coordinator_key_};
}

Draft SampleLedger::Aggregation(const std::vector<uint64_t>& contributions) const {
  json predicate = Common();
  predicate.update(RoundMembers());
  predicate.update({{"group", 0},
                    {"base_digest", SampleDigest("state 0")},
                    {"manifest_digest", SampleDigest("manifest")},
                    {"sum_digest", SampleDigest("sum")},
                    {"model_digest", SampleDigest("state 1")},
                    {"model_artifact", SampleDigest("state 1 file")},
                    {"contributions", contributions},
                    {"weight_total", WeightOf(kUk) + WeightOf(kCn)},
                    {"absent", json::array()},
                    {"strategy", "fedavg"},
                    {"server_learning_rate", "1"}});
  return {Kind::kAggregation,
          {{"model", SampleDigest("state 1")}, {"sum", SampleDigest("sum")}},
          predicate,
          &coordinator_key_};
}

Draft SampleLedger::Evaluation(const std::string& archive) const {
  json predicate = CommonOf(archive);
  predicate.update(RoundMembers());
  predicate.update({{"before_digest", SampleDigest("base tensors")},
                    {"after_digest", SampleDigest("state 1")},
                    {"measure", "multi-scale-stft-distance.v1"},
                    {"unit", "distance"},
                    {"scores",
                     {{{"tradition", TraditionOf(archive)},
                       {"pairs", json::array({Pair("4.125", "3.5"), Pair("4.75", "4.25"),
                                              Pair("3.875", "3.625"), Pair("5", "4.5")})}}}},
                    {"bytes_sent", 3763528},
                    {"journal_head", SampleDigest("journal of " + archive)}});
  return {Kind::kEvaluation, {{"model", SampleDigest("state 1")}}, predicate, &archives_.at(archive).entries};
}

Draft SampleLedger::ModelRelease() const {
  json predicate = Common();
  predicate.update({{"job_id", SampleId("job")},
                    {"rounds", 1},
                    {"model_artifact", SampleDigest("state 1 file")},
                    {"base_digest", SampleDigest("base tensors")},
                    {"architecture", "rave-tiny"},
                    {"method", "full"},
                    {"level", "0.95"},
                    {"unit", "distance"},
                    {"harms", json::array()}});
  for (const char* name : {kUk, kCn}) {
    predicate["results"].push_back({{"tradition", TraditionOf(name)},
                                    {"archive", name},
                                    {"recordings", 4},
                                    {"before", "4.4375"},
                                    {"after", "3.96875"},
                                    {"difference", "-0.46875"},
                                    {"low", "-0.59375"},
                                    {"high", "-0.3125"},
                                    {"verdict", "improved"}});
  }
  return {Kind::kModelRelease, {{"model", SampleDigest("state 1")}}, predicate, &coordinator_key_};
}

Draft SampleLedger::Revoke(const std::string& archive) const {
  const ArchiveKeys& keys = archives_.at(archive);
  json predicate = Common();
  predicate.update({{"name", archive},
                    {"role", "archive"},
                    {"entries_vkey", keys.entries.verifier().ToString()},
                    {"certificate_sha256", SampleDigest("certificate of " + archive)},
                    {"reason", "left"}});
  return {Kind::kKeyRevoke, {{"key/" + archive, KeySubject(keys.entries)}}, predicate, &coordinator_key_};
}

std::string SampleLedger::Receipt(uint64_t index) const {
  const std::string hash = HexOf(ledger::LeafHash(entries_.at(index)));
  json predicate = Common();
  predicate.update({{"index", index}, {"leaf_hash", hash}});
  return ledger::SealEntry(Kind::kReceipt, {{"leaf", hash}}, predicate, {&coordinator_key_}).value();
}

void SampleLedger::AddGood(const Draft& draft) {
  const absl::Status status = Add(draft);
  if (status.ok()) return;
  std::fprintf(stderr, "the sample breaks a rule: %s\n", status.ToString().c_str());
  std::abort();
}

void SampleLedger::AddUntilRoundOpen() {
  AddGood(EnrolCoordinator());
  AddGood(EnrolArchive(kUk));
  AddGood(EnrolArchive(kCn));
  AddGood(Job());
  AddGood(Approval(kUk));
  AddGood(Approval(kCn));
  AddGood(Roster());
  AddGood(RoundOpen());
  Seal();
}

void SampleLedger::AddUntilRelease() {
  AddUntilRoundOpen();
  AddGood(Contribution(kUk));
  AddGood(Decision(kUk, 8));
  AddGood(Contribution(kCn));
  AddGood(Decision(kCn, 10));
  AddGood(Aggregation({8, 10}));
  AddGood(Evaluation(kUk));
  AddGood(Evaluation(kCn));
  AddGood(ModelRelease());
}

void SampleLedger::AddAll() {
  AddUntilRelease();
  AddGood(Revoke(kCn));
  Seal();
}

ledger::ExportSource SampleLedger::Source() const {
  ledger::ExportSource source;
  source.read = [this](uint64_t start, uint64_t end,
                       const std::function<absl::Status(absl::string_view)>& take) {
    for (uint64_t i = start; i < end && i < entries_.size(); ++i) {
      if (absl::Status status = take(entries_[i]); !status.ok()) return status;
    }
    return absl::OkStatus();
  };
  source.checkpoints = checkpoints_;
  source.keys.log_vkeys = {log_key_.verifier().ToString()};
  for (const ledger::KeyBook::Known& known : rules_.keys().keys()) {
    if (known.purpose == ledger::KeyPurpose::kLog && !(known.key == log_key_.verifier()))
      source.keys.log_vkeys.push_back(known.key.ToString());
  }
  for (const VerifierKey& key : entry_keys()) source.keys.entry_vkeys.push_back(key.ToString());
  for (const auto& [name, keys] : archives_)
    source.keys.witness_vkeys.push_back(keys.mirror.verifier().ToString());
  source.keys.policy = rules_.policies().empty()
                           ? absl::StrCat("log ", log_key_.verifier().ToString(), "\n\nquorum none\n")
                           : rules_.policies().rbegin()->second;
  return source;
}

std::vector<VerifierKey> SampleLedger::entry_keys() const {
  return {coordinator_key_.verifier(), archives_.at(kUk).entries.verifier(),
          archives_.at(kCn).entries.verifier()};
}

}  // namespace consort::testing
