#include "coordinator/witness/witness_board.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/failpoint/failpoint.h"
#include "common/ledger/witness_protocol.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"
#include "coordinator/witness/checkpoint_judge.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

constexpr char kTargetTimer[] = "target/";

bool CanWitness(const v1::NodeHello& hello) {
  const auto& has = hello.capabilities();
  return std::find(has.begin(), has.end(), session::kCapabilityWitness) != has.end();
}

}  // namespace

WitnessBoard::WitnessBoard(const Parts& parts) : parts_(parts), timers_(parts.executor) {
  parts_.sequencer.OnSealed([this](const CheckpointRow& row) { OnSealed(row); });
}

absl::Status WitnessBoard::Load() {
  std::optional<CheckpointRow> sealed;
  bool is_new = false;
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<CosignatureRow> rows, transaction.NewestCosignatures());
    for (const CosignatureRow& row : rows) newest_[row.key] = row;
    ASSIGN_OR_RETURN(const std::optional<WitnessedRow> witnessed, transaction.LatestWitnessed());
    if (witnessed.has_value()) {
      witnessed_size_ = witnessed->size;
      parts_.metrics.SetWitnessed(witnessed->size, witnessed->unix_seconds);
    }
    ASSIGN_OR_RETURN(sealed, transaction.LatestCheckpoint());
    if (!sealed.has_value()) return absl::OkStatus();
    sealed_size_ = sealed->size;
    ASSIGN_OR_RETURN(is_new, JudgeSize(transaction, *sealed));
    return absl::OkStatus();
  }));
  if (is_new) witnessed_size_ = sealed->size;
  if (sealed.has_value()) SetTarget(*sealed);
  return absl::OkStatus();
}

void WitnessBoard::OnWitnessed(std::function<void(uint64_t size)> witnessed) {
  on_witnessed_.push_back(std::move(witnessed));
}

bool WitnessBoard::IsSettled(uint64_t index) const {
  if (index < witnessed_size_) return true;
  return index < sealed_size_ && parts_.sequencer.rules().PolicyBelow(sealed_size_) == nullptr;
}

std::string WitnessBoard::NameOf(const ledger::Policy::Witness& witness) const {
  const ledger::KeyBook::Known* known = parts_.sequencer.rules().keys().Find(witness.key.KeyId());
  return known == nullptr ? witness.key.name() : known->owner;
}

std::vector<std::string> WitnessBoard::Missing(uint64_t index) const {
  std::vector<std::string> names;
  const PolicyLeaf* leaf = parts_.sequencer.rules().PolicyBelow(std::max(sealed_size_, index + 1));
  if (leaf == nullptr) return names;
  const absl::StatusOr<ledger::Policy> policy = ledger::Policy::Parse(leaf->text);
  if (!policy.ok()) return names;
  // While all are asked for an earlier checkpoint, those who lack that one are the ones who are waited for.
  const uint64_t size = std::min(index + 1, std::max<uint64_t>(target_.size, 1));
  for (const ledger::Policy::Witness& witness : policy->witnesses()) {
    const auto found = newest_.find(witness.key.KeyId());
    if (found == newest_.end() || found->second.size < size) names.push_back(NameOf(witness));
  }
  return names;
}

std::vector<v1::WitnessStatus> WitnessBoard::Witnesses() const {
  std::vector<v1::WitnessStatus> statuses;
  const PolicyLeaf* leaf = parts_.sequencer.rules().PolicyBelow(sealed_size_);
  if (leaf == nullptr) return statuses;
  const absl::StatusOr<ledger::Policy> policy = ledger::Policy::Parse(leaf->text);
  if (!policy.ok()) return statuses;
  std::vector<ledger::GoodSignature> signatures;
  for (const auto& [key, row] : newest_) signatures.push_back(SignatureOf(row));
  const std::vector<std::string> ahead =
      ledger::Judge(*policy, signatures, ClockAt(parts_.executor.WallClock())).ahead;
  for (const ledger::Policy::Witness& witness : policy->witnesses()) {
    v1::WitnessStatus& status = statuses.emplace_back();
    status.set_archive(NameOf(witness));
    status.set_vkey(witness.key.ToString());
    const auto found = newest_.find(witness.key.KeyId());
    if (found == newest_.end()) continue;
    status.set_size(found->second.size);
    status.set_cosigned_unix_seconds(found->second.unix_seconds);
    status.set_clock_ahead(std::find(ahead.begin(), ahead.end(), found->first) != ahead.end());
  }
  return statuses;
}

void WitnessBoard::OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) {
  timers_.Cancel(AskTimer(archive));
  if (!CanWitness(hello)) {
    witnesses_.erase(archive);
    return;
  }
  witnesses_[archive] = {.size = hello.witness_size()};
  Ask(archive);
}

void WitnessBoard::OnSessionGone(const std::string& archive) { timers_.Cancel(AskTimer(archive)); }

void WitnessBoard::OnMessage(const std::string& archive, const v1::Envelope& envelope) {
  if (envelope.has_witness_answer()) OnAnswer(archive, envelope.witness_answer());
}

void WitnessBoard::OnSealed(const CheckpointRow& row) {
  sealed_size_ = row.size;
  const bool over = target_.size <= witnessed_size_ ||
                    parts_.executor.Monotonic() - target_since_ >= kTargetLasts ||
                    parts_.sequencer.rules().PolicyBelow(target_.size) == nullptr;
  if (over) SetTarget(row);
}

