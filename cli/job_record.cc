#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "cli/enum_word.h"
#include "cli/job_view.h"

namespace consort::cli {
namespace {

// Null if no round has results.
const v1::RoundStatus* NewestWithResults(const v1::JobStatus& job) {
  for (auto round = job.rounds().rbegin(); round != job.rounds().rend(); ++round) {
    if (!round->results().empty()) return &*round;
  }
  return nullptr;
}

Json ResultRow(const v1::TraditionResult& result) {
  Json row = {{"tradition", result.tradition()},
              {"archive", result.archive()},
              {"recordings", result.recordings()},
              {"before", result.before()},
              {"after", result.after()},
              {"difference", result.difference()},
              {"low", nullptr},
              {"high", nullptr},
              {"verdict", Word(result.verdict())}};
  if (!result.measure().empty()) row["measure"] = result.measure();
  if (result.has_interval()) {
    row["low"] = result.low();
    row["high"] = result.high();
  }
  if (result.has_yardstick()) row["yardstick"] = result.yardstick();
  if (result.has_personal()) row["personal"] = result.personal();
  for (const v1::MeasureResult& measure : result.measures()) {
    Json one = {{"name", measure.name()},
                {"size", measure.size()},
                {"before", measure.before()},
                {"after", measure.after()}};
    if (measure.has_interval()) {
      one["low"] = measure.low();
      one["high"] = measure.high();
    }
    row["measures"].push_back(std::move(one));
  }
  return row;
}

Json ParticipationRow(const v1::ParticipationStatus& part) {
  return {{"archive", part.archive()},
          {"state", Word(part.state())},
          {"reason", part.reason()},
          {"weight", part.weight()},
          {"steps_done", part.steps_done()},
          {"steps_total", part.steps_total()},
          {"bytes_received", part.bytes_received()},
          {"bytes_total", part.bytes_total()}};
}

Json SupplyRow(const v1::TraditionSupply& supply) {
  return {{"tradition", supply.tradition()},
          {"training_recordings", supply.training_recordings()},
          {"holdout_recordings", supply.holdout_recordings()},
          {"training_seconds", supply.training_seconds()}};
}

}  // namespace

Json JobRow(const v1::JobStatus& job) {
  return {
      {"job", job.job_id()},        {"name", job.spec().name()},
      {"state", Word(job.state())}, {"rounds", absl::StrCat(job.rounds_closed(), "/", job.spec().rounds())},
      {"reason", job.reason()},     {"submitted_by", job.submitted_by()}};
}

Json JobRecord(const v1::JobStatus& job) {
  return {{"job", job.job_id()},
          {"name", job.spec().name()},
          {"state", Word(job.state())},
          {"reason", job.reason()},
          {"submitted_by", job.submitted_by()},
          {"submitted_unix_seconds", job.submitted_unix_seconds()},
          {"job_digest", job.job_digest()},
          {"rounds_closed", job.rounds_closed()},
          {"rounds", job.spec().rounds()},
          {"architecture", job.spec().architecture()},
          {"method", Word(job.spec().method())},
          {"strategy", Word(job.spec().strategy())},
          {"weighting", Word(job.spec().weighting())},
          {"objective",
           job.spec().objective() == v1::OBJECTIVE_UNSPECIFIED ? "weighted" : Word(job.spec().objective())},
          {"scaffold", job.spec().local().scaffold()},
          {"personal", job.spec().personal().enabled()},
          {"purpose", job.spec().purpose()},
          {"base_model", job.spec().base_model_digest()},
          {"model", job.model_digest()},
          {"model_tensor_digest", job.model_tensor_digest()},
          {"release_entry", job.release_index() == 0 ? Json() : Json(job.release_index())},
          {"release_state", Word(job.release_state())},
          {"harmed", HarmedTraditions(job)},
          {"estimated_seconds_left", job.estimated_seconds_left()}};
}

Json OfferRows(const v1::JobStatus& job) {
  Json rows = Json::array();
  for (const v1::OfferStatus& offer : job.offers()) {
    Json supplies = Json::array();
    uint64_t training_seconds = 0;
    for (const v1::TraditionSupply& supply : offer.supplies()) {
      supplies.push_back(SupplyRow(supply));
      training_seconds += supply.training_seconds();
    }
    rows.push_back({{"archive", offer.archive()},
                    {"state", Word(offer.state())},
                    {"connected", offer.connected()},
                    {"training_seconds", training_seconds},
                    {"reason", offer.reason()},
                    {"plan_digest", offer.plan_digest()},
                    {"supplies", std::move(supplies)}});
  }
  return rows;
}

Json RoundRows(const v1::JobStatus& job) {
  Json rows = Json::array();
  for (const v1::RoundStatus& round : job.rounds()) {
    Json parts = Json::array();
    for (const v1::ParticipationStatus& part : round.participations())
      parts.push_back(ParticipationRow(part));
    Json results = Json::array();
    for (const v1::TraditionResult& result : round.results()) results.push_back(ResultRow(result));
    rows.push_back({{"round", round.number()},
                    {"round_id", round.round_id()},
                    {"state", Word(round.state())},
                    {"reason", round.reason()},
                    {"seconds", round.seconds()},
                    {"ledger_state", Word(round.ledger_state())},
                    {"participations", std::move(parts)},
                    {"results", std::move(results)}});
  }
  return rows;
}

Json ResultRows(const v1::JobStatus& job) {
  Json rows = Json::array();
  if (const v1::RoundStatus* round = NewestWithResults(job); round != nullptr) {
    for (const v1::TraditionResult& result : round->results()) rows.push_back(ResultRow(result));
  }
  return rows;
}

std::vector<std::string> ResultColumns(const Json& rows) {
  std::vector<std::string> columns = {"tradition", "archive",    "recordings", "before",
                                      "after",     "difference", "low",        "high"};
  for (const char* optional : {"yardstick", "personal"}) {
    const bool any =
        std::any_of(rows.begin(), rows.end(), [&](const Json& row) { return row.contains(optional); });
    if (any) columns.push_back(optional);
  }
  columns.push_back("verdict");
  return columns;
}

Json EvaluatedRows(absl::Span<const v1::RoundStatus> rounds) {
  Json rows = Json::array();
  for (const v1::RoundStatus& round : rounds) {
    if (round.results().empty()) continue;
    Json results = Json::array();
    for (const v1::TraditionResult& result : round.results()) results.push_back(ResultRow(result));
    rows.push_back({{"round", round.number()}, {"results", std::move(results)}});
  }
  return rows;
}

std::vector<std::string> HarmedTraditions(const v1::JobStatus& job) {
  std::set<std::string> harmed;
  if (const v1::RoundStatus* round = NewestWithResults(job); round != nullptr) {
    for (const v1::TraditionResult& result : round->results()) {
      if (result.verdict() == v1::TraditionResult::VERDICT_HARMED) harmed.insert(result.tradition());
    }
  }
  return {harmed.begin(), harmed.end()};
}

}  // namespace consort::cli
