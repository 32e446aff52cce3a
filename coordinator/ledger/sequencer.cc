#include "coordinator/ledger/sequencer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/failpoint/failpoint.h"
#include "common/ledger/checkpoint.h"
#include "common/status/macros.h"
#include "coordinator/ledger/archive_entry.h"
#include "coordinator/ledger/stored_tree.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

constexpr absl::string_view kAgainstRules = "against-rules: ";

std::vector<std::string> BytesOf(const std::vector<Digest>& hashes) {
  std::vector<std::string> result;
  result.reserve(hashes.size());
  for (const Digest& hash : hashes) result.emplace_back(ViewOf(hash));
  return result;
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
  LiveRules rules{identity.origin};
  std::vector<const SigningKey*> log_keys{&log_key};
  Hold hold = Hold::kNone;
  std::string hold_reason;
  absl::Duration seal_delay = absl::InfiniteDuration();
  std::optional<Executor::TimerId> seal_timer;
  std::function<void(const absl::Status&)> on_seal_failure = [](const absl::Status&) {};
  std::vector<std::function<void(const CheckpointRow&)>> on_sealed;
  std::vector<std::function<void(ledger::Kind, uint64_t)>> on_appended;
  std::shared_ptr<char> alive = std::make_shared<char>();
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
  std::unique_ptr<State> state(new State{store, identity, log_key, entry_key, executor});
  const absl::Status whole = store.Transact([&state](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(CheckWholeLedger(transaction));
    return state->rules.Load(transaction);
  });
  if (absl::IsDataLoss(whole)) return absl::FailedPreconditionError(whole.message());
  RETURN_IF_ERROR(whole);
  return std::unique_ptr<Sequencer>(new Sequencer(std::move(state)));
}

const LedgerIdentity& Sequencer::identity() const { return state_->identity; }
const SigningKey& Sequencer::entry_key() const { return state_->entry_key; }
const SigningKey& Sequencer::log_key() const { return state_->log_key; }
void Sequencer::AlsoSignWith(const SigningKey& log_key) { state_->log_keys.push_back(&log_key); }
const LiveRules& Sequencer::rules() const { return state_->rules; }
Sequencer::Hold Sequencer::hold() const { return state_->hold; }
const std::string& Sequencer::hold_reason() const { return state_->hold_reason; }

void Sequencer::SetHold(Hold hold, std::string reason) {
  state_->hold = hold;
  state_->hold_reason = std::move(reason);
  if (hold == Hold::kNone) ArmSealing();
}

void Sequencer::OnSealed(std::function<void(const CheckpointRow&)> sealed) {
  state_->on_sealed.push_back(std::move(sealed));
}

void Sequencer::OnAppended(std::function<void(ledger::Kind, uint64_t)> appended) {
  state_->on_appended.push_back(std::move(appended));
}

absl::StatusOr<int64_t> Sequencer::LastNodeSeq(Transaction& transaction, absl::string_view archive) const {
  int64_t last = 0;
  for (const std::string& keyid : state_->rules.SeriesKeyIds(archive)) {
    ASSIGN_OR_RETURN(const int64_t of_key, transaction.LastNodeSeq(keyid));
    last = std::max(last, of_key);
  }
  return last;
}

absl::StatusOr<Appended> Sequencer::Append(Transaction& transaction, LeafRow leaf,
                                           const ledger::OpenedEntry& entry) {
  if (state_->hold == Hold::kEverything) {
    return absl::UnavailableError(absl::StrCat("ledger takes no entry: ", state_->hold_reason));
  }
  const ledger::Kind kind = entry.statement.kind;
  leaf.payload_digest = entry.payload_digest;
  leaf.kind = std::string(ledger::KindName(kind));
  leaf.signer = entry.signers.front();
  ASSIGN_OR_RETURN(leaf.index, transaction.LedgerSize());
  const Digest hash = ledger::LeafHash(leaf.body);
  leaf.hash = std::string(ViewOf(hash));
  // In a part of its own: whatever the caller makes of an error, rules and rows stay in step.
  RETURN_IF_ERROR(transaction.Nested([&]() -> absl::Status {
    const absl::Status allowed = state_->rules.Take(transaction, leaf.index, entry, hash);
    if (!allowed.ok()) return absl::Status(allowed.code(), absl::StrCat(kAgainstRules, allowed.message()));
    return StoreLeaf(transaction, leaf);
  }));
  CONSORT_FAILPOINT("append.before-commit");
  transaction.WhenOver([this, kind, index = leaf.index](bool kept) {
    if (kept) CONSORT_KILLPOINT("append.committed");
    if (!kept || state_->on_appended.empty()) return;
    state_->executor.Post([this, kind, index, alive = std::weak_ptr<char>(state_->alive)] {
      if (alive.lock() == nullptr) return;
      for (const auto& appended : state_->on_appended) appended(kind, index);
    });
  });
  ArmSealing();
  return Appended{leaf.index, leaf.hash};
}

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
  const auto round = predicate.find("round_id");
  if (round != predicate.end() && round->is_string()) leaf.round_id = round->get<std::string>();
  return Append(transaction, std::move(leaf), opened);
}

