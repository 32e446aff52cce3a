// A whole ledger for reading: a page in each language, a report for each job, and the provenance of every
// model, made from entries and checkpoint alone. Derived: nothing of it is hashed, and deleting it loses
// nothing.
#ifndef CONSORT_COMMON_EXPLAIN_LEDGER_PAGES_H_
#define CONSORT_COMMON_EXPLAIN_LEDGER_PAGES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/explain/job_report.h"

namespace consort::explain {

// Files by their path below an export: read/en/index.html, read/zh-Hans/index.html, read/job-<id>.html for
// each job, prov.jsonld. `entries`: the whole ledger in order. `policy`: keys/policy. Pages fetch nothing and
// run no script. Errors: as RenderJobReport. Thread-safe.
absl::StatusOr<std::map<std::string, std::string>> RenderLedgerPages(absl::Span<const ReportEntry> entries,
                                                                     const ReportProof& proof,
                                                                     const std::string& policy);

// The ledger as W3C PROV in JSON-LD: updates and models are entities, trainings, aggregations, evaluations
// and withdrawals activities, archives and coordinator agents; each names its leaf. Errors: DataLoss for an
// entry that cannot be read, naming the leaf.
absl::StatusOr<std::string> RenderProvenance(absl::Span<const ReportEntry> entries);

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_LEDGER_PAGES_H_