void WitnessBoard::SetTarget(const CheckpointRow& row) {
  target_ = row;
  target_since_ = parts_.executor.Monotonic();
  for (auto& [archive, witness] : witnesses_) witness.refuses = false;
  timers_.Set(kTargetTimer, kTargetLasts, [this] {
    if (target_.size <= witnessed_size_ || sealed_size_ <= target_.size) return;
    const absl::Status moved = parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const CheckpointRow newest, transaction.GetCheckpoint(sealed_size_));
      SetTarget(newest);
      return absl::OkStatus();
    });
    if (!moved.ok()) spdlog::error("the newest checkpoint cannot be read: {}", moved.ToString());
  });
  // Work of its own: this may run within a transaction, or while somebody iterates.
  if (std::exchange(asking_all_, true)) return;
  parts_.executor.Post([this, alive = std::weak_ptr<char>(alive_)] {
    if (alive.lock() == nullptr) return;
    asking_all_ = false;
    AskAll();
  });
}

void WitnessBoard::AskAll() {
  std::vector<std::string> archives;
  for (const auto& [archive, witness] : witnesses_) archives.push_back(archive);
  for (const std::string& archive : archives) Ask(archive);
}

void WitnessBoard::AskLater(const std::string& archive, absl::Duration delay) {
  timers_.Set(AskTimer(archive), delay, [this, archive] {
    const auto found = witnesses_.find(archive);
    if (found == witnesses_.end()) return;
    found->second.asked = 0;
    Ask(archive);
  });
}

void WitnessBoard::Ask(const std::string& archive) {
  const auto found = witnesses_.find(archive);
  if (found == witnesses_.end() || !parts_.nodes.Connected(archive)) return;
  Witness& witness = found->second;
  if (witness.asked != 0 || witness.refuses || target_.size == 0 || witness.size > target_.size) return;
  if (parts_.sequencer.hold() == Sequencer::Hold::kEverything) return;
  const ledger::KeyBook::Known* key =
      parts_.sequencer.rules().keys().InForce(archive, ledger::KeyPurpose::kMirror);
  // A key that was named by a later leaf cannot sign for this one.
  if (key == nullptr || key->from >= target_.size) return;
  const auto signed_already = newest_.find(key->key.KeyId());
  if (signed_already != newest_.end() && signed_already->second.size >= target_.size) return;
  const absl::Status sent = SendRequest(archive, witness);
  if (sent.ok()) return;
  spdlog::error("a witness cannot be asked: {} (archive {})", sent.ToString(), archive);
  AskLater(archive, kAskAgainAfter);
}

absl::Status WitnessBoard::SendRequest(const std::string& archive, Witness& witness) {
  ledger::AddCheckpoint request{.old_size = witness.size, .note = target_.note};
  ASSIGN_OR_RETURN(const std::vector<std::string> hashes,
                   parts_.sequencer.ConsistencyProof(witness.size, target_.size));
  for (const std::string& hash : hashes) {
    ASSIGN_OR_RETURN(const Digest digest, DigestFromHex(HexEncode(hash)));
    request.proof.push_back(digest);
  }
  v1::Envelope envelope;
  envelope.set_request_id(absl::StrCat("witness-", target_.size));
  envelope.mutable_witness_request()->set_body(ledger::FormatAddCheckpoint(request));
  witness.asked = target_.size;
  parts_.nodes.Send(archive, std::move(envelope));
  CONSORT_KILLPOINT("witness.asked");
  AskLater(archive, kUnansweredAfter);
  return absl::OkStatus();
}

absl::StatusOr<bool> WitnessBoard::JudgeSize(Transaction& transaction, const CheckpointRow& row) {
  if (row.size <= witnessed_size_) return false;
  ASSIGN_OR_RETURN(const std::vector<CosignatureRow> cosigned, transaction.ListCosignatures(row.size));
  ASSIGN_OR_RETURN(const bool is_witnessed, IsWitnessed(parts_.sequencer.rules(), row.size, witnessed_size_,
                                                        cosigned, parts_.executor.WallClock()));
  if (!is_witnessed) return false;
  const int64_t now = absl::ToUnixSeconds(parts_.executor.WallClock());
  const PolicyLeaf* policy = parts_.sequencer.rules().PolicyBelow(row.size);
  RETURN_IF_ERROR(transaction.InsertWitnessed({row.size, static_cast<int64_t>(policy->index), now}));
  parts_.metrics.SetWitnessed(row.size, now);
  return true;
}

void WitnessBoard::Witnessed(uint64_t size) {
  witnessed_size_ = std::max(witnessed_size_, size);
  spdlog::info("ledger: witnessed up to size {}", size);
  for (const auto& witnessed : on_witnessed_) witnessed(size);
  if (sealed_size_ <= target_.size || target_.size > witnessed_size_) return;
  const absl::Status moved = parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const CheckpointRow newest, transaction.GetCheckpoint(sealed_size_));
    SetTarget(newest);
    return absl::OkStatus();
  });
  if (!moved.ok()) spdlog::error("the newest checkpoint cannot be read: {}", moved.ToString());
}

}  // namespace consort::coordinator
