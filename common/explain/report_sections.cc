#include "common/explain/report_sections.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/explain/report_charts.h"
#include "common/explain/report_html.h"
#include "common/explain/report_table.h"
#include "common/ledger/cosigned_state.h"
#include "common/messages/quantity.h"

namespace consort::explain {
namespace {

// A decimal string of the ledger with four digits after the point, as evaluations are rounded.
std::string Decimal(const std::string& decimal) {
  double value = 0;
  return absl::SimpleAtod(decimal, &value) ? FormatReal(value, 4) : EscapeHtml(decimal);
}

// Bytes that left the archive for this job: what its journal states, or at least its updates.
int64_t BytesOf(const ArchiveFacts& archive) { return std::max(archive.bytes_sent, archive.update_bytes); }

int64_t CountVerdict(const ReportedJob& facts, absl::string_view verdict) {
  if (!facts.release.has_value()) return 0;
  return std::count_if(facts.release->results.begin(), facts.release->results.end(),
                       [&](const ResultFacts& result) { return result.verdict == verdict; });
}

int64_t RoundsClosed(const ReportedJob& facts) {
  return std::count_if(facts.rounds.begin(), facts.rounds.end(),
                       [](const RoundFacts& round) { return round.aggregation_leaf.has_value(); });
}

std::string Names(const std::vector<std::string>& names, const ReportText& text) {
  return absl::StrJoin(names, text.language() == Language::kChinese ? "、" : ", ");
}

// Of a model that is not shown to have got worse for anyone.
absl::string_view SummaryOf(const ReportedJob& facts) {
  if (CountVerdict(facts, "improved") == 0) return "report.summary.unclear";
  return CountVerdict(facts, "unclear") == 0 ? "report.summary.improved-all" : "report.summary.improved";
}

std::string VerdictBox(const ReportedJob& facts, const ReportText& text) {
  if (!facts.release.has_value()) {
    if (facts.ended_outcome.empty()) {
      return absl::StrCat("<div class=\"verdict\">", Paragraph(text("report.summary.open")), "</div>");
    }
    return absl::StrCat(
        "<div class=\"verdict harmed\">",
        Paragraph(absl::StrCat(
            "<strong>",
            text(facts.ended_outcome == "cancelled" ? "report.summary.cancelled" : "report.summary.failed",
                 {{"reason", facts.ended_reason}}),
            "</strong> ", facts.ended_leaf ? text.Leaf(*facts.ended_leaf) : "")),
        Paragraph(text("report.summary.no-release")), "</div>");
  }
  const ReleaseFacts& release = *facts.release;
  const std::string counts =
      text("report.summary.counts", {{"improved", FormatCount(CountVerdict(facts, "improved"))},
                                     {"unclear", FormatCount(CountVerdict(facts, "unclear"))},
                                     {"harmed", FormatCount(CountVerdict(facts, "harmed"))}});
  if (!release.harms.empty()) {
    return absl::StrCat(
        "<div class=\"verdict harmed\">",
        Paragraph(absl::StrCat("<strong>",
                               text("report.summary.harmed", {{"traditions", Names(release.harms, text)}}),
                               "</strong> ", text.Leaf(release.leaf))),
        Paragraph(counts), "</div>");
  }
  const bool improved = CountVerdict(facts, "improved") > 0;
  return absl::StrCat(
      "<div class=\"verdict", improved ? " improved" : "", "\">",
      Paragraph(absl::StrCat("<strong>", text(SummaryOf(facts)), "</strong> ", text.Leaf(release.leaf))),
      Paragraph(counts), "</div>");
}

std::string Fact(const std::string& value, const std::string& label) {
  return absl::StrCat("<div><b>", value, "</b><span>", label, "</span></div>");
}

std::string SupplySummary(const ArchiveFacts& archive, const ReportText& text) {
  std::vector<std::string> lines;
  for (const SupplyFacts& supply : archive.supplies) {
    lines.push_back(text("report.contributors.supply",
                         {{"tradition", supply.tradition},
                          {"training", FormatCount(supply.training_recordings)},
                          {"holdout", FormatCount(supply.holdout_recordings)},
                          {"length", FormatSeconds(supply.training_seconds, text.language())}}));
  }
  return absl::StrJoin(lines, "<br>");
}

std::string ApprovalCell(const ArchiveFacts& archive, const ReportText& text) {
  if (!archive.approval_leaf.has_value()) return text("report.contributors.no-answer");
  const std::string mark = text.Leaf(*archive.approval_leaf);
  if (archive.approved) return absl::StrCat(text.Word("report.basis", archive.basis), " ", mark);
  return absl::StrCat("<span class=\"bad\">",
                      text("report.contributors.refused", {{"reason", archive.reason}}), "</span> ", mark);
}

std::string SharePercent(int64_t part, int64_t whole) {
  if (whole <= 0) return "–";
  return absl::StrCat(FormatReal(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1),
                      "\u00a0%");
}

void AddTerm(std::string& list, const std::string& term, const std::string& meaning) {
  absl::StrAppend(&list, "<dt>", term, "</dt><dd>", meaning, "</dd>");
}

// Size that a signed note states in its second line; false if it does not.
bool SizeOfNote(absl::string_view note, uint64_t& size) {
  const std::vector<absl::string_view> lines = absl::StrSplit(note, '\n');
  return lines.size() > 2 && absl::SimpleAtoi(lines[1], &size);
}

// The job's entries by how far each has come; a state that no entry is in is left out.
void AddLeavesByState(const ReportedJob& facts, const ReportProof& proof, const ReportText& text,
                      std::string& list) {
  uint64_t sealed_size = 0;
  if (!SizeOfNote(proof.checkpoint, sealed_size)) sealed_size = 0;
  for (const ledger::EntryState state :
       {ledger::EntryState::kWitnessed, ledger::EntryState::kSealed, ledger::EntryState::kDurable}) {
    std::vector<std::string> marks;
    for (const uint64_t leaf : facts.leaves) {
      if (ledger::StateOf(leaf, sealed_size, proof.witnessed_size) == state) marks.push_back(text.Leaf(leaf));
    }
    if (marks.empty()) continue;
    AddTerm(list, text.Word("report.proof.leaves", ledger::EntryStateName(state)), absl::StrJoin(marks, " "));
  }
}

}  // namespace

std::string SummarySection(const ReportedJob& facts, const ReportText& text) {
  int64_t contributors = 0, bytes = 0;
  for (const auto& [name, archive] : facts.archives) {
    if (archive.updates_accepted > 0) ++contributors;
    bytes += BytesOf(archive);
  }
  const auto traditions = static_cast<int64_t>(facts.release.has_value() ? facts.release->results.size() : 0);
  return absl::StrCat(
      "<p class=\"kicker\">", text("report.kicker"), "</p><h1>", EscapeHtml(facts.name), "</h1>",
      Paragraph(text("report.lead", {{"project", facts.project}}), "soft"), VerdictBox(facts, text),
      "<div class=\"facts\">", Fact(FormatCount(contributors), text("report.fact.archives")),
      Fact(absl::StrCat(RoundsClosed(facts), " / ", facts.rounds_planned), text("report.fact.rounds")),
      Fact(FormatBytes(bytes), text("report.fact.bytes")),
      Fact(FormatCount(traditions), text("report.fact.traditions")), "</div>");
}

std::string DecimalOrNone(const std::string& decimal) { return decimal.empty() ? "–" : Decimal(decimal); }

std::string ChangeSection(const ReportedJob& facts, const ReportText& text) {
  std::string out = Heading(text, "report.change.title");
  if (!facts.release.has_value() || facts.release->results.empty()) {
    return out + Paragraph(text("report.change.none"));
  }
  const ReleaseFacts& release = *facts.release;
  absl::StrAppend(&out, Paragraph(text("report.change.intro")), BeforeAfterChart(release.results, text));
  const bool copies = std::any_of(release.results.begin(), release.results.end(),
                                  [](const ResultFacts& result) { return !result.personal.empty(); });
  std::vector<ReportTable::Column> columns = {
      {text("report.column.tradition")},        {text("report.column.archive")},
      {text("report.column.recordings"), true}, {text("report.column.before"), true},
      {text("report.column.after"), true},      {text("report.column.difference"), true},
      {text("report.column.interval"), true},   {text("report.column.yardstick"), true}};
  if (copies) columns.push_back({text("report.column.personal"), true});
  columns.push_back({text("report.column.verdict")});
  ReportTable table(std::move(columns));
  for (const ResultFacts& result : release.results) {
    const bool harmed = result.verdict == "harmed";
    const std::string interval =
        result.low.empty() || result.high.empty()
            ? text("report.change.no-interval")
            : absl::StrCat("[", Decimal(result.low), ", ", Decimal(result.high), "]");
    std::vector<std::string> cells = {EscapeHtml(result.tradition),
                                      EscapeHtml(result.archive),
                                      FormatCount(result.recordings),
                                      Decimal(result.before),
                                      Decimal(result.after),
                                      Decimal(result.difference),
                                      interval,
                                      DecimalOrNone(result.yardstick)};
    if (copies) cells.push_back(DecimalOrNone(result.personal));
    cells.push_back(absl::StrCat("<span class=\"mark ", EscapeHtml(result.verdict), "\">",
                                 text.Word("report.verdict", result.verdict), "</span>"));
    table.AddRow(cells, harmed ? "harmed" : "");
  }
  double level = 0;
  const bool known = absl::SimpleAtod(release.level, &level);
  absl::StrAppend(
      &out, std::move(table).Finish(),
      Paragraph(text("report.change.method",
                     {{"level", known ? FormatReal(level * 100, 0) : release.level},
                      {"measure",
                       text.Word("report.measure", release.measure.substr(0, release.measure.find('.')))}}),
                "soft small"),
      Paragraph(text("report.change.yardstick"), "soft small"));
  if (copies) absl::StrAppend(&out, Paragraph(text("report.change.personal"), "soft small"));
  return out;
}

std::string ContributorsSection(const ReportedJob& facts, const ReportText& text) {
  std::string out =
      absl::StrCat(Heading(text, "report.contributors.title"),
                   Paragraph(absl::StrCat(text("report.contributors.intro"), " ",
                                          facts.roster_leaf ? text.Leaf(*facts.roster_leaf) : "")));
  int64_t weights = 0;
  for (const auto& [name, archive] : facts.archives) weights += archive.weight;
  ReportTable table({{text("report.column.archive")},
                     {text("report.column.approval")},
                     {text("report.column.material")},
                     {text("report.column.weight"), true},
                     {text("report.column.updates"), true}});
  for (const auto& [name, archive] : facts.archives) {
    table.AddRow({EscapeHtml(name), ApprovalCell(archive, text), SupplySummary(archive, text),
                  absl::StrCat(FormatCount(archive.weight), "<br><span class=\"soft\">",
                               SharePercent(archive.weight, weights), "</span>"),
                  FormatCount(archive.updates_accepted)});
  }
  return absl::StrCat(out, std::move(table).Finish(),
                      Paragraph(text("report.contributors.weight"), "soft small"));
}

std::string BytesSection(const ReportedJob& facts, const ReportText& text) {
  std::vector<std::pair<std::string, int64_t>> bytes;
  ReportTable table({{text("report.column.archive")},
                     {text("report.column.update-bytes"), true},
                     {text("report.column.all-bytes"), true},
                     {text("report.column.journal")}});
  for (const auto& [name, archive] : facts.archives) {
    bytes.emplace_back(name, BytesOf(archive));
    table.AddRow({EscapeHtml(name), FormatCount(archive.update_bytes),
                  archive.bytes_sent > 0 ? FormatCount(archive.bytes_sent) : text("report.bytes.unstated"),
                  archive.journal_head.empty() ? "–" : Code(archive.journal_head.substr(0, 16))});
  }
  return absl::StrCat(Heading(text, "report.bytes.title"), Paragraph(text("report.bytes.intro")),
                      BytesChart(bytes, text), std::move(table).Finish(),
                      Paragraph(text("report.bytes.method"), "soft small"));
}

std::string RecipeSection(const ReportedJob& facts, const ReportText& text) {
  std::string list;
  AddTerm(list, text("report.recipe.purpose"), Code(facts.purpose));
  AddTerm(list, text("report.recipe.architecture"), Code(facts.architecture));
  AddTerm(list, text("report.recipe.base"), Code(facts.base_digest));
  AddTerm(list, text("report.recipe.method"), text.Word("report.method", facts.method));
  AddTerm(list, text("report.recipe.strategy"), text.Word("report.strategy", facts.strategy));
  AddTerm(list, text("report.recipe.weighting"), text.Word("report.weighting", facts.weighting));
  if (!facts.objective.empty()) {
    AddTerm(list, text("report.recipe.objective"), text.Word("report.objective", facts.objective));
  }
  AddTerm(list, text("report.recipe.mode"), text.Word("report.mode", facts.mode));
  AddTerm(list, text("report.recipe.steps"), FormatCount(facts.local_steps));
  AddTerm(list, text("report.recipe.quorum"), FormatCount(facts.quorum));
  AddTerm(list, text("report.recipe.seed"), Code(facts.seed));
  AddTerm(list, text("report.recipe.submitted-by"), Code(facts.submitted_by));
  return absl::StrCat(Heading(text, "report.recipe.title"), Paragraph(text("report.recipe.intro")), "<dl>",
                      list, "</dl>");
}

std::string ProofSection(const ReportedJob& facts, const ReportProof& proof, const ReportText& text) {
  std::string list;
  AddTerm(list, text("report.proof.origin"), Code(facts.origin));
  AddTerm(list, text("report.proof.job"), Code(facts.job_id));
  AddTerm(list, text("report.proof.job-digest"), Code(facts.job_digest));
  if (facts.release.has_value()) {
    AddTerm(list, text("report.proof.model"), Code(facts.release->model_digest));
    AddTerm(list, text("report.proof.model-file"), Code(facts.release->model_artifact));
  }
  if (!proof.log_vkey.empty()) AddTerm(list, text("report.proof.key"), Code(proof.log_vkey));
  AddLeavesByState(facts, proof, text, list);
  std::string out = absl::StrCat(Heading(text, "report.proof.title"), Paragraph(text("report.proof.intro")),
                                 "<dl>", list, "</dl>");
  uint64_t size = 0;
  if (SizeOfNote(proof.checkpoint, size)) {
    const bool covered = !facts.leaves.empty() && facts.leaves.back() < size;
    absl::StrAppend(&out,
                    Paragraph(text(covered ? "report.proof.sealed" : "report.proof.unsealed",
                                   {{"size", FormatCount(static_cast<int64_t>(size))}})),
                    "<pre>", EscapeHtml(proof.checkpoint), "</pre>");
  }
  return absl::StrCat(out, Paragraph(text("report.proof.verify")),
                      "<pre>consort ledger export ledger\nconsort ledger verify ledger</pre>",
                      Paragraph(text("report.proof.limits"), "soft small"));
}

}  // namespace consort::explain
