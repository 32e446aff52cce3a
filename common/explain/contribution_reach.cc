#include "common/explain/contribution_reach.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace consort::explain {
namespace {

using ledger::Kind;
using ledger::LineageStep;

// Codes of the ledger have words of their own; an unknown one is shown as it is.
std::string CodeWord(absl::string_view code, Language language) {
  const std::string id = absl::StrCat("report.reach.code", ".", code);
  return HasMessage(id, Language::kEnglish) ? Message(id, language) : std::string(code);
}

std::string TextOf(const LineageStep& step, Language language) {
  const std::string round = absl::StrCat(step.round);
  switch (step.kind) {
    case Kind::kAggregation:
      return Message("report.reach.aggregation", language,
                     {{"round", round}, {"job", step.job_id}, {"digest", step.digest}});
    case Kind::kRoundOpen:
      return Message("report.reach.round-open", language, {{"round", round}, {"job", step.job_id}});
    case Kind::kModelRelease:
      return Message("report.reach.model-release", language,
                     {{"job", step.job_id}, {"digest", step.artifact}});
    case Kind::kJob:
      return Message("report.reach.job", language, {{"job", step.job_id}});
    case Kind::kDecision:
      return Message("report.reach.decision", language,
                     {{"outcome", CodeWord(step.code, language)}, {"reason", step.reason}});
    case Kind::kWithdrawal:
      return Message(
          "report.reach.withdrawal", language,
          {{"reason", CodeWord(step.reason, language)}, {"effect", CodeWord(step.code, language)}});
    case Kind::kErasure:
      return Message("report.reach.erasure", language, {{"ground", CodeWord(step.code, language)}});
    default:
      return std::string(ledger::KindName(step.kind));
  }
}

}  // namespace

std::vector<ReachLine> ReachLines(const ledger::Reach& reach, Language language) {
  std::vector<ReachLine> lines;
  lines.push_back({reach.contribution.leaf, Message("report.reach.contribution", language,
                                                    {{"archive", reach.archive},
                                                     {"round", absl::StrCat(reach.contribution.round)},
                                                     {"job", reach.contribution.job_id}})});
  if (reach.decision) lines.push_back({reach.decision->leaf, TextOf(*reach.decision, language)});
  for (const LineageStep& step : reach.steps) lines.push_back({step.leaf, TextOf(step, language)});
  for (const LineageStep& step : reach.marks) lines.push_back({step.leaf, TextOf(step, language)});
  std::stable_sort(lines.begin(), lines.end(),
                   [](const ReachLine& a, const ReachLine& b) { return a.leaf < b.leaf; });
  return lines;
}

std::string ReachSummary(const ledger::Reach& reach, Language language) {
  const auto count = [&reach](Kind kind) { return absl::StrCat(reach.Of(kind).size()); };
  const bool withdrawn = std::any_of(reach.marks.begin(), reach.marks.end(),
                                     [](const LineageStep& mark) { return mark.kind == Kind::kWithdrawal; });
  return Message(withdrawn ? "report.reach.summary-withdrawn" : "report.reach.summary", language,
                 {{"states", count(Kind::kAggregation)},
                  {"releases", count(Kind::kModelRelease)},
                  {"jobs", count(Kind::kJob)}});
}

}  // namespace consort::explain
