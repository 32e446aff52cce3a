#include "common/explain/job_report.h"

#include "absl/strings/str_cat.h"
#include "common/explain/job_facts.h"
#include "common/explain/report_sections.h"
#include "common/explain/report_style.h"
#include "common/explain/report_text.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::explain {
namespace {

std::string Article(const ReportedJob& facts, const ReportProof& proof, Language language) {
  const ReportText text(language);
  return absl::StrCat("<article class=\"", language == Language::kChinese ? "zh" : "en", "\" lang=\"",
                      LanguageTag(language), "\">", SummarySection(facts, text), ChangeSection(facts, text),
                      ContributorsSection(facts, text), BytesSection(facts, text), RoundsSection(facts, text),
                      RecipeSection(facts, text), ProofSection(facts, proof, text), "<footer>",
                      text("report.footer"), "</footer></article>");
}

// Two radio buttons before the articles: the style sheet shows the article of the one that is chosen.
constexpr absl::string_view kLanguageSwitch =
    "<input class=\"pick\" type=\"radio\" name=\"language\" id=\"pick-en\" checked>"
    "<input class=\"pick\" type=\"radio\" name=\"language\" id=\"pick-zh\">"
    "<nav class=\"switch\"><label for=\"pick-en\" lang=\"en\">English</label>"
    "<label for=\"pick-zh\" lang=\"zh-Hans\">中文</label></nav>";

// What a committed text is to readers of one language; `written` where it is not committed.
std::string Shown(const std::string& commitment, const std::string& written, const ReportProof& proof,
                  const ReportText& text) {
  const auto opened = proof.openings.find(commitment);
  if (opened == proof.openings.end()) return commitment.empty() ? written : commitment;
  return opened->second.value_or(text("report.erased"));
}

ReportedJob Opened(ReportedJob facts, const ReportProof& proof, Language language) {
  const ReportText text(language);
  facts.name = Shown(facts.name_commitment, facts.name, proof, text);
  facts.submitted_by = Shown(facts.submitter_commitment, facts.submitted_by, proof, text);
  return facts;
}

}  // namespace

absl::StatusOr<std::string> RenderJobReport(absl::string_view job_id, absl::Span<const ReportEntry> entries,
                                            const ReportProof& proof) {
  ASSIGN_OR_RETURN(const ReportedJob gathered, GatherJobFacts(job_id, entries));
  const ReportedJob facts = Opened(gathered, proof, Language::kEnglish);
  const ReportText english(Language::kEnglish);
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">"
      "<title>",
      EscapeHtml(facts.name), " – ", english("report.kicker"), "</title><style>", ReportStyle(),
      "</style></head><body><main>", kLanguageSwitch, Article(facts, proof, Language::kEnglish),
      Article(Opened(gathered, proof, Language::kChinese), proof, Language::kChinese),
      "</main></body></html>\n");
}

}  // namespace consort::explain
