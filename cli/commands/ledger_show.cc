// consort ledger show [INDEX]
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/commands/commands.h"
#include "cli/enum_word.h"
#include "cli/rpc/coordinator_client.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::optional<uint64_t> index;
  uint64_t last = 20;
};

// Subjects and members of an entry, unchecked: showing is not verifying.
absl::StatusOr<Json> EntryRecord(const v1::LedgerEntry& entry) {
  ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(entry.envelope()));
  Json subjects = Json::array();
  for (const ledger::Subject& subject : statement.subjects) {
    subjects.push_back({{"name", subject.name}, {"sha256", subject.sha256}});
  }
  Json members = Json::parse(statement.predicate, nullptr, /*allow_exceptions=*/false);
  const absl::string_view kind = ledger::KindName(statement.kind);
  return Json{{"index", entry.index()},
              {"state", Word(entry.state())},
              {"kind", std::string(kind)},
              {"subject", statement.subjects.empty() ? "" : statement.subjects.front().name},
              {"subjects", std::move(subjects)},
              {"members", std::move(members)}};
}

absl::StatusOr<ExitCode> ShowEntry(uint64_t index, CoordinatorClient& coordinator, const Printer& printer) {
  std::optional<Json> record;
  RETURN_IF_ERROR(
      coordinator.ReadEntries(index, index + 1, [&](const v1::LedgerEntry& entry) -> absl::Status {
        ASSIGN_OR_RETURN(record, EntryRecord(entry));
        return absl::OkStatus();
      }));
  if (!record.has_value())
    return absl::NotFoundError(absl::StrCat("the ledger has no entry with index ", index));
  printer.Record(*record);
  return ExitCode::kOk;
}

std::string TimeText(int64_t unix_seconds) {
  if (unix_seconds == 0) return "-";
  return absl::FormatTime(absl::RFC3339_sec, absl::FromUnixSeconds(unix_seconds), absl::UTCTimeZone());
}

// The newest checkpoint as it is, how far the ledger has come, and who has cosigned what.
void PrintHead(const v1::GetCheckpointResponse& head, const Printer& printer) {
  printer.Raw(absl::StrCat(head.checkpoint(), "\n"));
  printer.Record({{"durable", head.durable_size()},
                  {"checkpoint", Word(head.state())},
                  {"witnessed", head.witnessed_size()}});
  printer.Raw("\n");
  if (head.witnesses().empty()) return;
  Json rows = Json::array();
  for (const v1::WitnessStatus& witness : head.witnesses()) {
    rows.push_back({{"witness", witness.archive()},
                    {"cosigned_size", witness.size()},
                    {"cosigned_at", TimeText(witness.cosigned_unix_seconds())},
                    {"clock", witness.clock_ahead() ? "AHEAD: does not count" : "ok"}});
  }
  printer.List({"witness", "cosigned_size", "cosigned_at", "clock"}, rows);
  printer.Raw("\n");
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  if (options.index.has_value()) return ShowEntry(*options.index, *coordinator, context.printer());
  ASSIGN_OR_RETURN(const v1::GetCheckpointResponse head, coordinator->GetCheckpoint(0));
  const uint64_t size = head.durable_size();
  Json rows = Json::array();
  RETURN_IF_ERROR(coordinator->ReadEntries(size > options.last ? size - options.last : 0, size,
                                           [&](const v1::LedgerEntry& entry) -> absl::Status {
                                             ASSIGN_OR_RETURN(Json record, EntryRecord(entry));
                                             rows.push_back(std::move(record));
                                             return absl::OkStatus();
                                           }));
  if (context.printer().format() == Format::kTable) PrintHead(head, context.printer());
  context.printer().List({"index", "state", "kind", "subject"}, rows);
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerShow(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("ledger", "show", "The newest checkpoint and entries, or one entry whole",
                   "consort ledger show 12 -o json",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.OptionalPositional("index", options->index, "Leaf index, from 0");
  syntax.Option("--last", options->last, 1, 10000, "How many of the newest entries");
}

}  // namespace consort::cli
