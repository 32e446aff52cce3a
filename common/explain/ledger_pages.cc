#include "common/explain/ledger_pages.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/explain/job_facts.h"
#include "common/explain/report_html.h"
#include "common/explain/report_style.h"
#include "common/explain/report_table.h"
#include "common/explain/report_text.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "common/messages/quantity.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::explain {
namespace {

struct Job {
  std::string id;
  std::vector<ReportEntry> entries;  // those that name it
};

// The jobs in the order of their own entries. Decisions about a job that never began stand in no job.
absl::StatusOr<std::vector<Job>> JobsOf(absl::Span<const ReportEntry> entries) {
  std::vector<Job> jobs;
  std::map<std::string, size_t> places;
  for (const ReportEntry& entry : entries) {
    const absl::StatusOr<ledger::Statement> statement = ledger::ReadEntry(entry.envelope);
    if (!statement.ok()) {
      return absl::DataLossError(absl::StrCat("a ledger entry cannot be read; run `consort ledger verify`: ",
                                              statement.status().message(), ", leaf ", entry.index));
    }
    ASSIGN_OR_RETURN(const nlohmann::json predicate, ledger::ParseStrictJson(statement->predicate));
    const auto id = predicate.find("job_id");
    if (id == predicate.end() || !id->is_string()) continue;
    const auto name = id->get<std::string>();
    if (statement->kind == ledger::Kind::kJob && places.emplace(name, jobs.size()).second)
      jobs.push_back({name, {}});
    const auto place = places.find(name);
    if (place != places.end()) jobs[place->second].entries.push_back(entry);
  }
  return jobs;
}

// 32 hex digits: it becomes part of a file's name.
bool IsJobId(const std::string& id) { return id.size() == 32 && HexDecode(id).ok(); }

std::string EndOf(const ReportedJob& facts, const ReportText& text) {
  if (facts.release.has_value()) return text("report.ledger.released");
  return facts.ended_outcome.empty() ? text("report.ledger.open") : EscapeHtml(facts.ended_outcome);
}

void AddTerm(std::string& list, const std::string& term, const std::string& meaning) {
  absl::StrAppend(&list, "<dt>", term, "</dt><dd>", meaning, "</dd>");
}

std::string StateSection(const ReportProof& proof, uint64_t size, const ReportText& text) {
  std::string list;
  const absl::StatusOr<ledger::Checkpoint> checkpoint = ledger::ReadCheckpoint(proof.checkpoint);
  if (checkpoint.ok()) AddTerm(list, text("report.proof.origin"), Code(checkpoint->origin));
  AddTerm(list, text("report.ledger.durable"), FormatCount(static_cast<int64_t>(size)));
  if (checkpoint.ok())
    AddTerm(list, text("report.ledger.sealed"), FormatCount(static_cast<int64_t>(checkpoint->size)));
  AddTerm(list, text("report.ledger.witnessed"), FormatCount(static_cast<int64_t>(proof.witnessed_size)));
  return absl::StrCat("<dl>", list, "</dl><pre>", EscapeHtml(proof.checkpoint), "</pre>");
}

std::string JobsSection(const std::vector<ReportedJob>& jobs, const ReportText& text) {
  if (jobs.empty()) return Paragraph(text("report.ledger.no-jobs"));
  ReportTable table({{text("report.proof.job")},
                     {text("report.recipe.architecture")},
                     {text("report.ledger.rounds"), true},
                     {text("report.ledger.outcome")}});
  for (const ReportedJob& job : jobs) {
    table.AddRow({absl::StrCat("<a href=\"../job-", job.job_id, ".html\">", Code(job.job_id), "</a> ",
                               text.Leaf(job.job_leaf)),
                  Code(job.architecture), FormatCount(static_cast<int64_t>(job.rounds.size())),
                  EndOf(job, text)});
  }
  return std::move(table).Finish();
}

std::string Index(const std::vector<ReportedJob>& jobs, const ReportProof& proof, const std::string& policy,
                  uint64_t size, Language language) {
  const ReportText text(language);
  const bool chinese = language == Language::kChinese;
  const absl::string_view tag = LanguageTag(language);
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"", tag,
      "\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">"
      "<title>",
      text("report.ledger.title"), "</title><style>", ReportStyle(), "</style></head><body><main>",
      "<nav class=\"switch\"><a href=\"../en/index.html\" lang=\"en\">English</a> "
      "<a href=\"../zh-Hans/index.html\" lang=\"zh-Hans\">中文</a></nav><article class=\"",
      chinese ? "zh-page" : "en-page", "\" lang=\"", tag, "\"><h1>", text("report.ledger.title"), "</h1>",
      Paragraph(text("report.proof.intro"), "soft"), Heading(text, "report.ledger.state"),
      StateSection(proof, size, text), Heading(text, "report.ledger.jobs"), JobsSection(jobs, text),
      Heading(text, "report.ledger.policy"), Paragraph(text("report.ledger.policy-intro")), "<pre>",
      EscapeHtml(policy), "</pre>", Heading(text, "report.proof.title"),
      Paragraph(text("report.proof.verify")), "<pre>consort-verify ledger .</pre><footer>",
      text("report.footer"), "</footer></article></main></body></html>\n");
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> RenderLedgerPages(absl::Span<const ReportEntry> entries,
                                                                     const ReportProof& proof,
                                                                     const std::string& policy) {
  std::map<std::string, std::string> files;
  ASSIGN_OR_RETURN(const std::vector<Job> jobs, JobsOf(entries));
  std::vector<ReportedJob> facts;
  for (const Job& job : jobs) {
    if (!IsJobId(job.id)) continue;
    ASSIGN_OR_RETURN(facts.emplace_back(), GatherJobFacts(job.id, job.entries));
    ASSIGN_OR_RETURN(files[absl::StrCat("read/job-", job.id, ".html")],
                     RenderJobReport(job.id, job.entries, proof));
  }
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    files[absl::StrCat("read/", LanguageTag(language), "/index.html")] =
        Index(facts, proof, policy, entries.size(), language);
  }
  ASSIGN_OR_RETURN(files["prov.jsonld"], RenderProvenance(entries));
  return files;
}

}  // namespace consort::explain
