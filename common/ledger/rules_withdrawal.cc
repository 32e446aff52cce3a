// Rules of withdrawal and erasure, and of the commitments that entries hold.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/ledger/members.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

using nlohmann::json;

constexpr char kCoordinator[] = "coordinator";
constexpr absl::string_view kReasons[] = {"consent-withdrawn", "rights-claim", "error", "court-order",
                                          "other"};
constexpr absl::string_view kEffects[] = {"no-further-use", "retrain-asked"};
constexpr absl::string_view kGrounds[] = {"gdpr-17", "pipl-47", "contract", "other"};
constexpr absl::string_view kErased[] = {"value-and-salt", "key"};

template <class List>
absl::Status CheckCode(const List& known, const std::string& code, const char* member) {
  if (std::find(std::begin(known), std::end(known), code) != std::end(known)) return absl::OkStatus();
  return DoesNotFit(absl::StrCat("code is none that docs/formats/ledger.md names: ", member));
}

// Calls `take` for every commitment that a predicate holds: in `commitments` by name, and in `evidence`.
template <class Take>
absl::Status ForEachCommitment(const json& predicate, Take take) {
  const auto named = predicate.find("commitments");
  if (named != predicate.end()) {
    if (!named->is_object()) return DoesNotFit("commitments are an object of digests by name");
    for (const auto& [name, value] : named->items()) {
      if (!value.is_string()) return DoesNotFit(absl::StrCat("commitment is no digest: ", name));
      RETURN_IF_ERROR(take(value.template get<std::string>()));
    }
  }
  const auto evidence = predicate.find("evidence");
  if (evidence == predicate.end() || !evidence->is_array()) return absl::OkStatus();
  for (const json& item : *evidence) {
    const auto held = item.is_object() ? item.find("commitment") : item.end();
    if (item.is_object() && held != item.end() && held->is_string())
      RETURN_IF_ERROR(take(held->template get<std::string>()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Rules::OnWithdrawal(const Said& said) {
  RETURN_IF_ERROR(CheckCode(kReasons, said.Text("reason"), "reason"));
  RETURN_IF_ERROR(CheckCode(kEffects, said.Text("effect"), "effect"));
  RETURN_IF_ERROR(said.ExpectSubjects({{"contribution", said.Text("leaf_hash")}}));
  const auto found = contributions_.find(said.Integer("contribution"));
  if (found == contributions_.end() || found->second.leaf_hash != said.DigestIn("leaf_hash") ||
      found->second.archive != said.Text("archive")) {
    return OutOfPlace(
        absl::StrCat("withdrawal names no contribution of its archive: leaf ", said.Integer("contribution")));
  }
  if (found->second.withdrawn) return OutOfPlace("contribution was withdrawn before");
  if (!undo_.Emplace(staff_ids_, said.Text("withdrawal_id")).second)
    return OutOfPlace("withdrawal_id was used before");
  undo_.Set(found->second.withdrawn, true);
  return absl::OkStatus();
}

absl::Status Rules::OnErasure(const Said& said) {
  RETURN_IF_ERROR(CheckCode(kGrounds, said.Text("ground"), "ground"));
  RETURN_IF_ERROR(CheckCode(kErased, said.Text("erased"), "erased"));
  const std::string& commitment = said.Text("commitment");
  RETURN_IF_ERROR(said.ExpectSubjects({{"commitment", commitment}}));
  const auto found = commitments_.find(commitment);
  const auto owner = found == commitments_.end() ? std::map<uint64_t, std::string>::iterator()
                                                 : found->second.owners.find(said.Integer("leaf"));
  if (found == commitments_.end() || owner == found->second.owners.end()) {
    return OutOfPlace(absl::StrCat("leaf holds no such commitment: leaf ", said.Integer("leaf")));
  }
  const std::string speaker = said.predicate.contains("archive") ? said.Text("archive") : kCoordinator;
  if (owner->second != speaker) {
    return absl::PermissionDeniedError(
        absl::StrCat("commitment is ", owner->second, "'s to erase, not that of ", speaker));
  }
  if (found->second.erased) return OutOfPlace("commitment was erased before");
  if (!undo_.Emplace(staff_ids_, said.Text("erasure_id")).second)
    return OutOfPlace("erasure_id was used before");
  undo_.Set(found->second.erased, true);
  return absl::OkStatus();
}

// Where the law asks that all use stops, nothing new may rest on what was erased (PIPL, article 47).
absl::Status Rules::CheckCommitments(const Said& said) const {
  return ForEachCommitment(said.predicate, [this](const std::string& commitment) -> absl::Status {
    if (!DigestFromHex(commitment).ok()) return DoesNotFit("commitment is not 64 lower-case hex digits");
    const auto known = commitments_.find(commitment);
    if (known == commitments_.end() || !known->second.erased) return absl::OkStatus();
    return OutOfPlace(absl::StrCat("entry rests on a commitment after its erasure: ", commitment));
  });
}

void Rules::NoteCommitments(const Said& said) {
  const std::string owner =
      said.predicate.contains("archive") && SpeakerOf(said.kind, said.predicate) != Speaker::kCoordinator
          ? said.Text("archive")
          : kCoordinator;
  // A claim's commitments stand in the ledger whether or not the claim fits.
  (void)ForEachCommitment(said.predicate, [&](const std::string& commitment) {
    Commitment& known = undo_.Emplace(commitments_, commitment, Commitment()).first->second;
    undo_.Emplace(known.owners, said.index, owner);
    return absl::OkStatus();
  });
}

}  // namespace consort::ledger
