#include "coordinator/ledger/commitments.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/commitment.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {

absl::StatusOr<std::string> CommitToText(Transaction& transaction, absl::string_view text) {
  ASSIGN_OR_RETURN(const ledger::Opening opening, ledger::NewOpening(std::string(text)));
  OpeningRow row;
  row.commitment = HexOf(opening.commitment);
  row.value = opening.value;
  row.salt = opening.salt;
  RETURN_IF_ERROR(transaction.Put(row));
  return row.commitment;
}

absl::StatusOr<std::optional<std::string>> CommittedText(Transaction& transaction,
                                                         absl::string_view commitment) {
  ASSIGN_OR_RETURN(const OpeningRow row, transaction.GetOpening(commitment));
  if (row.erased) return std::optional<std::string>();
  const absl::StatusOr<nlohmann::json> value = ledger::ParseStrictJson(row.value);
  if (value.ok() && value->is_string()) return std::optional<std::string>(value->get<std::string>());
  return absl::DataLossError(
      absl::StrCat("stored value of a commitment is no text; restore a backup: ", commitment));
}

}  // namespace consort::coordinator
