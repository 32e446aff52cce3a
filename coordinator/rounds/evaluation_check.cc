#include "coordinator/rounds/evaluation_check.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/measure/primary_measure.h"
#include "coordinator/jobs/spec_check.h"

namespace consort::coordinator {
namespace {

absl::Status Wrong(absl::string_view code, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(code, ": ", what));
}

}  // namespace

absl::Status CheckEvaluation(const JobFacts& facts, const RoundRow& round, const std::string& base_digest,
                             const v1::Plan& plan, const EvaluationFacts& said) {
  if (said.job_id != round.job_id) return Wrong("wrong-job", "the evaluation is of another job");
  if (said.round_id != round.round_id || said.round != round.number) {
    return Wrong("wrong-round", "the evaluation is of another round");
  }
  if (said.after_digest != round.result_digest) {
    return Wrong("wrong-model", "after_digest of the evaluation is not the round's model");
  }
  if (said.before_digest != base_digest) {
    return Wrong("wrong-model", "before_digest of the evaluation is not the job's base model");
  }
  const absl::string_view measure = PrimaryMeasure(facts.spec.architecture());
  if (said.measure != measure) return Wrong("wrong-measure", absl::StrCat("measure is not ", measure));
  std::set<std::string> published;
  for (const v1::TraditionSupply& supply : plan.supplies()) published.insert(supply.tradition());
  for (const TraditionPairs& one : said.scores) {
    if (published.erase(one.tradition) == 0) {
      return Wrong("unknown-tradition",
                   "the evaluation scores a tradition that the plan does not name, or one twice");
    }
    if (one.pairs.size() > ScoresPerTradition(facts.spec)) {
      return Wrong("too-many-scores", absl::StrCat(one.pairs.size(), " scores for one tradition, at most ",
                                                   ScoresPerTradition(facts.spec)));
    }
  }
  return absl::OkStatus();
}

}  // namespace consort::coordinator
