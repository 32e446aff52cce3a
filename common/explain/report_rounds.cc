// The section of the report that goes through a job round by round.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/messages/quantity.h"
#include "common/explain/report_charts.h"
#include "common/explain/report_html.h"
#include "common/explain/report_sections.h"
#include "common/explain/report_table.h"

namespace consort::explain {
namespace {

// What happened to one archive's part in a round, with its proof.
std::string ContributionLine(const ReportedContribution& contribution, const ReportText& text) {
  const std::string archive = EscapeHtml(contribution.archive);
  const std::string mark = text.Leaf(contribution.leaf);
  if (contribution.outcome == "rejected") {
    return absl::StrCat("<span class=\"bad\">", archive, ": ",
                        text("report.rounds.refused", {{"reason", contribution.reason}}), "</span> ", mark);
  }
  if (contribution.outcome.empty())
    return absl::StrCat(archive, ": ", text("report.rounds.undecided"), " ", mark);
  return absl::StrCat(archive, " ", mark);
}

std::string RoundOutcome(const RoundFacts& round, const ReportText& text) {
  if (!round.abandoned_reason.empty()) {
    return absl::StrCat("<span class=\"bad\">",
                        text("report.rounds.abandoned", {{"reason", round.abandoned_reason}}), "</span>");
  }
  if (!round.aggregation_leaf.has_value()) return text("report.rounds.unfinished");
  return absl::StrCat(Code(round.model_digest.substr(0, 12)), " ", text.Leaf(*round.aggregation_leaf));
}

std::string AbsentCell(const RoundFacts& round, const ReportText& text) {
  std::vector<std::string> lines;
  for (const AbsenceFacts& absence : round.absent) {
    if (absence.state == "refused") continue;  // stands beside its update
    lines.push_back(absl::StrCat("<span class=\"bad\">", EscapeHtml(absence.archive), ": ",
                                 text.Word("report.absence", absence.state),
                                 absence.reason.empty() || absence.reason == absence.state
                                     ? ""
                                     : absl::StrCat(" (", EscapeHtml(absence.reason), ")"),
                                 "</span>"));
  }
  return lines.empty() ? "–" : absl::StrJoin(lines, "<br>");
}

std::string ScoresCell(const RoundFacts& round) {
  std::vector<std::string> lines;
  for (const auto& [tradition, sums] : round.scores) {
    if (sums.recordings == 0) continue;
    lines.push_back(absl::StrCat(EscapeHtml(tradition), " ",
                                 FormatReal(sums.after / static_cast<double>(sums.recordings), 4)));
  }
  return lines.empty() ? "–" : absl::StrJoin(lines, "<br>");
}

}  // namespace

std::string RoundsSection(const ReportedJob& facts, const ReportText& text) {
  std::string out = Heading(text, "report.rounds.title");
  if (facts.rounds.empty()) return out + Paragraph(text("report.rounds.none"));
  const std::string chart = RoundsChart(facts.rounds, text);
  if (!chart.empty()) absl::StrAppend(&out, Paragraph(text("report.rounds.intro")), chart);
  ReportTable table({{text("report.column.round"), true},
                     {text("report.column.took-part")},
                     {text("report.column.missing")},
                     {text("report.column.weight"), true},
                     {text("report.column.distance")},
                     {text("report.column.model")}});
  for (const RoundFacts& round : facts.rounds) {
    std::vector<std::string> lines;
    for (const ReportedContribution& contribution : round.contributions) {
      lines.push_back(ContributionLine(contribution, text));
    }
    table.AddRow({absl::StrCat(round.number, "<br>", text.Leaf(round.open_leaf)),
                  lines.empty() ? "–" : absl::StrJoin(lines, "<br>"), AbsentCell(round, text),
                  FormatCount(round.weight_total), ScoresCell(round), RoundOutcome(round, text)});
  }
  return absl::StrCat(out, std::move(table).Finish());
}

}  // namespace consort::explain
