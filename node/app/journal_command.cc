#include "absl/strings/str_cat.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"
#include "common/text/text_table.h"
#include "nlohmann/json.hpp"
#include "node/app/commands.h"
#include "node/app/node_config.h"
#include "node/journal/journal_reader.h"

namespace consort::node {
namespace {

using Json = nlohmann::ordered_json;

Json JsonOf(const JournalRow& row) {
  return {{"number", row.number},    {"time", UtcText(absl::FromUnixMillis(row.unix_millis))},
          {"type", row.type},        {"messages", row.messages},
          {"bytes", row.bytes},      {"job", row.job_id},
          {"round", row.round_id},   {"digest", row.digest},
          {"previous", row.previous}};
}

std::vector<std::string> CellsOf(const JournalRow& row) {
  const auto shortened = [](const std::string& id) { return id.empty() ? "-" : id.substr(0, 12); };
  return {absl::StrCat(row.number),
          UtcText(absl::FromUnixMillis(row.unix_millis)),
          row.type,
          absl::StrCat(row.messages),
          absl::StrCat(row.bytes),
          shortened(row.job_id),
          shortened(row.round_id),
          shortened(row.digest)};
}

Json JsonOf(const std::map<std::string, JournalSums::Sum>& sums) {
  Json object = Json::object();
  for (const auto& [name, sum] : sums) {
    object[name] = {{"rows", sum.rows}, {"messages", sum.messages}, {"bytes", sum.bytes}};
  }
  return object;
}

void PrintSums(const JournalSums& sums, const JournalEnd& end, OutputFormat format) {
  if (format == OutputFormat::kJson) {
    PrintData(Json{{"rows", end.rows},
                   {"head", end.head},
                   {"bytes", sums.total.bytes},
                   {"by_type", JsonOf(sums.by_type)},
                   {"by_job", JsonOf(sums.by_job)}}
                  .dump(2) +
              "\n");
    return;
  }
  std::vector<std::vector<std::string>> rows = {{"what", "rows", "messages", "bytes"}};
  const auto add = [&rows](const std::string& name, const JournalSums::Sum& sum) {
    rows.push_back({name, absl::StrCat(sum.rows), absl::StrCat(sum.messages), absl::StrCat(sum.bytes)});
  };
  for (const auto& [name, sum] : sums.by_type) add(name, sum);
  for (const auto& [name, sum] : sums.by_job) add("job " + name, sum);
  add("all", sums.total);
  PrintData(FormatTable(rows));
}

}  // namespace

absl::Status RunJournal(const JournalOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  JournalSums sums;
  Json list = Json::array();
  std::vector<std::vector<std::string>> table = {
      {"number", "time", "type", "messages", "bytes", "job", "round", "digest"}};
  const bool lists = !options.sums && !options.verify;
  ASSIGN_OR_RETURN(const JournalEnd end, ReadJournal(config.journal_path(), [&](const JournalRow& row) {
                     sums.Add(row);
                     if (lists && options.format == OutputFormat::kJson) list.push_back(JsonOf(row));
                     if (lists && options.format == OutputFormat::kTable) table.push_back(CellsOf(row));
                     return absl::OkStatus();
                   }));
  if (options.sums || (options.verify && options.format == OutputFormat::kJson)) {
    PrintSums(sums, end, options.format);
  } else if (lists) {
    PrintData(options.format == OutputFormat::kJson ? list.dump(2) + "\n" : FormatTable(table));
  }
  if (options.verify) {
    PrintNote(Message("node.journal.holds", {{"rows", absl::StrCat(end.rows)}, {"head", end.head}}) + "\n");
  }
  return absl::OkStatus();
}

}  // namespace consort::node
