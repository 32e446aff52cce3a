// Rules of decision: about a contribution, a round or a job.
#include "absl/strings/str_cat.h"
#include "common/ledger/members.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr Member kAboutRound[] = {{"round_id", MemberType::kId}, {"round", MemberType::kInteger}};
constexpr Member kAboutContribution[] = {{"archive", MemberType::kText},
                                         {"contribution", MemberType::kInteger},
                                         {"leaf_hash", MemberType::kDigest}};

}  // namespace

absl::Status Rules::OnDecision(const Said& said) {
  const std::string& about = said.Text("about");
  if (about == "job") return DecideJob(said);
  RETURN_IF_ERROR(CheckMembers(said.predicate, kAboutRound));
  if (about == "round") return DecideRound(said);
  if (about == "contribution") return DecideContribution(said);
  return DoesNotFit("decision is about no contribution, round or job");
}

// A job may end before its entry was written: nothing was planned yet.
absl::Status Rules::DecideJob(const Said& said) {
  const auto job = jobs_.find(said.Text("job_id"));
  const std::string digest = job == jobs_.end() ? "" : job->second.digest;
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("job/", said.Text("job_id")), digest}}));
  if (said.Text("outcome") != "failed" && said.Text("outcome") != "cancelled") {
    return DoesNotFit("decision about a job must be failed or cancelled");
  }
  if (job == jobs_.end()) return absl::OkStatus();
  if (job->second.ended) return OutOfPlace("job has ended before");
  undo_.Set(job->second.ended, true);
  return absl::OkStatus();
}

// A round may be abandoned before its cohort was frozen and its entry written.
absl::Status Rules::DecideRound(const Said& said) {
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("round/", said.Text("round_id")), ""}}));
  if (said.Text("outcome") != "abandoned") return DoesNotFit("decision about a round must be abandoned");
  if (!rounds_.contains(said.Text("round_id"))) return absl::OkStatus();
  ASSIGN_OR_RETURN(Round* const round, FindRound(said));
  if (round->abandoned) return OutOfPlace("round was abandoned before");
  undo_.Set(round->abandoned, true);
  return absl::OkStatus();
}

absl::Status Rules::DecideContribution(const Said& said) {
  RETURN_IF_ERROR(CheckMembers(said.predicate, kAboutContribution));
  RETURN_IF_ERROR(FindRound(said).status());
  RETURN_IF_ERROR(said.ExpectSubjects({{"contribution", said.Text("leaf_hash")}}));
  const auto found = contributions_.find(said.Integer("contribution"));
  if (found == contributions_.end() || found->second.leaf_hash != said.DigestIn("leaf_hash") ||
      found->second.archive != said.Text("archive")) {
    return OutOfPlace(
        absl::StrCat("decision names no such contribution: leaf ", said.Integer("contribution")));
  }
  Contribution& contribution = found->second;
  if (contribution.outcome != Outcome::kNone) return OutOfPlace("contribution was decided before");
  const bool accepted = said.Text("outcome") == "accepted";
  if (accepted) {
    RETURN_IF_ERROR(CheckAcceptable(contribution, said));
  } else if (said.Text("outcome") != "rejected") {
    return DoesNotFit("a contribution is accepted or rejected");
  }
  undo_.Set(contribution.outcome, accepted ? Outcome::kAccepted : Outcome::kRejected);
  return absl::OkStatus();
}

absl::Status Rules::CheckAcceptable(const Contribution& contribution, const Said& said) const {
  const auto idle = idle_claims_.find(said.Integer("contribution"));
  if (idle != idle_claims_.end()) {
    return OutOfPlace(
        absl::StrCat("contribution that fits no round was accepted: leaf ", idle->first, ": ", idle->second));
  }
  if (contribution.round_id != said.Text("round_id"))
    return DoesNotFit("contribution was accepted into another round");
  if (rounds_.at(contribution.round_id).model_digest)
    return OutOfPlace("contribution was accepted after its round's aggregation");
  if (!contribution.content_fits) {
    return DoesNotFit(
        "accepted contribution has another base, manifest or a larger weight than round-open says");
  }
  return absl::OkStatus();
}

}  // namespace consort::ledger
