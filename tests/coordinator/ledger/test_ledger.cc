#include "tests/coordinator/ledger/test_ledger.h"

#include <iostream>

#include "common/crypto/digest.h"
#include "common/ledger/key_possession.h"
#include "common/ledger/merkle_tree.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::testing {

SigningKey TestKey(const std::string& name, char seed_byte, KeyAlgorithm algorithm) {
  return SigningKey::FromSeed(name, algorithm, std::string(32, seed_byte)).value();
}

namespace {

const std::string kJobId = std::string(32, 'e');
const std::string kJobDigest = Sha256Hex("job");

ledger::Subject KeySubject(const std::string& name, const VerifierKey& key) {
  return {"key/" + name, Sha256Hex(key.public_key())};
}

OwnEntry Job() {
  return {ledger::Kind::kJob,
          {{"job/" + kJobId, kJobDigest}, {"base-model", Sha256Hex("base")}},
          {{"job_id", kJobId},
           {"job_digest", kJobDigest},
           {"name", ""},
           {"submitted_by", "researcher"},
           {"architecture", "rave-tiny"},
           {"method", "full"},
           {"purpose", "train.generative"},
           {"strategy", "fedavg"},
           {"weighting", "examples"},
           {"mode", "plain"},
           {"traditions", {"harp"}},
           {"rounds", 1},
           {"quorum", 1},
           {"max_weight", 1000},
           {"cohort_bound", 8},
           {"local_steps", 10},
           {"clip_norm", "10"},
           {"learning_rate", "0.001"},
           {"proximal_mu", "0"},
           {"seed", "7"},
           {"base_digest", Sha256Hex("base")},
           {"state_digest", Sha256Hex("state")},
           {"manifests", {Sha256Hex("manifest")}}}};
}

}  // namespace

OwnEntry CoordinatorEnrolled(const VerifierKey& log_key, const VerifierKey& entry_key) {
  return {ledger::Kind::kKeyEnrol,
          {KeySubject("coordinator", entry_key)},
          {{"name", "coordinator"},
           {"role", "coordinator"},
           {"entries_vkey", entry_key.ToString()},
           {"log_vkey", log_key.ToString()},
           {"certificate_sha256", Sha256Hex("ca")}}};
}

OwnEntry ArchiveEnrolled(const std::string& name, const SigningKey& entries, const SigningKey& mirror,
                         const SigningKey& approval) {
  const std::string token = Sha256Hex("token of " + name);
  nlohmann::json possession;
  const std::pair<const char*, const SigningKey*> keys[] = {
      {"entries", &entries}, {"mirror", &mirror}, {"approval", &approval}};
  for (const auto& [purpose, key] : keys) {
    possession[purpose] = Base64Encode(key->Sign(ledger::EnrolmentProofText(purpose, name, token)));
  }
  return {ledger::Kind::kKeyEnrol,
          {KeySubject(name, entries.verifier())},
          {{"name", name},
           {"role", "archive"},
           {"entries_vkey", entries.verifier().ToString()},
           {"mirror_vkey", mirror.verifier().ToString()},
           {"approval_vkey", approval.verifier().ToString()},
           {"certificate_sha256", Sha256Hex("certificate")},
           {"possession", possession},
           {"token_sha256", token}}};
}

OwnEntry JobCancelled(const std::string& name) {
  const std::string job_id = Sha256Hex(name).substr(0, 32);
  return {ledger::Kind::kDecision,
          {{"job/" + job_id, Sha256Hex(name)}},
          {{"about", "job"},
           {"job_id", job_id},
           {"outcome", "cancelled"},
           {"reason", "cancelled"},
           {"checked", "by coordinator"}}};
}

TestLedger::TestLedger(const std::string& path, Begin begin)
    : log_key_(TestKey(identity_.origin, 1)),
      entry_key_(TestKey("coordinator.example.org/entries", 2)),
      archive_key_(TestKey("archive-uk-1.example.org/entries", 3)),
      mirror_key_(TestKey("archive-uk-1.example.org/mirror", 4, KeyAlgorithm::kCosignatureV1)),
      approval_key_(TestKey("archive-uk-1.example.org/approval", 5)),
      store_(coordinator::SqliteStore::Open(path).value()),
      sequencer_(coordinator::Sequencer::Open(*store_, identity_, log_key_, entry_key_, executor_).value()) {
  if (begin == Begin::kEmpty || Size() > 0) return;
  Append(CoordinatorEnrolled(log_key_.verifier(), entry_key_.verifier()));
  Append(ArchiveEnrolled("archive-uk-1", archive_key_, mirror_key_, approval_key_));
  Append(Job());
}

coordinator::Appended TestLedger::Append(const OwnEntry& entry) {
  coordinator::Appended appended;
  const absl::Status status = store_->Transact([&](coordinator::Transaction& transaction) {
    auto result = sequencer_->AppendOwn(transaction, entry.kind, entry.subjects, entry.predicate);
    if (result.ok()) appended = *result;
    return result.status();
  });
  if (!status.ok()) {
    std::cerr << status << "\n";
    std::abort();
  }
  return appended;
}

std::string TestLedger::ArchiveEntry(int64_t node_seq, const nlohmann::json& changes,
                                     const SigningKey& signer) const {
  nlohmann::json predicate = {
      {"origin", identity_.origin},
      {"project", identity_.project},
      {"archive", "archive-uk-1"},
      {"node_seq", node_seq},
      {"prev_head", {{"size", 0}, {"root", HexOf(ledger::EmptyRoot())}}},
      {"job_id", kJobId},
      {"job_digest", kJobDigest},
      {"plan_digest", Sha256Hex("plan")},
      {"decision", "approve"},
      {"reason", "ok"},
      {"basis", "standing-policy"},
      {"policy_digest", Sha256Hex("policy")},
  };
  predicate.update(changes);
  return ledger::SealEntry(ledger::Kind::kApproval, {{"plan", Sha256Hex("plan")}}, predicate, {&signer})
      .value();
}

absl::StatusOr<coordinator::Appended> TestLedger::Offer(const std::string& envelope) {
  coordinator::Appended appended;
  const absl::Status status = store_->Transact([&](coordinator::Transaction& transaction) {
    auto result = sequencer_->AppendFromArchive(transaction, ledger::Kind::kApproval, "archive-uk-1",
                                                archive_key_.verifier(), envelope);
    if (result.ok()) appended = *result;
    return result.status();
  });
  if (!status.ok()) return status;
  return appended;
}

uint64_t TestLedger::Size() {
  uint64_t size = 0;
  const absl::Status status = store_->Transact([&](coordinator::Transaction& transaction) {
    const auto result = transaction.LedgerSize();
    size = result.value_or(0);
    return result.status();
  });
  if (!status.ok()) std::abort();
  return size;
}

}  // namespace consort::testing
