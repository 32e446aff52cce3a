#include "cli/job_view.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/enum_word.h"
#include "common/messages/quantity.h"
#include "common/text/display_width.h"

namespace consort::cli {
namespace {

constexpr int kShownRounds = 2;  // the open one and the one before
constexpr int kNameWidth = 20;
constexpr int kStateWidth = 13;

std::string Seconds(double seconds) {
  return FormatSeconds(static_cast<int64_t>(std::llround(std::max(0.0, seconds))), Language::kEnglish);
}

bool IsBad(v1::ParticipationState state) {
  return state == v1::PARTICIPATION_STATE_REFUSED || state == v1::PARTICIPATION_STATE_LATE ||
         state == v1::PARTICIPATION_STATE_LOST || state == v1::PARTICIPATION_STATE_FAILED ||
         state == v1::PARTICIPATION_STATE_WITHDRAWN;
}

// "█████░░░ 12/40 steps", "███░░░ 1.20 MB of 3.70 MB, 540 kB/s, 5 s left", or the reason.
std::string PartDetail(const v1::ParticipationStatus& part, int bar_width) {
  if (part.state() == v1::PARTICIPATION_STATE_UPLOADING && part.bytes_total() > 0) {
    const double share = static_cast<double>(part.bytes_received()) / static_cast<double>(part.bytes_total());
    std::string out =
        absl::StrCat(Bar(share, bar_width), " ", FormatBytes(static_cast<int64_t>(part.bytes_received())),
                     " of ", FormatBytes(static_cast<int64_t>(part.bytes_total())));
    if (part.bytes_per_second() > 0) {
      const uint64_t left = part.bytes_total() - std::min(part.bytes_total(), part.bytes_received());
      absl::StrAppend(&out, ", ", FormatBytes(static_cast<int64_t>(part.bytes_per_second())), "/s, ",
                      Seconds(static_cast<double>(left) / part.bytes_per_second()), " left");
    }
    return out;
  }
  if (part.state() == v1::PARTICIPATION_STATE_TRAINING && part.steps_total() > 0) {
    return absl::StrCat(Bar(static_cast<double>(part.steps_done()) / part.steps_total(), bar_width), " ",
                        part.steps_done(), "/", part.steps_total(), " steps");
  }
  return part.reason();
}

std::string PartLine(const v1::ParticipationStatus& part, const Terminal& terminal) {
  const bool acknowledged = part.state() == v1::PARTICIPATION_STATE_ACKNOWLEDGED;
  const Colour colour = acknowledged ? Colour::kGreen : IsBad(part.state()) ? Colour::kRed : Colour::kNone;
  const int room = std::max(10, terminal.width() - kNameWidth - kStateWidth - 4);
  const int bar_width = std::clamp(room - 45, 8, 24);
  return absl::StrCat("  ", Fit(part.archive(), kNameWidth), " ",
                      terminal.Paint(Fit(Word(part.state()), kStateWidth), colour),
                      Fit(PartDetail(part, bar_width), room));
}

std::string ResultLine(const v1::TraditionResult& result) {
  std::string out = absl::StrCat(result.tradition(), ": ", FormatReal(result.before(), 4), " -> ",
                                 FormatReal(result.after(), 4), " (", FormatReal(result.difference(), 4));
  if (result.has_interval()) {
    absl::StrAppend(&out, " [", FormatReal(result.low(), 4), ", ", FormatReal(result.high(), 4), "]");
  }
  absl::StrAppend(&out, ") ", Word(result.verdict()));
  if (result.has_yardstick() && result.after() >= result.yardstick()) {
    absl::StrAppend(&out, ", not better than pieces of the archive's own recordings (",
                    FormatReal(result.yardstick(), 4), ")");
  }
  if (result.has_personal()) absl::StrAppend(&out, ", own copy ", FormatReal(result.personal(), 4));
  return out;
}

// "archive-uk-1" below its tradition, where several archives hold it; else the tradition.
std::string ResultName(const v1::RoundStatus& round, int index) {
  const v1::TraditionResult& result = round.results(index);
  const bool below = index > 0 && round.results(index - 1).tradition() == result.tradition();
  return below ? absl::StrCat("  at ", result.archive()) : result.tradition();
}

// "25.123 -> 24.456  −0.667 [−0.801, −0.533]  improved"
std::string ResultFigures(const v1::TraditionResult& result) {
  std::string change = FormatReal(result.difference(), 3);
  if (result.has_interval()) {
    absl::StrAppend(&change, " [", FormatReal(result.low(), 3), ", ", FormatReal(result.high(), 3), "]");
  }
  const bool harmed = result.verdict() == v1::TraditionResult::VERDICT_HARMED;
  const std::string verdict = harmed ? "HARMED" : Word(result.verdict());
  return absl::StrCat(
      Fit(absl::StrCat(FormatReal(result.before(), 3), " -> ", FormatReal(result.after(), 3)), 17), " ",
      Fit(change, 25), " ", verdict);
}

// What the result is to be held against; empty if nothing.
std::string ResultContext(const v1::TraditionResult& result) {
  std::string out;
  if (result.has_yardstick()) {
    absl::StrAppend(&out, "yardstick ", FormatReal(result.yardstick(), 3),
                    result.after() < result.yardstick() ? ": beaten" : ": not beaten");
  }
  if (result.has_personal()) {
    absl::StrAppend(&out, out.empty() ? "" : "; ", "own copy ", FormatReal(result.personal(), 3),
                    result.personal() < result.after() ? ": better than shared" : ": no better than shared");
  }
  return out;
}

Colour VerdictColour(v1::TraditionResult::Verdict verdict) {
  if (verdict == v1::TraditionResult::VERDICT_HARMED) return Colour::kRed;
  return verdict == v1::TraditionResult::VERDICT_IMPROVED ? Colour::kGreen : Colour::kNone;
}

std::string RoundHeading(const v1::RoundStatus& round) {
  return absl::StrCat("round ", round.number(), "  ", Word(round.state()), "  ", Seconds(round.seconds()),
                      round.reason().empty() ? "" : absl::StrCat("  ", round.reason()));
}

void AddRound(const v1::RoundStatus& round, const Terminal& terminal, std::vector<std::string>& lines) {
  lines.push_back(terminal.Paint(Fit(RoundHeading(round), terminal.width() - 1), Colour::kBold));
  for (const v1::ParticipationStatus& part : round.participations())
    lines.push_back(PartLine(part, terminal));
}

const v1::RoundStatus* FindRound(const v1::JobStatus& job, uint32_t number) {
  for (const v1::RoundStatus& round : job.rounds()) {
    if (round.number() == number) return &round;
  }
  return nullptr;
}

v1::ParticipationState StateIn(const v1::RoundStatus* round, const std::string& archive) {
  if (round == nullptr) return v1::PARTICIPATION_STATE_UNSPECIFIED;
  for (const v1::ParticipationStatus& part : round->participations()) {
    if (part.archive() == archive) return part.state();
  }
  return v1::PARTICIPATION_STATE_UNSPECIFIED;
}

void AddRoundChanges(const v1::RoundStatus* before, const v1::RoundStatus& now,
                     std::vector<std::string>& lines) {
  const std::string round = absl::StrCat("round ", now.number());
  for (const v1::ParticipationStatus& part : now.participations()) {
    if (StateIn(before, part.archive()) == part.state()) continue;
    lines.push_back(absl::StrCat(round, " ", part.archive(), " ", Word(part.state()),
                                 part.reason().empty() ? "" : absl::StrCat(": ", part.reason())));
  }
  if (before == nullptr || before->state() != now.state()) lines.push_back(RoundHeading(now));
  if (HasClosed(now) && (before == nullptr || !HasClosed(*before))) {
    for (const v1::TraditionResult& result : now.results())
      lines.push_back(absl::StrCat(round, " ", ResultLine(result)));
  }
}

}  // namespace

std::vector<std::string> WatchLines(const v1::JobStatus& job, const Terminal& terminal) {
  const double share =
      job.spec().rounds() == 0 ? 0 : static_cast<double>(job.rounds_closed()) / job.spec().rounds();
  std::string heading = absl::StrCat(job.spec().name(), "  ", Word(job.state()), "  ", Bar(share, 20), " ",
                                     job.rounds_closed(), "/", job.spec().rounds(), " rounds");
  if (job.estimated_seconds_left() > 0 && !HasEnded(job.state())) {
    absl::StrAppend(&heading, ", about ", Seconds(job.estimated_seconds_left()), " left");
  }
  std::vector<std::string> lines = {terminal.Paint(Fit(heading, terminal.width() - 1), Colour::kBold)};
  if (!job.reason().empty() && !HasEnded(job.state()))
    lines.push_back(Fit(absl::StrCat("  ", job.reason()), terminal.width() - 1));
  if (job.rounds().empty()) {
    for (const v1::OfferStatus& offer : job.offers()) {
      lines.push_back(absl::StrCat("  ", Fit(offer.archive(), kNameWidth), " ", Fit(Word(offer.state()), 18),
                                   Fit(offer.reason(), std::max(1, terminal.width() - kNameWidth - 23))));
    }
  }
  for (int i = std::max(0, job.rounds_size() - kShownRounds); i < job.rounds_size(); ++i) {
    AddRound(job.rounds(i), terminal, lines);
  }
  return lines;
}

std::vector<std::string> ResultLines(const v1::JobSpec& spec, const v1::RoundStatus& round,
                                     const Terminal& terminal) {
  std::vector<std::string> lines;
  if (round.results().empty()) return lines;
  const int width = terminal.width() - 1;
  const bool named = spec.objective() != v1::OBJECTIVE_UNSPECIFIED;
  const std::string& measure = round.results(0).measure();
  const std::string heading =
      absl::StrCat("round ", round.number(), ", lower is better",
                   measure.empty() ? "" : absl::StrCat("; ", measure.substr(0, measure.find('.'))),
                   "; objective ", named ? Word(spec.objective()) : "weighted");
  lines.push_back(terminal.Paint(Fit(heading, width), Colour::kBold));
  for (int i = 0; i < round.results_size(); ++i) {
    const v1::TraditionResult& result = round.results(i);
    const bool harmed = result.verdict() == v1::TraditionResult::VERDICT_HARMED;
    const std::string line =
        absl::StrCat(harmed ? "! " : "  ", Fit(ResultName(round, i), kNameWidth), " ", ResultFigures(result));
    lines.push_back(terminal.Paint(Fit(line, width), VerdictColour(result.verdict())));
    const std::string context = ResultContext(result);
    if (!context.empty()) {
      lines.push_back(terminal.Paint(Fit(absl::StrCat("    ", context), width), Colour::kDim));
    }
  }
  return lines;
}

std::vector<std::string> ChangeLines(const v1::JobStatus& before, const v1::JobStatus& now) {
  std::vector<std::string> lines;
  const bool waits_anew = before.reason() != now.reason() && !now.reason().empty();
  if (before.state() != now.state() || waits_anew) {
    lines.push_back(absl::StrCat("job ", Word(now.state()),
                                 now.reason().empty() ? "" : absl::StrCat(": ", now.reason())));
  }
  for (const v1::OfferStatus& offer : now.offers()) {
    const auto known =
        std::find_if(before.offers().begin(), before.offers().end(),
                     [&](const v1::OfferStatus& each) { return each.archive() == offer.archive(); });
    if (known != before.offers().end() && known->state() == offer.state()) continue;
    lines.push_back(absl::StrCat("archive ", offer.archive(), " ", Word(offer.state()),
                                 offer.reason().empty() ? "" : absl::StrCat(": ", offer.reason())));
  }
  for (const v1::RoundStatus& round : now.rounds())
    AddRoundChanges(FindRound(before, round.number()), round, lines);
  return lines;
}

bool HasClosed(const v1::RoundStatus& round) { return round.state() == v1::ROUND_STATE_CLOSED; }

bool HasEnded(v1::JobState state) {
  return state == v1::JOB_STATE_COMPLETED || state == v1::JOB_STATE_FAILED ||
         state == v1::JOB_STATE_CANCELLED;
}

ExitCode ExitCodeOfJob(const v1::JobStatus& job) {
  if (job.state() == v1::JOB_STATE_COMPLETED) return ExitCode::kOk;
  return MissingArchives(job).empty() ? ExitCode::kFailed : ExitCode::kUnavailable;
}

std::string MissingArchives(const v1::JobStatus& job) {
  const absl::string_view reason = job.reason();
  if (job.state() != v1::JOB_STATE_FAILED) return "";
  if (!absl::StartsWith(reason, "quorum-not-reached") && !absl::StartsWith(reason, "deadline")) return "";
  const size_t colon = reason.find(':');
  if (colon == absl::string_view::npos) return "unknown";
  return std::string(absl::StripAsciiWhitespace(reason.substr(colon + 1)));
}

}  // namespace consort::cli