absl::StatusOr<Appended> Sequencer::AppendFromArchive(Transaction& transaction, ledger::Kind kind,
                                                      absl::string_view archive, const VerifierKey& signer,
                                                      absl::string_view envelope) {
  ASSIGN_OR_RETURN(const int64_t last_node_seq, LastNodeSeq(transaction, archive));
  ASSIGN_OR_RETURN(ArchiveEntry entry, CheckArchiveEntry(transaction, state_->identity, kind,
                                                         {archive, signer, last_node_seq}, envelope));
  LeafRow leaf;
  leaf.body = std::string(envelope);
  leaf.round_id = std::move(entry.round_id);
  leaf.node_seq = entry.node_seq;
  ASSIGN_OR_RETURN(Appended appended, Append(transaction, std::move(leaf), entry.opened));
  RETURN_IF_ERROR(RecordHead(transaction, archive, entry.head_size));
  return appended;
}

absl::StatusOr<Appended> Sequencer::AppendFromStaff(Transaction& transaction, ledger::Kind kind,
                                                    absl::string_view archive, const VerifierKey& signer,
                                                    absl::string_view envelope) {
  ASSIGN_OR_RETURN(const ledger::OpenedEntry entry,
                   CheckStaffEntry(transaction, state_->identity, kind, archive, signer, envelope));
  LeafRow leaf;
  leaf.body = std::string(envelope);
  return Append(transaction, std::move(leaf), entry);
}

absl::StatusOr<std::string> Sequencer::Receipt(const Appended& appended) const {
  const std::string leaf_hash = HexEncode(appended.leaf_hash);
  const nlohmann::json predicate = {{"origin", state_->identity.origin},
                                    {"project", state_->identity.project},
                                    {"index", appended.index},
                                    {"leaf_hash", leaf_hash}};
  return ledger::SealEntry(ledger::Kind::kReceipt, {{"leaf", leaf_hash}}, predicate, {&state_->entry_key});
}

absl::StatusOr<std::string> Sequencer::SignNote(uint64_t size, const Digest& root) const {
  const ledger::Checkpoint checkpoint{state_->identity.origin, size, root};
  const std::vector<VerifierKey> in_force = state_->rules.keys().LogKeysAt(size);
  std::string note;
  std::vector<std::string> lines;
  for (const SigningKey* const key : state_->log_keys) {
    if (std::find(in_force.begin(), in_force.end(), key->verifier()) == in_force.end()) continue;
    if (note.empty()) {
      note = ledger::SignCheckpoint(checkpoint, *key);
    } else {
      lines.push_back(ledger::SignatureLine(checkpoint.Text(), *key));
    }
  }
  if (note.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "none of this coordinator's log keys is in force; give it the key that the ledger names: size ",
        size));
  }
  return ledger::WithSignatures(note, lines);
}

absl::StatusOr<CheckpointRow> Sequencer::Seal() {
  CheckpointRow sealed;
  bool is_new = false;
  RETURN_IF_ERROR(state_->store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    ASSIGN_OR_RETURN(const std::optional<CheckpointRow> last, transaction.LatestCheckpoint());
    if (last.has_value() && last->size == size) {
      sealed = *last;
      return absl::OkStatus();
    }
    if (state_->hold != Hold::kNone) {
      return absl::FailedPreconditionError(absl::StrCat("ledger signs no checkpoint: ", state_->hold_reason));
    }
    if (last.has_value()) RETURN_IF_ERROR(CheckSignedRoot(transaction, *last));
    RETURN_IF_ERROR(CheckStoredLeaves(transaction, last.has_value() ? last->size : 0, size));
    ASSIGN_OR_RETURN(const Digest root, StoredRoot(transaction, size));
    sealed.size = size;
    sealed.root = std::string(ViewOf(root));
    ASSIGN_OR_RETURN(sealed.note, SignNote(size, root));
    sealed.sealed_unix_seconds = absl::ToUnixSeconds(state_->executor.WallClock());
    // Committed before anybody sees it: a crash can then not lead to two roots for one size.
    is_new = true;
    RETURN_IF_ERROR(transaction.InsertCheckpoint(sealed));
    CONSORT_FAILPOINT("seal.before-commit");
    return absl::OkStatus();
  }));
  if (is_new) CONSORT_KILLPOINT("seal.committed");
  if (is_new) {
    for (const auto& on_sealed : state_->on_sealed) on_sealed(sealed);
  }
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
    if (state_->hold != Hold::kNone) return;  // armed again when it ends
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
