#include "coordinator/witness/checkpoint_judge.h"

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

using Signatures = std::vector<ledger::GoodSignature>;

absl::StatusOr<std::vector<ledger::Policy>> RequiredPolicies(const LiveRules& rules, uint64_t size,
                                                             uint64_t witnessed_size) {
  std::vector<ledger::Policy> required;
  const PolicyLeaf* newest = rules.PolicyBelow(size);
  if (newest == nullptr) return required;
  ASSIGN_OR_RETURN(required.emplace_back(), ledger::Policy::Parse(newest->text));
  const PolicyLeaf* before = witnessed_size == 0 ? nullptr : rules.PolicyBelow(witnessed_size);
  if (before == nullptr || before->index == newest->index || newest->basis == "file") return required;
  ASSIGN_OR_RETURN(required.emplace_back(), ledger::Policy::Parse(before->text));
  return required;
}

// A rotation is no change of witnesses: what the successor has signed counts for the key that an older policy
// names.
Signatures InItsNames(const ledger::Policy& policy, const ledger::KeyBook& keys, const Signatures& signatures,
                      uint64_t size) {
  Signatures named = signatures;
  for (const ledger::Policy::Witness& witness : policy.witnesses()) {
    const std::string keyid = witness.key.KeyId();
    const ledger::KeyBook::Known* successor = keys.SuccessorAt(keyid, size);
    if (successor == nullptr || successor->key.KeyId() == keyid) continue;
    for (const ledger::GoodSignature& signature : signatures) {
      if (signature.keyid != successor->key.KeyId()) continue;
      named.push_back(signature);
      named.back().keyid = keyid;
    }
  }
  return named;
}

}  // namespace

ledger::GoodSignature SignatureOf(const CosignatureRow& row) {
  return {row.key, KeyAlgorithm::kCosignatureV1, row.unix_seconds};
}

ledger::ClockRule ClockAt(absl::Time now) { return {.now = now, .own_clock_may_be_wrong = true}; }

absl::StatusOr<ledger::GoodSignature> OpenCosignature(const LiveRules& rules, const CheckpointRow& checkpoint,
                                                      const std::string& archive, const std::string& line) {
  const ledger::KeyBook& keys = rules.keys();
  for (const VerifierKey& key : keys.WitnessKeysAt(checkpoint.size)) {
    const ledger::KeyBook::Known* known = keys.Find(key.KeyId());
    if (known == nullptr || known->owner != archive) continue;
    ASSIGN_OR_RETURN(const std::string note, ledger::WithSignatures(checkpoint.note, {line}));
    ASSIGN_OR_RETURN(const ledger::OpenedCheckpoint opened,
                     ledger::OpenCheckpoint(note, keys.LogKeysAt(checkpoint.size), {key}));
    if (!opened.cosigned.empty()) return opened.cosigned.front();
  }
  return absl::UnauthenticatedError(
      absl::StrCat("cosignature is not by the archive's mirror key in force: size ", checkpoint.size));
}

absl::StatusOr<bool> IsWitnessed(const LiveRules& rules, uint64_t size, uint64_t witnessed_size,
                                 const std::vector<CosignatureRow>& cosigned, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<ledger::Policy> required, RequiredPolicies(rules, size, witnessed_size));
  if (required.empty()) return false;
  Signatures signatures;
  for (const CosignatureRow& one : cosigned) signatures.push_back(SignatureOf(one));
  for (const ledger::Policy& policy : required) {
    const Signatures named = InItsNames(policy, rules.keys(), signatures, size);
    if (!ledger::Judge(policy, named, ClockAt(now)).quorum) return false;
  }
  return true;
}

}  // namespace consort::coordinator
