#include "tests/node/daemon/fake_coordinator.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/key_possession.h"
#include "common/ledger/witness_protocol.h"
#include "common/session/protocol.h"

namespace consort::node {

class FakeStream : public Stream {
 public:
  FakeStream(FakeCoordinator& coordinator, uint64_t connection)
      : coordinator_(coordinator), connection_(connection) {}
  void Write(const v1::Envelope& envelope) override { coordinator_.OnWrite(connection_, envelope); }

 private:
  FakeCoordinator& coordinator_;
  const uint64_t connection_;
};

FakeCoordinator::FakeCoordinator()
    : log_key_(SigningKey::FromSeed(kOrigin, KeyAlgorithm::kEd25519, std::string(32, 'l')).value()),
      entry_key_(SigningKey::FromSeed("coordinator.test.example/entries", KeyAlgorithm::kEd25519,
                                      std::string(32, 'e'))
                     .value()) {}

std::unique_ptr<Stream> FakeCoordinator::Open(Callbacks callbacks) {
  const uint64_t connection = static_cast<uint64_t>(++connections);
  if (!reachable) {
    callbacks.on_closed(absl::UnavailableError("connection refused"));
    return std::make_unique<FakeStream>(*this, 0);
  }
  callbacks_ = std::move(callbacks);
  connection_ = connection;
  return std::make_unique<FakeStream>(*this, connection);
}

void FakeCoordinator::Cut() {
  if (std::exchange(connection_, 0) != 0) callbacks_.on_closed(absl::UnavailableError("connection reset"));
}

void FakeCoordinator::Restart() {
  Cut();
  session_id_.clear();
}

void FakeCoordinator::Send(v1::Envelope envelope) {
  const v1::Envelope numbered = outbox_.Add(std::move(envelope)).value();
  if (connection_ != 0) Deliver(numbered);
}

void FakeCoordinator::Deliver(const v1::Envelope& envelope) {
  v1::Envelope stamped = envelope;
  stamped.set_acknowledged(inbox_.acknowledged());
  callbacks_.on_message(stamped);
}

void FakeCoordinator::OnWrite(uint64_t connection, const v1::Envelope& envelope) {
  if (connection == 0 || connection != connection_) return;
  if (envelope.has_node_hello()) return Greet(envelope.node_hello());
  if (!outbox_.Acknowledge(envelope.acknowledged()).ok()) std::abort();
  const auto arrival = inbox_.Accept(envelope);
  if (!arrival.ok()) std::abort();
  if (*arrival == session::SequencedInbox::Arrival::kNew) Act(envelope);
}

void FakeCoordinator::Greet(const v1::NodeHello& hello) {
  hellos.push_back(hello);
  v1::Envelope envelope;
  v1::Welcome& welcome = *envelope.mutable_welcome();
  const bool resumed = !session_id_.empty() && hello.session_id() == session_id_;
  if (!resumed) {
    session_id_ = absl::StrCat("session-", ++sessions_);
    outbox_.Reset();
    inbox_.Reset();
  }
  welcome.set_session_id(session_id_);
  welcome.set_acknowledged(inbox_.acknowledged());
  welcome.set_ledger_origin(kOrigin);
  welcome.set_project(kProject);
  welcome.set_log_vkey(log_key().ToString());
  welcome.set_node_seq(node_seq_);
  if (witnesses) welcome.add_capabilities(session::kCapabilityWitness);
  callbacks_.on_message(envelope);
  if (!resumed) return;
  const auto replay = outbox_.After(hello.acknowledged()).value();
  for (const v1::Envelope& missed : replay) Deliver(missed);
}

void FakeCoordinator::Act(const v1::Envelope& envelope) {
  received.push_back(envelope);
  if (envelope.has_offer_answer()) AnswerEntry(envelope.offer_answer().approval_envelope());
  if (envelope.has_evaluation_report()) AnswerEntry(envelope.evaluation_report().envelope());
  if (envelope.has_staff_entry()) AnswerEntry(envelope.staff_entry().envelope());
  if (envelope.has_key_rotation()) AnswerEntry(envelope.key_rotation().envelope());
  if (!envelope.has_contribution() || !answers_verdicts) return;
  const bool logged = !logs_contributions || AppendArchive(envelope.contribution().envelope());
  v1::Envelope answer;
  answer.mutable_verdict()->set_participation_id(envelope.contribution().participation_id());
  answer.mutable_verdict()->set_accepted(logged && accepts);
  answer.mutable_verdict()->set_reason(logged && accepts ? "ok" : "refused-by-test");
  if (witnesses && gives_receipts && logged && logs_contributions) {
    const std::string& entry = envelope.contribution().envelope();
    answer.mutable_verdict()->set_receipt_envelope(Receipt(IndexOf(entry), entry));
  }
  Send(std::move(answer));
}

uint64_t FakeCoordinator::IndexOf(const std::string& entry) const {
  return static_cast<uint64_t>(std::find(leaves_.begin(), leaves_.end(), entry) - leaves_.begin());
}

void FakeCoordinator::AnswerEntry(const std::string& entry) {
  if (entry.empty()) return;
  const auto payload = Base64Decode(nlohmann::json::parse(entry)["payload"].get<std::string>()).value();
  const auto predicate = nlohmann::json::parse(payload)["predicate"];
  const bool numbered = predicate.contains("node_seq");
  if (numbered && logs_other_entries && !AppendArchive(entry)) return;
  if (!witnesses || !answers_outcomes) return;
  v1::Envelope answer;
  v1::EntryOutcome& outcome = *answer.mutable_entry_outcome();
  if (numbered) outcome.set_node_seq(predicate["node_seq"].get<uint64_t>());
  outcome.set_payload_digest(Sha256Hex(payload));
  outcome.set_logged(logs_other_entries);
  if (!logs_other_entries) outcome.set_reason("refused-by-test");
  if (logs_other_entries && gives_receipts) {
    if (!numbered) {
      leaves_.push_back(entry);
      tree_.Append(ledger::LeafHash(entry));
    }
    outcome.set_receipt_envelope(Receipt(IndexOf(entry), entry));
  }
  Send(std::move(answer));
}

std::string FakeCoordinator::Receipt(uint64_t index, const std::string& entry) const {
  const std::string hash = HexOf(ledger::LeafHash(entry));
  const nlohmann::json predicate = {
      {"origin", kOrigin}, {"project", kProject}, {"index", index}, {"leaf_hash", hash}};
  return ledger::SealEntry(ledger::Kind::kReceipt, {{"leaf", hash}}, predicate, {&entry_key_}).value();
}

void FakeCoordinator::Enrol(const SigningKey& entries, const SigningKey& mirror, const SigningKey& approval) {
  witnesses = true;
  const auto append = [this](const char* name, const SigningKey& key, nlohmann::json predicate) {
    predicate["origin"] = kOrigin;
    predicate["project"] = kProject;
    predicate["name"] = name;
    predicate["certificate_sha256"] = Sha256Hex(name);
    leaves_.push_back(
        ledger::SealEntry(ledger::Kind::kKeyEnrol,
                          {{absl::StrCat("key/", name), Sha256Hex(key.verifier().public_key())}}, predicate,
                          {&entry_key_})
            .value());
    tree_.Append(ledger::LeafHash(leaves_.back()));
  };
  append("coordinator", entry_key_,
         {{"role", "coordinator"},
          {"entries_vkey", entry_key().ToString()},
          {"log_vkey", log_key().ToString()}});
  const std::string token = Sha256Hex("invitation");
  const auto proof = [&token](const char* purpose, const SigningKey& key) {
    return Base64Encode(key.Sign(ledger::EnrolmentProofText(purpose, kArchive, token)));
  };
  append(kArchive, entries,
         {{"role", "archive"},
          {"entries_vkey", entries.verifier().ToString()},
          {"mirror_vkey", mirror.verifier().ToString()},
          {"approval_vkey", approval.verifier().ToString()},
          {"token_sha256", token},
          {"possession",
           {{"entries", proof("entries", entries)},
            {"mirror", proof("mirror", mirror)},
            {"approval", proof("approval", approval)}}}});
}

void FakeCoordinator::AskToCosign(uint64_t old_size, uint64_t size) {
  v1::Envelope request;
  request.set_request_id("cosign");
  request.mutable_witness_request()->set_body(ledger::FormatAddCheckpoint(
      {old_size, ledger::ConsistencyProof(old_size, size, tree_.Reader()).value(),
       ledger::SignCheckpoint({kOrigin, size, tree_.Root(size).value()}, log_key_)}));
  Send(std::move(request));
}

void FakeCoordinator::AskToCosignForgery(uint64_t old_size, uint64_t size) {
  v1::Envelope request;
  request.mutable_witness_request()->set_body(ledger::FormatAddCheckpoint(
      {old_size, {}, ledger::SignCheckpoint({kOrigin, size, Sha256Of("forged")}, log_key_)}));
  Send(std::move(request));
}

// The rule of the ledger: the next number of this archive, or a leaf that is there already.
bool FakeCoordinator::AppendArchive(const std::string& envelope) {
  for (const std::string& leaf : leaves_) {
    if (leaf == envelope) return true;
  }
  const auto statement = ledger::ReadEntry(envelope);
  if (!statement.ok()) std::abort();
  const auto predicate = nlohmann::json::parse(statement->predicate);
  if (predicate["node_seq"] != node_seq_ + 1) {
    ++refused_entries;
    return false;
  }
  ++node_seq_;
  leaves_.push_back(envelope);
  tree_.Append(ledger::LeafHash(envelope));
  return true;
}

uint64_t FakeCoordinator::Append(ledger::Kind kind, const std::string& subject, nlohmann::json predicate) {
  predicate["origin"] = kOrigin;
  predicate["project"] = kProject;
  leaves_.push_back(
      ledger::SealEntry(kind, {{subject, std::string(64, 'a')}}, predicate, {&entry_key_}).value());
  tree_.Append(ledger::LeafHash(leaves_.back()));
  return leaves_.size() - 1;
}

v1::LedgerHead FakeCoordinator::Head(uint64_t from) {
  v1::LedgerHead head;
  head.set_checkpoint(ledger::SignCheckpoint({kOrigin, size(), tree_.Root(size()).value()}, log_key_));
  head.set_proof_from_size(from);
  const auto hashes = ledger::ConsistencyProof(from, size(), tree_.Reader()).value();
  for (const Digest& hash : hashes) {
    head.add_consistency_proof(std::string(ViewOf(hash)));
  }
  return head;
}

v1::LedgerHead FakeCoordinator::ForkedHead(uint64_t from) {
  ledger::MemoryTree other;
  for (uint64_t i = 0; i <= size(); ++i) other.Append(Sha256Of(absl::StrCat("forged ", i)));
  v1::LedgerHead head;
  head.set_checkpoint(
      ledger::SignCheckpoint({kOrigin, other.size(), other.Root(other.size()).value()}, log_key_));
  head.set_proof_from_size(from);
  const auto hashes = ledger::ConsistencyProof(from, other.size(), other.Reader()).value();
  for (const Digest& hash : hashes) {
    head.add_consistency_proof(std::string(ViewOf(hash)));
  }
  return head;
}

std::vector<std::string> FakeCoordinator::Inclusion(uint64_t index, uint64_t size) {
  std::vector<std::string> proof;
  const auto hashes = ledger::InclusionProof(index, size, tree_.Reader()).value();
  for (const Digest& hash : hashes) {
    proof.emplace_back(ViewOf(hash));
  }
  return proof;
}

const v1::Envelope* FakeCoordinator::Last(v1::Envelope::BodyCase body) const {
  for (auto envelope = received.rbegin(); envelope != received.rend(); ++envelope) {
    if (envelope->body_case() == body) return &*envelope;
  }
  return nullptr;
}

int FakeCoordinator::Count(v1::Envelope::BodyCase body) const {
  int count = 0;
  for (const v1::Envelope& envelope : received) count += envelope.body_case() == body;
  return count;
}

}  // namespace consort::node
