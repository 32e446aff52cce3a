#include "node/journal/journal_row.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "nlohmann/json.hpp"

namespace consort::node {

std::string JournalStart() { return std::string(64, '0'); }

std::string FormatRow(const JournalRow& row) {
  // nlohmann::json keeps members in name order and writes no white space: one spelling.
  return nlohmann::json{{"bytes", row.bytes},       {"digest", row.digest},    {"job", row.job_id},
                        {"messages", row.messages}, {"number", row.number},    {"previous", row.previous},
                        {"round", row.round_id},    {"time", row.unix_millis}, {"type", row.type}}
      .dump();
}

absl::StatusOr<JournalRow> ParseRow(absl::string_view line) {
  JournalRow row;
  try {
    const auto json = nlohmann::json::parse(line.begin(), line.end());
    row.bytes = json.at("bytes").get<uint64_t>();
    row.digest = json.at("digest").get<std::string>();
    row.job_id = json.at("job").get<std::string>();
    row.messages = json.at("messages").get<uint64_t>();
    row.number = json.at("number").get<uint64_t>();
    row.previous = json.at("previous").get<std::string>();
    row.round_id = json.at("round").get<std::string>();
    row.unix_millis = json.at("time").get<int64_t>();
    row.type = json.at("type").get<std::string>();
    if (FormatRow(row) != line) {
      return absl::InvalidArgumentError(
          "journal row is not in its one spelling; if a newer consort-node wrote it, run that one");
    }
  } catch (const nlohmann::json::exception&) {
    return absl::InvalidArgumentError("journal row is not a JSON object with the members of a row");
  }
  return row;
}

std::string RowHash(absl::string_view line) { return Sha256Hex(line); }

}  // namespace consort::node
