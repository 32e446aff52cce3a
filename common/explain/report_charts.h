// The report's pictures as inline SVG: no script, no font or image from elsewhere, readable when printed.
#ifndef CONSORT_COMMON_EXPLAIN_REPORT_CHARTS_H_
#define CONSORT_COMMON_EXPLAIN_REPORT_CHARTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/explain/job_facts.h"
#include "common/explain/report_text.h"

namespace consort::explain {

// One row a tradition: the distance before (hollow), after (filled, in the colour of its verdict) and the
// interval of the change laid over it. Further left is closer to the recordings. Empty without results.
std::string BeforeAfterChart(absl::Span<const ResultFacts> results, const ReportText& text);

// One line a tradition over the rounds: mean distance after the round as a share of the base model's. Empty
// unless two rounds were evaluated.
std::string RoundsChart(absl::Span<const RoundFacts> rounds, const ReportText& text);

// One bar an archive. Empty without archives.
std::string BytesChart(absl::Span<const std::pair<std::string, int64_t>> bytes, const ReportText& text);

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_REPORT_CHARTS_H_
