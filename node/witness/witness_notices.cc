// What a witness learns beside requests: heads, receipts, time that passes, revoked keys, decisions.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/merkle_tree.h"
#include "common/status/macros.h"
#include "node/witness/witness.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

constexpr size_t kMaxHeads = 4096;  // of a mirror that falls behind for weeks

}  // namespace

void Witness::OnHead(absl::string_view note) {
  const auto checkpoint = ledger::ReadCheckpoint(note);
  if (!checkpoint.ok() || checkpoint->origin != state_.origin) return;
  if (ContradictsWhatWasSeen(*checkpoint, note)) return;
  if (checkpoint->size > mirror_->follower().size()) {
    if (heads_.size() < kMaxHeads) heads_[checkpoint->size] = {checkpoint->root, std::string(note)};
    return;
  }
  const absl::Status added = mirror_->AddSignatures(note, parts_.source);
  if (!added.ok()) spdlog::warn("cosignatures are not kept: {}", std::string(added.message()));
}

void Witness::OnReceipt(absl::string_view entry, const std::string& envelope) {
  const Evidence evidence = {{"entry.json", std::string(entry)}, {"receipt.json", envelope}};
  if (envelope.empty()) {
    return Raise(kIncidentReceipt, "an entry was accepted without a receipt",
                 {{"entry.json", std::string(entry)}});
  }
  const auto receipt = OpenReceipt(envelope, CoordinatorEntryKeys(), state_.origin);
  if (!receipt.ok()) {
    return Raise(kIncidentReceipt, absl::StrCat("a receipt is not good: ", receipt.status().message()),
                 evidence);
  }
  if (receipt->leaf_hash != HexOf(ledger::LeafHash(entry)))
    return Raise(kIncidentReceipt, absl::StrCat("a receipt is for another entry: index ", receipt->index),
                 evidence);
  if (receipt->index < mirror_->follower().size()) {
    if (HexOf(mirror_->follower().LeafHashAt(receipt->index)) == receipt->leaf_hash) return;
    return Raise(
        kIncidentReceipt,
        absl::StrCat("another entry stands at index ", receipt->index, ", which a receipt gave to ours"),
        evidence);
  }
  const absl::Status kept = receipts_.Keep(*receipt, envelope);
  if (absl::IsAlreadyExists(kept)) return Raise(kIncidentReceipt, kept.message(), evidence);
  if (!kept.ok()) spdlog::error("a receipt is not kept: {}", std::string(kept.message()));
}

void Witness::OnConnected(absl::Duration duration) {
  if (!blocked_.empty() || !parts_.incidents.OpenId().empty()) return;
  receipts_.Wait(duration);
  for (const auto& [index, pending] : receipts_.pending()) {
    if (pending.waited < kReceiptWithin) continue;
    Raise(
        kIncidentOverdue,
        absl::StrCat("no checkpoint shown to this archive holds index ", index, ", which a receipt promised"),
        {{"receipt.json", pending.envelope}});
  }
}

absl::Status Witness::OnRevocation(const std::string& envelope) {
  RETURN_IF_ERROR(revocations_.Add(envelope, CoordinatorEntryKeys(), state_.origin));
  return revocations_.Settle(mirror_->follower().keys());
}

void Witness::OnDecided(bool restored) {
  const ledger::Follower& follower = mirror_->follower();
  const absl::Status dropped = receipts_.Drop([&](const Receipt& receipt) {
    if (receipt.index >= follower.size()) return restored;
    return HexOf(follower.LeafHashAt(receipt.index)) != receipt.leaf_hash;
  });
  if (!dropped.ok()) spdlog::warn("a receipt is not put away: {}", std::string(dropped.message()));
  if (restored) heads_.clear();
}

}  // namespace consort::node
