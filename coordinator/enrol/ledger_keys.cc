#include "coordinator/enrol/ledger_keys.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;
using ledger::Kind;

std::string Text(const nlohmann::json& predicate, const char* member) {
  const auto found = predicate.find(member);
  return found != predicate.end() && found->is_string() ? found->get<std::string>() : "";
}

absl::Status TakeEnrol(KeyBook& book, const nlohmann::json& predicate, uint64_t index) {
  for (const KeyPurpose purpose :
       {KeyPurpose::kLog, KeyPurpose::kEntries, KeyPurpose::kMirror, KeyPurpose::kApproval}) {
    const std::string vkey = Text(predicate, absl::StrCat(ledger::PurposeName(purpose), "_vkey").c_str());
    if (vkey.empty()) continue;
    ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(vkey));
    book.Enrol(Text(predicate, "name"), purpose, key, index);
  }
  return absl::OkStatus();
}

absl::Status TakeKeyLeaf(KeyBook& book, const LeafRow& leaf) {
  ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(leaf.body));
  ASSIGN_OR_RETURN(const nlohmann::json predicate, ledger::ParseStrictJson(statement.predicate));
  const std::string name = Text(predicate, "name");
  if (statement.kind == Kind::kKeyEnrol) return TakeEnrol(book, predicate, leaf.index);
  if (statement.kind == Kind::kKeyRevoke && !predicate.contains("vkey")) {
    book.RevokeAll(name, leaf.index);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const KeyPurpose purpose, ledger::PurposeFromName(Text(predicate, "purpose")));
  ASSIGN_OR_RETURN(
      const VerifierKey key,
      VerifierKey::Parse(Text(predicate, statement.kind == Kind::kKeyRotate ? "new_vkey" : "vkey")));
  if (statement.kind == Kind::kKeyRotate) {
    book.Rotate(name, purpose, key, leaf.index);
  } else {
    book.Revoke(key.KeyId(), leaf.index);
  }
  return absl::OkStatus();
}

std::vector<std::string> LinesOf(const KeyBook& book, KeyPurpose purpose) {
  return absl::StrSplit(book.Lines(purpose), '\n', absl::SkipEmpty());
}

}  // namespace

absl::StatusOr<KeyBook> ReadKeyBook(Transaction& transaction) {
  KeyBook book;
  ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
  RETURN_IF_ERROR(transaction.ReadLeaves(0, size, [&book](const LeafRow& leaf) -> absl::Status {
    if (!absl::StartsWith(leaf.kind, "key-")) return absl::OkStatus();
    const absl::Status taken = TakeKeyLeaf(book, leaf);
    if (taken.ok()) return taken;
    return absl::DataLossError(absl::StrCat(
        "ledger-damaged: entry that names a key cannot be read; stop and restore a backup: leaf ", leaf.index,
        ": ", taken.message()));
  }));
  return book;
}

LedgerKeys LedgerKeysOf(const KeyBook& book) {
  LedgerKeys keys;
  keys.log_vkeys = LinesOf(book, KeyPurpose::kLog);
  for (const VerifierKey& key : book.EntryKeys()) keys.entry_vkeys.push_back(key.ToString());
  keys.witness_vkeys = LinesOf(book, KeyPurpose::kMirror);
  return keys;
}

absl::Status CheckKeysAreNew(const KeyBook& book, absl::Span<const VerifierKey> keys) {
  for (const VerifierKey& key : keys) {
    if (!book.HasPublicKey(key)) continue;
    return absl::InvalidArgumentError(absl::StrCat("key is enrolled already; make a new one: ", key.KeyId()));
  }
  return absl::OkStatus();
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
