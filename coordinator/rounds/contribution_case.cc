#include "coordinator/rounds/contribution_case.h"

#include "absl/strings/str_cat.h"
#include "coordinator/jobs/spec_words.h"

namespace consort::coordinator {
namespace {

absl::Status Differs(absl::string_view code, absl::string_view member, absl::string_view found,
                     absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(code, ": ", member, " of the contribution is ",
                                                 found.empty() ? "empty" : found.substr(0, 64),
                                                 ", round-open says ", expected));
}

}  // namespace

bool Contributions::Case::open() const {
  return !Ended(participation.state) && participation.state != v1::PARTICIPATION_STATE_INVITED &&
         (round.state == v1::ROUND_STATE_TRAINING || round.state == v1::ROUND_STATE_COLLECTING);
}

std::string Contributions::Case::ClosedReason() const {
  if (!participation.reason.empty()) {
    // The row's reason ends with the place, which is added again where it is shown.
    return participation.reason.substr(0, participation.reason.rfind(" ("));
  }
  return absl::StrCat("late: the round is ", RoundStateWord(round.state));
}

absl::Status CompareClaims(const Contributions::Case& one, const ContributionFacts& said,
                           const std::string& plan_digest) {
  const RoundRow& round = one.round;
  const Manifest& manifest = one.facts->in_force(one.round.number);
  if (said.job_id != round.job_id) return Differs("wrong-job", "job_id", said.job_id, round.job_id);
  if (said.round_id != round.round_id)
    return Differs("wrong-round", "round_id", said.round_id, round.round_id);
  if (said.round != round.number) {
    return Differs("wrong-round", "round", absl::StrCat(said.round), absl::StrCat(round.number));
  }
  if (said.participation_id != one.participation.participation_id) {
    return Differs("wrong-participation", "participation_id", said.participation_id,
                   one.participation.participation_id);
  }
  if (said.base_digest != round.base_digest) {
    return Differs("wrong-base", "base_digest", said.base_digest, round.base_digest);
  }
  if (said.manifest_digest != round.manifest_digest) {
    return Differs("wrong-manifest", "manifest_digest", said.manifest_digest, round.manifest_digest);
  }
  if (said.plan_digest != plan_digest)
    return Differs("wrong-plan", "plan_digest", said.plan_digest, plan_digest);
  const std::string mode = PrivacyWord(one.facts->spec.privacy());
  if (said.mode != mode) return Differs("wrong-mode", "mode", said.mode, mode);
  if (said.update_bytes != manifest.payload_bytes()) {
    return Differs("wrong-length", "update_bytes", absl::StrCat(said.update_bytes),
                   absl::StrCat(manifest.payload_bytes()));
  }
  if (said.weight > one.participation.weight) {
    return Differs("weight-above-granted", "weight", absl::StrCat(said.weight),
                   absl::StrCat(one.participation.weight));
  }
  return absl::OkStatus();
}

std::string PayloadProblem(const ContributionFacts& said, const std::string& digest, uint32_t weight) {
  if (said.update_digest != digest) {
    return absl::StrCat("digest-mismatch: update_digest of the contribution is ",
                        said.update_digest.substr(0, 64), ", the payload's is ", digest);
  }
  if (said.weight != weight) {
    return absl::StrCat("weight-mismatch: weight of the contribution is ", said.weight, ", the payload's is ",
                        weight);
  }
  return std::string();
}

}  // namespace consort::coordinator
