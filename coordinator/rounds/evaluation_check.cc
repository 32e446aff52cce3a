#include "coordinator/rounds/evaluation_check.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/measure/primary_measure.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_check.h"

namespace consort::coordinator {
namespace {

constexpr size_t kMaxMeasures = 96;      // some ten, and one for each class
constexpr size_t kMaxMeasureName = 400;  // "predicted-as/" and a tradition

absl::Status Wrong(absl::string_view code, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(code, ": ", what));
}

absl::Status CheckMeasures(const TraditionPairs& scores, size_t most) {
  if (scores.personal.size() > scores.pairs.size()) {
    return Wrong("too-many-scores", "more scores of an archive's own copy than of the shared model");
  }
  if (scores.measures.size() > kMaxMeasures || scores.yardstick.size() > most) {
    return Wrong("too-many-scores",
                 "more measures or yardstick scores of a tradition than a job may ask for");
  }
  for (const Measured& measured : scores.measures) {
    if (measured.name.empty() || measured.name.size() > kMaxMeasureName) {
      return Wrong("wrong-measure", "a measure's name is empty or too long");
    }
    if (measured.pairs.size() > most)
      return Wrong("too-many-scores", "more scores of a measure than recordings");
  }
  return absl::OkStatus();
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
    if (!one.personal.empty() && !facts.spec.personal().enabled()) {
      return Wrong("wrong-measure", "scores of an archive's own copy, which the job does not ask for");
    }
    RETURN_IF_ERROR(CheckMeasures(one, ScoresPerTradition(facts.spec)));
  }
  return absl::OkStatus();
}

}  // namespace consort::coordinator
