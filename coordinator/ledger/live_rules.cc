#include "coordinator/ledger/live_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {

absl::Status LiveRules::Load(Transaction& transaction) {
  ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
  const absl::Status loaded = transaction.ReadLeaves(0, size, [this](const LeafRow& leaf) -> absl::Status {
    ledger::OpenedEntry entry;
    ASSIGN_OR_RETURN(entry.statement, ledger::ReadEntry(leaf.body));
    entry.signers = {leaf.signer};
    entry.payload_digest = leaf.payload_digest;
    // Older ledgers hold claims without effect, which were logged until they were refused on arrival.
    const absl::Status followed =
        Follow(leaf.index, entry, ledger::LeafHash(leaf.body), ledger::IdleClaims::kAllow);
    if (followed.ok()) return followed;
    return absl::DataLossError(
        absl::StrCat("ledger-damaged: stored entries do not follow from each other; restore a backup: leaf ",
                     leaf.index, ": ", followed.message()));
  });
  rules_.KeepUndo();
  return loaded;
}

absl::Status LiveRules::Take(Transaction& transaction, uint64_t index, const ledger::OpenedEntry& entry,
                             const Digest& leaf_hash) {
  if (index != tree_.size()) {
    return absl::InternalError(
        absl::StrCat("rules and ledger are out of step: leaf ", index, ", rules at ", tree_.size()));
  }
  const size_t mark = rules_.Mark();
  const size_t policies = policies_.size();
  RETURN_IF_ERROR(Follow(index, entry, leaf_hash, ledger::IdleClaims::kRefuse));
  transaction.WhenOver([this, index, mark, policies](bool kept) {
    if (kept) return rules_.ForgetUndo();
    rules_.Undo(mark);
    tree_.Truncate(index);
    policies_.resize(policies);
    std::erase_if(withdrawn_, [index](const auto& one) { return one.second >= index; });
  });
  return absl::OkStatus();
}

absl::Status LiveRules::Follow(uint64_t index, const ledger::OpenedEntry& entry, const Digest& leaf_hash,
                               ledger::IdleClaims idle_claims) {
  RETURN_IF_ERROR(rules_.Feed(index, entry, leaf_hash, idle_claims));
  tree_.Append(leaf_hash);
  Note(index, entry.statement);
  return absl::OkStatus();
}

void LiveRules::Note(uint64_t index, const ledger::Statement& statement) {
  const bool policy = statement.kind == ledger::Kind::kPolicyChange;
  if (!policy && statement.kind != ledger::Kind::kWithdrawal) return;
  const auto predicate = nlohmann::json::parse(statement.predicate);  // the rules have judged its members
  if (policy) {
    policies_.push_back({index, predicate["policy"].get<std::string>(), predicate["faulty"].get<int>(),
                         predicate["basis"].get<std::string>()});
  } else {
    withdrawn_.emplace(predicate["contribution"].get<uint64_t>(), index);
  }
}

const PolicyLeaf* LiveRules::PolicyBelow(uint64_t size) const {
  const auto found = std::find_if(policies_.rbegin(), policies_.rend(),
                                  [size](const PolicyLeaf& policy) { return policy.index < size; });
  return found == policies_.rend() ? nullptr : &*found;
}

std::vector<std::string> LiveRules::SeriesKeyIds(absl::string_view archive) const {
  std::vector<std::string> keyids;
  const ledger::KeyBook::Known* newest = keys().InForce(archive, ledger::KeyPurpose::kEntries);
  if (newest == nullptr) return keyids;
  keyids.push_back(newest->key.KeyId());
  uint64_t from = newest->from;
  const std::vector<ledger::KeyBook::Known>& all = keys().keys();
  for (auto known = all.rbegin(); known != all.rend(); ++known) {
    if (known->owner != archive || known->purpose != ledger::KeyPurpose::kEntries || known->replaced != from)
      continue;
    keyids.push_back(known->key.KeyId());
    from = known->from;
  }
  return keyids;
}

}  // namespace consort::coordinator
