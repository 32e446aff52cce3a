#include "coordinator/rounds/entry_outcome.h"

#include <utility>

#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "coordinator/rounds/archive_entries.h"
#include "nlohmann/json.hpp"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

void NameEntry(absl::string_view entry, v1::EntryOutcome& outcome) {
  const absl::StatusOr<ledger::Statement> statement = ledger::ReadEntry(entry);
  if (!statement.ok()) return;
  const auto envelope = nlohmann::json::parse(entry, nullptr, /*allow_exceptions=*/false);
  const absl::StatusOr<std::string> payload = Base64Decode(envelope.value("payload", ""));
  if (payload.ok()) outcome.set_payload_digest(Sha256Hex(*payload));
  const auto predicate = nlohmann::json::parse(statement->predicate, nullptr, false);
  const auto node_seq = predicate.find("node_seq");
  if (node_seq != predicate.end() && node_seq->is_number_unsigned())
    outcome.set_node_seq(node_seq->get<uint64_t>());
}

}  // namespace

v1::Envelope OutcomeOf(const Sequencer& sequencer, const std::string& request_id, absl::string_view entry,
                       const absl::StatusOr<Appended>& appended) {
  v1::Envelope envelope;
  envelope.set_request_id(request_id);
  v1::EntryOutcome& outcome = *envelope.mutable_entry_outcome();
  NameEntry(entry, outcome);
  outcome.set_logged(appended.ok());
  if (!appended.ok()) {
    outcome.set_reason(FaultReason(appended.status()));
    return envelope;
  }
  absl::StatusOr<std::string> receipt = sequencer.Receipt(*appended);
  if (receipt.ok()) {
    outcome.set_receipt_envelope(*std::move(receipt));
  } else {
    spdlog::error("no receipt could be made: {}", receipt.status().ToString());
  }
  return envelope;
}

}  // namespace consort::coordinator
