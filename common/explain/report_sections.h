// The parts of the report, each an HTML fragment from the facts of one job.
#ifndef CONSORT_COMMON_EXPLAIN_REPORT_SECTIONS_H_
#define CONSORT_COMMON_EXPLAIN_REPORT_SECTIONS_H_

#include <string>

#include "common/explain/job_facts.h"
#include "common/explain/job_report.h"
#include "common/explain/report_text.h"

namespace consort::explain {

// Title, how it ended, whom it helped and whom it harmed.
std::string SummarySection(const ReportedJob& facts, const ReportText& text);
// Before and after, per tradition, with intervals.
std::string ChangeSection(const ReportedJob& facts, const ReportText& text);
// Archives, their approvals, material, weights.
std::string ContributorsSection(const ReportedJob& facts, const ReportText& text);
// Bytes that left each archive, and what they were.
std::string BytesSection(const ReportedJob& facts, const ReportText& text);
// Round by round.
std::string RoundsSection(const ReportedJob& facts, const ReportText& text);
// What was asked for: model, method, strategy.
std::string RecipeSection(const ReportedJob& facts, const ReportText& text);
// Leaves, checkpoint, and how to verify.
std::string ProofSection(const ReportedJob& facts, const ReportProof& proof, const ReportText& text);

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_REPORT_SECTIONS_H_
