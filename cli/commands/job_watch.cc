// consort job watch JOB
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/commands/commands.h"
#include "cli/interrupt.h"
#include "cli/job_view.h"
#include "cli/rpc/call_canceller.h"
#include "cli/rpc/coordinator_client.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

// A coordinator that restarts is back within seconds; one that is away for longer needs a person.
constexpr absl::Duration kReconnectLimit = absl::Minutes(2);
constexpr absl::Duration kReconnectPause = absl::Seconds(1);

// Shows each status as it comes: drawn over itself on a terminal, where the results of a round stay above the
// picture; as lines of changes elsewhere.
class JobDisplay {
 public:
  explicit JobDisplay(const Printer& printer) : printer_(printer), block_(printer.terminal()) {}

  void Show(const v1::JobStatus& job) {
    const bool live = printer_.terminal().is_terminal();
    for (const v1::RoundStatus& round : job.rounds()) {
      if (!IsNewlyEvaluated(round)) continue;
      evaluated_.push_back(round);
      if (!live) continue;
      block_.Draw(ResultLines(job.spec(), round, printer_.terminal()));
      block_.Keep();
    }
    if (live) {
      block_.Draw(WatchLines(job, printer_.terminal()));
    } else {
      for (const std::string& line : ChangeLines(last_, job)) printer_.Note(line);
    }
    last_ = job;
  }
  // A line that is not part of the picture.
  void Say(const std::string& text) {
    block_.Keep();
    printer_.Note(text);
  }
  const v1::JobStatus& last() const { return last_; }
  // Rounds whose results were seen, also those that the coordinator no longer sends.
  const std::vector<v1::RoundStatus>& evaluated() const { return evaluated_; }

 private:
  // Rounds come in order, and the coordinator computes results only of those that it has closed.
  bool IsNewlyEvaluated(const v1::RoundStatus& round) const {
    if (round.results().empty() || !HasClosed(round)) return false;
    return evaluated_.empty() || evaluated_.back().number() < round.number();
  }

  const Printer& printer_;
  LiveBlock block_;
  v1::JobStatus last_;
  std::vector<v1::RoundStatus> evaluated_;
};

// Watches until the job has ended, over broken connections. Errors: those of Watch other than Unavailable,
// and that one when it lasts.
absl::Status WatchToTheEnd(const std::string& job_id, CoordinatorClient& coordinator,
                           CallCanceller& canceller, JobDisplay& display) {
  absl::Time lost_at = absl::InfiniteFuture();
  while (true) {
    const absl::Status end = coordinator.WatchJob(job_id, canceller, [&](const v1::JobStatus& job) {
      lost_at = absl::InfiniteFuture();
      display.Show(job);
    });
    if (canceller.cancelled()) return absl::CancelledError("interrupted");
    if (HasEnded(display.last().state())) return absl::OkStatus();
    if (!end.ok() && !absl::IsUnavailable(end)) return end;
    const absl::Time now = absl::Now();
    if (lost_at == absl::InfiniteFuture()) {
      lost_at = now;
      display.Say(Message("cli.watch.reconnecting", {{"reason", std::string(end.message())}}));
    }
    if (now - lost_at > kReconnectLimit) {
      return absl::UnavailableError(absl::StrCat("the coordinator has not come back for ",
                                                 absl::FormatDuration(kReconnectLimit),
                                                 "; run `consort job watch ", job_id, "` again later"));
    }
    absl::SleepFor(kReconnectPause);  // between attempts, not on the path of a round
  }
}

void ReportEnd(const JobDisplay& display, const Printer& printer) {
  const v1::JobStatus& job = display.last();
  const std::string missing = MissingArchives(job);
  switch (job.state()) {
    case v1::JOB_STATE_COMPLETED:
      printer.Note(Message("cli.watch.completed",
                           {{"rounds", absl::StrCat(job.rounds_closed())}, {"model", job.model_digest()}}),
                   Colour::kGreen);
      break;
    case v1::JOB_STATE_CANCELLED:
      printer.Note(Message("cli.watch.cancelled", {{"reason", job.reason()}}), Colour::kRed);
      break;
    default:
      printer.Note(Message("cli.watch.failed", {{"reason", job.reason()}}), Colour::kRed);
  }
  if (const std::vector<std::string> harmed = HarmedTraditions(job); !harmed.empty()) {
    printer.Note(Message("cli.watch.harmed", {{"traditions", absl::StrJoin(harmed, ", ")}}), Colour::kRed);
  }
  if (!missing.empty()) printer.Note(Message("cli.watch.missing", {{"archives", missing}}), Colour::kRed);
  Json record = JobRecord(job);
  if (printer.format() == Format::kJson) {
    record["missing_archives"] = missing;
    record["results"] = ResultRows(job);
    record["evaluated_rounds"] = EvaluatedRows(display.evaluated());
    printer.Record(record);
  } else {
    const Json results = ResultRows(job);
    printer.List(ResultColumns(results), results);
  }
}

absl::StatusOr<ExitCode> Run(const std::string& job_id, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  CallCanceller canceller;
  const InterruptGuard interrupt([&canceller] { canceller.Cancel(); });
  JobDisplay display(context.printer());
  const absl::Status status = WatchToTheEnd(job_id, *coordinator, canceller, display);
  if (canceller.cancelled()) {
    display.Say(Message("cli.watch.interrupted", {{"job", job_id}}));
    return ExitCode::kInterrupted;
  }
  RETURN_IF_ERROR(status);
  ReportEnd(display, context.printer());
  return ExitCodeOfJob(display.last());
}

}  // namespace

void AddJobWatch(CommandSet& commands) {
  auto job_id = std::make_shared<std::string>();
  CommandSyntax syntax = commands.Add(
      "job", "watch",
      "Follow a job to its end; exits with 5 when too few archives took part in time, and names them",
      "consort job watch 3f2a5c0de41b7a96c8d0e2f4a6b8cadc",
      [job_id](CommandContext& context) { return Run(*job_id, context); });
  syntax.Positional("job", *job_id, "The job's id");
}

}  // namespace consort::cli
