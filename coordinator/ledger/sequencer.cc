#include "coordinator/ledger/sequencer.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/status/macros.h"
#include "coordinator/ledger/archive_entry.h"
#include "coordinator/ledger/stored_tree.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

std::vector<std::string> BytesOf(const std::vector<Digest>& hashes) {
  std::vector<std::string> result;
  result.reserve(hashes.size());
  for (const Digest& hash : hashes) result.emplace_back(ViewOf(hash));
  return result;
}

absl::StatusOr<Appended> Append(Transaction& transaction, LeafRow leaf) {
  ASSIGN_OR_RETURN(leaf.index, transaction.LedgerSize());
  leaf.hash = std::string(ViewOf(ledger::LeafHash(leaf.body)));
  RETURN_IF_ERROR(StoreLeaf(transaction, leaf));
  return Appended{leaf.index, leaf.hash};
}

absl::Status CheckDurable(Transaction& transaction, uint64_t size) {
  ASSIGN_OR_RETURN(const uint64_t durable, transaction.LedgerSize());
  if (size <= durable) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(
      "ledger has no such size yet; ask for its newest checkpoint: asked ", size, ", has ", durable));
}

// The entries up to the last checkpoint must still give the root that was signed.
absl::Status CheckSignedRoot(Transaction& transaction, const CheckpointRow& last) {
  ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
  if (last.size > size) {
    return absl::DataLossError(
        absl::StrCat("ledger-damaged: checkpoint covers ", last.size, " entries, the database holds ", size));
  }
  ASSIGN_OR_RETURN(const Digest root, StoredRoot(transaction, last.size));
  if (last.root == ViewOf(root)) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("ledger-damaged: entries do not give the root of the last checkpoint, size ", last.size));
}

absl::Status CheckWholeLedger(Transaction& transaction) {
  ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
  RETURN_IF_ERROR(CheckStoredLeaves(transaction, 0, size));
  ASSIGN_OR_RETURN(const std::optional<CheckpointRow> last, transaction.LatestCheckpoint());
  return last.has_value() ? CheckSignedRoot(transaction, *last) : absl::OkStatus();
}

}  // namespace

struct Sequencer::State {
  Store& store;
  LedgerIdentity identity;
  const SigningKey& log_key;
  const SigningKey& entry_key;
  Executor& executor;
  std::vector<const SigningKey*> other_log_keys;
  absl::Duration seal_delay = absl::InfiniteDuration();
  std::optional<Executor::TimerId> seal_timer;
  std::function<void(const absl::Status&)> on_seal_failure = [](const absl::Status&) {};
};

Sequencer::Sequencer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sequencer::~Sequencer() {
  if (state_->seal_timer.has_value()) state_->executor.Cancel(*state_->seal_timer);
}

absl::StatusOr<std::unique_ptr<Sequencer>> Sequencer::Open(Store& store, const LedgerIdentity& identity,
                                                           const SigningKey& log_key,
                                                           const SigningKey& entry_key, Executor& executor) {
  if (log_key.verifier().name() != identity.origin) {
    return absl::InvalidArgumentError(absl::StrCat("log key is not named after the log's origin: key ",
                                                   log_key.verifier().name(), ", origin ", identity.origin));
  }
  const absl::Status whole = store.Transact(CheckWholeLedger);
  if (absl::IsDataLoss(whole)) return absl::FailedPreconditionError(whole.message());
  RETURN_IF_ERROR(whole);
  return std::unique_ptr<Sequencer>(
      new Sequencer(std::unique_ptr<State>(new State{store, identity, log_key, entry_key, executor})));
}

const LedgerIdentity& Sequencer::identity() const { return state_->identity; }
const SigningKey& Sequencer::entry_key() const { return state_->entry_key; }
const SigningKey& Sequencer::log_key() const { return state_->log_key; }
void Sequencer::SignAlsoWith(const SigningKey& log_key) { state_->other_log_keys.push_back(&log_key); }

absl::StatusOr<Appended> Sequencer::AppendOwn(Transaction& transaction, ledger::Kind kind,
                                              const std::vector<ledger::Subject>& subjects,
                                              nlohmann::json predicate) {
  predicate["origin"] = state_->identity.origin;
  predicate["project"] = state_->identity.project;
  LeafRow leaf;
  ASSIGN_OR_RETURN(leaf.body, ledger::SealEntry(kind, subjects, predicate, {&state_->entry_key}));
  // Opened again before it is stored: an entry that others would refuse must never become a leaf.
  ASSIGN_OR_RETURN(const ledger::OpenedEntry opened,
                   ledger::OpenEntry(leaf.body, {state_->entry_key.verifier()}));
  leaf.payload_digest = opened.payload_digest;
  leaf.kind = std::string(ledger::KindName(kind));
  leaf.signer = state_->entry_key.verifier().KeyId();
  const auto round = predicate.find("round_id");
  if (round != predicate.end() && round->is_string()) leaf.round_id = round->get<std::string>();
  ASSIGN_OR_RETURN(Appended appended, Append(transaction, std::move(leaf)));
  ArmSealing();
  return appended;
}

