// Rules of policy-change and incident.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr absl::string_view kIncidentKinds[] = {
    "fork", "rollback", "bad-entry", "receipt-not-honoured", "receipt-overdue", "key", "restored"};

}  // namespace

absl::Status Rules::OnPolicyChange(const Said& said) {
  const std::string& text = said.Text("policy");
  RETURN_IF_ERROR(said.ExpectSubjects({{"policy", Sha256Hex(text)}}));
  if (said.Text("basis") != "majority" && said.Text("basis") != "file")
    return DoesNotFit("a policy's basis is majority or file");
  ASSIGN_OR_RETURN(const Policy policy, Policy::Parse(text));
  const uint64_t faulty = said.Integer("faulty");
  if (faulty > kMaxPolicyNames) return DoesNotFit("more dishonest witnesses than a policy can name");
  RETURN_IF_ERROR(policy.CheckSafe(static_cast<int>(faulty)));
  RETURN_IF_ERROR(CheckPolicyKeys(policy));
  undo_.Emplace(policies_, said.index, text);
  return absl::OkStatus();
}

// Witnesses from outside may be named; who bears our name must be who the ledger says.
absl::Status Rules::CheckPolicyKeys(const Policy& policy) const {
  if (policy.log_keys().empty()) return DoesNotFit("policy names no key of this log");
  const auto in_force = [this](const VerifierKey& key, KeyPurpose purpose) {
    const KeyBook::Known* const known = keys_.Find(key.KeyId());
    return known != nullptr && known->purpose == purpose && known->key == key && known->in_force();
  };
  for (const VerifierKey& key : policy.log_keys()) {
    if (!in_force(key, KeyPurpose::kLog))
      return OutOfPlace(absl::StrCat("policy names a log key that is not in force: ", key.KeyId()));
  }
  for (const Policy::Witness& witness : policy.witnesses()) {
    if (absl::EndsWith(witness.key.name(), absl::StrCat(".", federation_, "/mirror")) &&
        !in_force(witness.key, KeyPurpose::kMirror)) {
      return OutOfPlace(
          absl::StrCat("policy names an archive's key that is not in force: ", witness.key.KeyId()));
    }
  }
  return absl::OkStatus();
}

absl::Status Rules::OnIncident(const Said& said) {
  if (said.subjects.size() != 1 || said.subjects[0].name != "evidence")
    return DoesNotFit("an incident has the digest of its evidence as its one subject");
  const std::string& kind = said.Text("kind");
  if (std::find(std::begin(kIncidentKinds), std::end(kIncidentKinds), kind) == std::end(kIncidentKinds))
    return DoesNotFit("an incident is of a kind that docs/formats/ledger.md names");
  const std::string& archive = said.Text("archive");
  if (!archive.empty() && !archives_.contains(archive))
    return OutOfPlace(absl::StrCat("incident names an archive that is not enrolled: ", archive));
  const auto resolved = said.predicate.find("resolved_index");
  if (resolved != said.predicate.end()) {
    if (!resolved->is_number_unsigned()) return DoesNotFit("an incident's resolved_index is a leaf index");
    const auto open = incidents_.find(resolved->get<uint64_t>());
    if (open == incidents_.end() || open->second)
      return OutOfPlace(absl::StrCat("incident resolves none that is open: leaf ", resolved->dump()));
    undo_.Set(open->second, true);
  }
  // Who resolves one does not open another.
  undo_.Emplace(incidents_, said.index, resolved != said.predicate.end());
  return absl::OkStatus();
}

}  // namespace consort::ledger
