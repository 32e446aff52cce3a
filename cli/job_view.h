// A job's status as people and programs read it: JSON records, the live view, and lines for logs.
#ifndef CONSORT_CLI_JOB_VIEW_H_
#define CONSORT_CLI_JOB_VIEW_H_

#include <string>
#include <vector>

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

// The live picture: one line a job, then the newest rounds with a line an archive. At most the terminal's
// width.
std::vector<std::string> WatchLines(const v1::JobStatus& job, const Terminal& terminal);
// What changed since `before`, one line a change: for logs and pipes. A default `before` gives the state so
// far.
std::vector<std::string> ChangeLines(const v1::JobStatus& before, const v1::JobStatus& now);

bool HasEnded(v1::JobState state);
// How `job watch` ends: completed 0; failed for lack of archives 5; else failed or cancelled 1.
ExitCode ExitCodeOfJob(const v1::JobStatus& job);
// The traditions that the newest results show to be worse, each once.
std::vector<std::string> HarmedTraditions(const v1::JobStatus& job);
// The archives that a reason names after its code; empty for other failures.
std::string MissingArchives(const v1::JobStatus& job);

}  // namespace consort::cli

#endif  // CONSORT_CLI_JOB_VIEW_H_
