// A job's status as people and programs read it: JSON records, the live view, and lines for logs.
#ifndef CONSORT_CLI_JOB_VIEW_H_
#define CONSORT_CLI_JOB_VIEW_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "cli/printer.h"
#include "cli/terminal.h"
#include "common/status/exit_code.h"
#include "consort/v1/job.pb.h"

namespace consort::cli {

// One row of `job list`.
Json JobRow(const v1::JobStatus& job);
// Everything but the rounds' details.
Json JobRecord(const v1::JobStatus& job);
// One row an archive: state, reason, supplies.
Json OfferRows(const v1::JobStatus& job);
// One row a round, participations and results inside.
Json RoundRows(const v1::JobStatus& job);
Json ResultRows(const v1::JobStatus& job);  // of the newest round that has results
// The columns of a table of them: with the yardstick and the archives' own copies where any row has one.
std::vector<std::string> ResultColumns(const Json& rows);
// One row a round that has results, with them.
Json EvaluatedRows(absl::Span<const v1::RoundStatus> rounds);

// The live picture: one line a job, then the newest rounds with a line an archive. At most the terminal's
// width.
std::vector<std::string> WatchLines(const v1::JobStatus& job, const Terminal& terminal);
// What a round changed for each tradition: a heading with measure and objective, then a line a tradition and
// archive, and below it the yardstick and the archive's own copy where there are any. At most the terminal's
// width. Empty without results.
std::vector<std::string> ResultLines(const v1::JobSpec& spec, const v1::RoundStatus& round,
                                     const Terminal& terminal);
// What changed since `before`, one line a change: for logs and pipes. A default `before` gives the state so
// far.
std::vector<std::string> ChangeLines(const v1::JobStatus& before, const v1::JobStatus& now);

bool HasEnded(v1::JobState state);
// Whether all results of a round are there that will come: archives report one after the other.
bool HasClosed(const v1::RoundStatus& round);
// How `job watch` ends: completed 0; failed for lack of archives 5; else failed or cancelled 1.
ExitCode ExitCodeOfJob(const v1::JobStatus& job);
// The traditions that the newest results show to be worse, each once.
std::vector<std::string> HarmedTraditions(const v1::JobStatus& job);
// The archives that a reason names after its code; empty for other failures.
std::string MissingArchives(const v1::JobStatus& job);

}  // namespace consort::cli

#endif  // CONSORT_CLI_JOB_VIEW_H_
