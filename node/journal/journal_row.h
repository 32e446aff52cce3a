// One row of the egress journal and its one spelling.
#ifndef CONSORT_NODE_JOURNAL_JOURNAL_ROW_H_
#define CONSORT_NODE_JOURNAL_JOURNAL_ROW_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort::node {

// The types of row. Permanent: written to disk and read by the archive's staff.
inline constexpr char kRowPlan[] = "plan";                  // counts, seconds and tradition names of one job
inline constexpr char kRowUpdate[] = "update";              // the encoded payload of one round
inline constexpr char kRowContribution[] = "contribution";  // the signed entry that names it
inline constexpr char kRowEvaluation[] = "evaluation";      // the signed entry with the scores of one round
inline constexpr char kRowControl[] = "control";            // everything else of one minute, counted

struct JournalRow {
  uint64_t number = 0;  // from 1, no gaps
  int64_t unix_millis = 0;
  std::string type;
  uint64_t bytes = 0;     // of the payload, or of all messages of a control row
  uint64_t messages = 1;  // more than one for control rows only
  std::string digest;     // SHA-256 of the payload, hex; empty for control rows
  std::string job_id;     // empty for control rows
  std::string round_id;   // empty where there is no round
  std::string previous;   // hash of the row before; 64 zeros before the first

  // True for rows whose payload derives from recordings.
  bool derived() const { return type != kRowControl; }
};

// "previous" of the first row.
std::string JournalStart();

// The row as one line of JSON without its line break: members in name order, no white space.
std::string FormatRow(const JournalRow& row);
// Errors: InvalidArgument unless `line` is exactly what FormatRow writes.
absl::StatusOr<JournalRow> ParseRow(absl::string_view line);

// SHA-256 of the line's bytes, hex: what the next row names as `previous`.
std::string RowHash(absl::string_view line);

}  // namespace consort::node

#endif  // CONSORT_NODE_JOURNAL_JOURNAL_ROW_H_
