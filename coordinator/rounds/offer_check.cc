#include "coordinator/rounds/offer_check.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "coordinator/rounds/archive_entries.h"

namespace consort::coordinator {
namespace {

constexpr int kMaxSupplies = 64;
constexpr size_t kMaxTraditionBytes = 320;
constexpr size_t kMaxPlanBytes = 64 * 1024;

absl::Status Mismatch(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("plan-mismatch: ", what));
}

absl::Status CheckSupplies(const v1::Plan& plan) {
  if (plan.supplies_size() == 0) return Mismatch("no tradition is named");
  if (plan.supplies_size() > kMaxSupplies) return Mismatch("more than 64 traditions");
  std::set<std::string> seen;
  for (const v1::TraditionSupply& supply : plan.supplies()) {
    if (supply.tradition().empty() || supply.tradition().size() > kMaxTraditionBytes ||
        !seen.insert(supply.tradition()).second) {
      return Mismatch("a tradition is unnamed, named twice or has too long a name");
    }
    if (supply.training_seconds() > uint64_t{1} << 40) return Mismatch("impossible seconds");
  }
  return absl::OkStatus();
}

absl::Status CheckPlan(const JobFacts& facts, const std::string& bytes, const OfferRow& offer) {
  v1::Plan plan;
  if (bytes.size() > kMaxPlanBytes || !plan.ParseFromString(bytes))
    return Mismatch("the plan cannot be read");
  if (plan.job_id() != offer.job_id) return Mismatch("job_id is another job's");
  if (plan.job_digest() != facts.job_digest) return Mismatch("job_digest is another job's");
  if (plan.archive() != offer.archive) return Mismatch("archive is another archive");
  if (plan.purpose() != facts.spec.purpose()) return Mismatch("purpose is another purpose");
  if (plan.manifest_digests_size() != static_cast<int>(facts.manifests.size()))
    return Mismatch("number of manifests");
  for (size_t i = 0; i < facts.manifests.size(); ++i) {
    if (plan.manifest_digests(static_cast<int>(i)) != facts.manifests[i].digest())
      return Mismatch("a manifest digest");
  }
  if (plan.weight() < 1 || plan.weight() > facts.spec.max_weight()) {
    return Mismatch(absl::StrCat("weight is ", plan.weight(), ", expected 1 to ", facts.spec.max_weight()));
  }
  return CheckSupplies(plan);
}

absl::Status CheckApproval(const JobFacts& facts, const v1::OfferAnswer& answer, bool approves) {
  ASSIGN_OR_RETURN(const ApprovalFacts approval, ReadApproval(answer.approval_envelope()));
  if (approval.job_id != answer.job_id() || approval.job_digest != facts.job_digest) {
    return absl::InvalidArgumentError("approval-mismatch: it is about another job");
  }
  if (approval.approves != approves) {
    return absl::InvalidArgumentError("approval-mismatch: entry and message say different things");
  }
  if (approves && approval.plan_digest != Sha256Hex(answer.plan())) {
    return absl::InvalidArgumentError("approval-mismatch: plan_digest is not that of the plan");
  }
  return absl::OkStatus();
}

absl::Status CheckAnswer(const JobFacts& facts, const v1::OfferAnswer& answer, const OfferRow& offer) {
  const bool approves = answer.state() == v1::OFFER_STATE_APPROVED;
  if (!approves && answer.state() != v1::OFFER_STATE_REFUSED &&
      answer.state() != v1::OFFER_STATE_AWAITING_APPROVAL) {
    return Mismatch("the answer's state is none of approved, refused and awaiting-approval");
  }
  if (answer.state() != v1::OFFER_STATE_REFUSED) RETURN_IF_ERROR(CheckPlan(facts, answer.plan(), offer));
  if (approves || !answer.approval_envelope().empty())
    RETURN_IF_ERROR(CheckApproval(facts, answer, approves));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<OfferRow>> FindOffer(Transaction& transaction, const std::string& job_id,
                                                  const std::string& archive) {
  ASSIGN_OR_RETURN(std::vector<OfferRow> offers, transaction.ListOffers(job_id));
  for (OfferRow& offer : offers) {
    if (offer.archive == archive) return std::optional<OfferRow>(std::move(offer));
  }
  return std::optional<OfferRow>();
}

void ApplyAnswer(const JobFacts& facts, const v1::OfferAnswer& answer, OfferRow& offer) {
  if (const absl::Status good = CheckAnswer(facts, answer, offer); !good.ok()) {
    offer.state = v1::OFFER_STATE_REFUSED;
    offer.reason = CleanReason(good.message());
    return;
  }
  offer.state = answer.state();
  offer.reason = CleanReason(answer.reason());
  if (answer.state() == v1::OFFER_STATE_REFUSED) return;
  offer.plan = answer.plan();
  offer.plan_digest = Sha256Hex(answer.plan());
}

}  // namespace consort::coordinator
