// How a witness comes up: what is read, and what of it can be believed.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "node/state/state_files.h"
#include "node/witness/witness.h"
#include "spdlog/spdlog.h"

namespace consort::node {

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(Parts parts) {
  RETURN_IF_ERROR(MakeDirectory(parts.directory));
  ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(parts.directory + "/lock"));
  RETURN_IF_ERROR(MakeDirectory(parts.directory + "/cosignatures"));
  ASSIGN_OR_RETURN(Receipts receipts, Receipts::Open(parts.directory + "/receipts"));
  ASSIGN_OR_RETURN(Revocations revocations, Revocations::Open(parts.directory + "/revocations"));
  std::unique_ptr<Witness> witness(
      new Witness(std::move(parts), std::move(lock), std::move(receipts), std::move(revocations)));
  RETURN_IF_ERROR(witness->Load());
  return witness;
}

std::string Witness::Path(absl::string_view name) const { return absl::StrCat(parts_.directory, "/", name); }

absl::Status Witness::Load() {
  RETURN_IF_ERROR(LoadMirror());
  RETURN_IF_ERROR(LoadState());
  const auto root = mirror_->follower().RootAt(state_.size);  // a mirror may be shorter: the rest is fetched
  if (root.ok() && *root != state_.root) {
    RETURN_IF_ERROR(PutMirrorAside(absl::DataLossError("it is not what this witness has cosigned")));
  }
  RETURN_IF_ERROR(LoadHeads());
  Settle();
  return absl::OkStatus();
}

absl::Status Witness::LoadMirror() {
  auto mirror = Mirror::Open(Path("mirror"), parts_.trust);
  if (!mirror.ok()) return PutMirrorAside(mirror.status());
  mirror_ = *std::move(mirror);
  mirror_->OnEntry([this](uint64_t index, absl::string_view envelope) { return LookAt(index, envelope); });
  return absl::OkStatus();
}

// A mirror is a copy: what pins the history is the witness state. The damaged files stay for whoever wants to
// know what happened to them.
absl::Status Witness::PutMirrorAside(const absl::Status& why) {
  if (!absl::IsDataLoss(why)) return why;
  spdlog::error("the mirror is put aside and fetched anew: {}", std::string(why.message()));
  RETURN_IF_ERROR(RemoveAll(Path("mirror.damaged")));
  RETURN_IF_ERROR(RenameDurably(Path("mirror"), Path("mirror.damaged")));
  ASSIGN_OR_RETURN(mirror_, Mirror::Open(Path("mirror"), parts_.trust));
  mirror_->OnEntry([this](uint64_t index, absl::string_view envelope) { return LookAt(index, envelope); });
  return absl::OkStatus();
}

absl::Status Witness::LoadState() {
  const auto file = ReadStateFile(Path("witness"));
  if (absl::IsNotFound(file.status())) {
    state_ = ledger::NewWitnessState(parts_.trust.origin);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(file.status());
  ASSIGN_OR_RETURN(state_, ledger::ReadWitnessState(*file, parts_.trust.origin, EveryLogKey()));
  return absl::OkStatus();
}

// HeadKeeper has opened and proved them; it keeps one file a size.
absl::Status Witness::LoadHeads() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(Path("checkpoints")));
  for (const std::string& name : names) {
    uint64_t size = 0;
    if (!absl::SimpleAtoi(name, &size) || size <= mirror_->stored_size()) continue;
    ASSIGN_OR_RETURN(std::string note, ReadStateFile(absl::StrCat(Path("checkpoints"), "/", name)));
    const auto checkpoint = ledger::ReadCheckpoint(note);
    if (checkpoint.ok() && checkpoint->size == size) heads_[size] = {checkpoint->root, std::move(note)};
  }
  return absl::OkStatus();
}

std::vector<VerifierKey> Witness::LogKeysAt(uint64_t size) const {
  std::vector<VerifierKey> keys = mirror_->follower().keys().LogKeysAt(size);
  return revocations_.Without(keys.empty() ? parts_.trust.log_keys : std::move(keys));
}

std::vector<VerifierKey> Witness::EveryLogKey() const {
  std::vector<VerifierKey> every = parts_.trust.log_keys;
  for (const auto& known : mirror_->follower().keys().keys()) {
    if (known.purpose == ledger::KeyPurpose::kLog) every.push_back(known.key);
  }
  return every;
}

std::vector<VerifierKey> Witness::CoordinatorEntryKeys() const {
  std::vector<VerifierKey> keys;
  for (const auto& known : mirror_->follower().keys().keys()) {
    if (known.owner == "coordinator" && known.purpose == ledger::KeyPurpose::kEntries && !known.revoked)
      keys.push_back(known.key);
  }
  return revocations_.Without(keys.empty() ? parts_.trust.entry_keys : std::move(keys));
}

const SigningKey* Witness::CosigningKeyAt(uint64_t size) const {
  const std::vector<VerifierKey> in_force = mirror_->follower().keys().WitnessKeysAt(size);
  for (const SigningKey* key : parts_.mirror_keys) {
    for (const VerifierKey& known : in_force) {
      if (known == key->verifier()) return key;
    }
  }
  return nullptr;
}

WitnessFacts Witness::Facts() const {
  const ledger::KeyBook& book = mirror_->follower().keys();
  WitnessFacts facts;
  facts.mirror_size = mirror_->stored_size();
  facts.witness_size = state_.size;
  facts.witness_note = state_.note;
  facts.newest_receipt = receipts_.newest();
  facts.log_keys = LogKeysAt(mirror_->stored_size());
  facts.every_log_key = EveryLogKey();
  facts.coordinator_entry_keys = CoordinatorEntryKeys();
  if (const auto* entries = book.InForce(parts_.archive, ledger::KeyPurpose::kEntries))
    facts.entry_keyid = entries->key.KeyId();
  for (const auto& known : book.keys()) {
    if (known.owner == parts_.archive) facts.own_keys.push_back(known.key);
    if (known.owner == parts_.archive && known.purpose == ledger::KeyPurpose::kApproval && known.in_force())
      facts.approval_keys.push_back(known.key);
  }
  facts.blocked = blocked_;
  return facts;
}

}  // namespace consort::node