absl::StatusOr<Appended> Sequencer::AppendFromArchive(Transaction& transaction, ledger::Kind kind,
                                                      absl::string_view archive, const VerifierKey& signer,
                                                      absl::string_view envelope) {
  ASSIGN_OR_RETURN(ArchiveEntry entry,
                   CheckArchiveEntry(transaction, state_->identity, kind, archive, signer, envelope));
  LeafRow leaf;
  leaf.body = std::string(envelope);
  leaf.payload_digest = std::move(entry.payload_digest);
  leaf.kind = std::string(ledger::KindName(kind));
  leaf.signer = signer.KeyId();
  leaf.round_id = std::move(entry.round_id);
  leaf.node_seq = entry.node_seq;
  RETURN_IF_ERROR(RecordHead(transaction, archive, entry.head_size));
  ASSIGN_OR_RETURN(Appended appended, Append(transaction, std::move(leaf)));
  ArmSealing();
  return appended;
}

absl::StatusOr<std::string> Sequencer::Receipt(const Appended& appended) const {
  const std::string leaf_hash = HexEncode(appended.leaf_hash);
  const nlohmann::json predicate = {{"origin", state_->identity.origin},
                                    {"project", state_->identity.project},
                                    {"index", appended.index},
                                    {"leaf_hash", leaf_hash}};
  return ledger::SealEntry(ledger::Kind::kReceipt, {{"leaf", leaf_hash}}, predicate, {&state_->entry_key});
}

absl::StatusOr<CheckpointRow> Sequencer::Seal() {
  CheckpointRow sealed;
  RETURN_IF_ERROR(state_->store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    ASSIGN_OR_RETURN(const std::optional<CheckpointRow> last, transaction.LatestCheckpoint());
    if (last.has_value() && last->size == size) {
      sealed = *last;
      return absl::OkStatus();
    }
    if (last.has_value()) RETURN_IF_ERROR(CheckSignedRoot(transaction, *last));
    RETURN_IF_ERROR(CheckStoredLeaves(transaction, last.has_value() ? last->size : 0, size));
    ASSIGN_OR_RETURN(const Digest root, StoredRoot(transaction, size));
    sealed.size = size;
    sealed.root = std::string(ViewOf(root));
    const ledger::Checkpoint checkpoint{state_->identity.origin, size, root};
    sealed.note = ledger::SignCheckpoint(checkpoint, state_->log_key);
    for (const SigningKey* key : state_->other_log_keys) {
      ASSIGN_OR_RETURN(sealed.note,
                       ledger::WithSignatures(sealed.note, {ledger::SignatureLine(checkpoint.Text(), *key)}));
    }
    sealed.sealed_unix_seconds = absl::ToUnixSeconds(state_->executor.WallClock());
    // Committed before anybody sees it: a crash can then not lead to two roots for one size.
    return transaction.InsertCheckpoint(sealed);
  }));
  return sealed;
}

void Sequencer::SealEvery(absl::Duration delay) {
  state_->seal_delay = delay;
  ArmSealing();  // for what was appended before
}

void Sequencer::OnSealFailure(std::function<void(const absl::Status&)> callback) {
  state_->on_seal_failure = std::move(callback);
}

// Also runs for entries whose transaction is rolled back later: Seal then finds nothing new.
void Sequencer::ArmSealing() {
  if (state_->seal_delay == absl::InfiniteDuration() || state_->seal_timer.has_value()) return;
  state_->seal_timer = state_->executor.PostAfter(state_->seal_delay, [this] {
    state_->seal_timer.reset();
    const absl::Status status = Seal().status();
    if (status.ok()) return;
    state_->on_seal_failure(status);
    ArmSealing();
  });
}

absl::StatusOr<std::vector<std::string>> Sequencer::InclusionProof(uint64_t index, uint64_t size) {
  std::vector<std::string> proof;
  RETURN_IF_ERROR(state_->store.Transact([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(CheckDurable(transaction, size));
    ASSIGN_OR_RETURN(const std::vector<Digest> hashes,
                     ledger::InclusionProof(index, size, StoredSubtrees(transaction)));
    proof = BytesOf(hashes);
    return absl::OkStatus();
  }));
  return proof;
}

absl::StatusOr<std::vector<std::string>> Sequencer::ConsistencyProof(uint64_t old_size, uint64_t new_size) {
  std::vector<std::string> proof;
  RETURN_IF_ERROR(state_->store.Transact([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(CheckDurable(transaction, new_size));
    ASSIGN_OR_RETURN(const std::vector<Digest> hashes,
                     ledger::ConsistencyProof(old_size, new_size, StoredSubtrees(transaction)));
    proof = BytesOf(hashes);
    return absl::OkStatus();
  }));
  return proof;
}

}  // namespace consort::coordinator
