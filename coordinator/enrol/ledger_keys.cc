#include "coordinator/enrol/ledger_keys.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/crypto/signing_key.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

constexpr absl::string_view kEntryKeys = "ledger.entry_vkeys";  // one a line
constexpr absl::string_view kWitnessKeys = "ledger.witness_vkeys";

absl::StatusOr<std::vector<std::string>> ReadList(Transaction& transaction, absl::string_view setting) {
  const absl::StatusOr<std::string> text = transaction.GetSetting(setting);
  if (absl::IsNotFound(text.status())) return std::vector<std::string>();
  if (!text.ok()) return text.status();
  return std::vector<std::string>(absl::StrSplit(*text, '\n', absl::SkipEmpty()));
}

}  // namespace

absl::StatusOr<LedgerKeys> ReadLedgerKeys(Transaction& transaction) {
  LedgerKeys keys;
  ASSIGN_OR_RETURN(keys.entry_vkeys, ReadList(transaction, kEntryKeys));
  ASSIGN_OR_RETURN(keys.witness_vkeys, ReadList(transaction, kWitnessKeys));
  return keys;
}

absl::Status AddLedgerKeys(Transaction& transaction, absl::string_view entry_vkey,
                           absl::string_view witness_vkey) {
  ASSIGN_OR_RETURN(LedgerKeys keys, ReadLedgerKeys(transaction));
  ASSIGN_OR_RETURN(const VerifierKey added, VerifierKey::Parse(entry_vkey));
  for (const std::string& known : keys.entry_vkeys) {
    ASSIGN_OR_RETURN(const VerifierKey other, VerifierKey::Parse(known));
    if (other.public_key() == added.public_key()) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry key is enrolled already; make a new one: as ", other.name()));
    }
  }
  keys.entry_vkeys.emplace_back(entry_vkey);
  RETURN_IF_ERROR(transaction.PutSetting(kEntryKeys, absl::StrJoin(keys.entry_vkeys, "\n")));
  if (witness_vkey.empty()) return absl::OkStatus();
  keys.witness_vkeys.emplace_back(witness_vkey);
  return transaction.PutSetting(kWitnessKeys, absl::StrJoin(keys.witness_vkeys, "\n"));
}

std::string PolicyText(absl::string_view log_vkey, const std::vector<std::string>& witness_vkeys) {
  std::string text = absl::StrCat("log ", log_vkey, "\n");
  for (size_t i = 0; i < witness_vkeys.size(); ++i) {
    absl::StrAppend(&text, "witness w", i + 1, " ", witness_vkeys[i], "\n");
  }
  absl::StrAppend(&text, "quorum none\n");
  return text;
}

}  // namespace consort::coordinator
