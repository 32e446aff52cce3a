#include "node/witness/revocations.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

constexpr char kEnding[] = ".json";

// The key that a key-revoke entry names: `vkey`, or the entry key of a member that goes as a whole.
absl::StatusOr<std::string> RevokedKey(const ledger::Statement& statement, absl::string_view origin) {
  if (statement.kind != ledger::Kind::kKeyRevoke)
    return absl::InvalidArgumentError("revocation is an entry of another kind");
  ASSIGN_OR_RETURN(const nlohmann::json facts, ledger::ParseStrictJson(statement.predicate));
  try {
    if (!origin.empty() && facts.at("origin") != std::string(origin))
      return absl::InvalidArgumentError("revocation is of another log");
    const std::string vkey = facts.value("vkey", facts.at("entries_vkey").get<std::string>());
    RETURN_IF_ERROR(VerifierKey::Parse(vkey).status());
    return vkey;
  } catch (const nlohmann::json::exception&) {
    return absl::InvalidArgumentError("revocation lacks a member of its kind");
  }
}

}  // namespace

absl::StatusOr<Revocations> Revocations::Open(const std::string& directory) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  Revocations revocations(directory);
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  for (const std::string& name : names) {
    if (!absl::EndsWith(name, kEnding)) continue;
    const std::string path = absl::StrCat(directory, "/", name);
    ASSIGN_OR_RETURN(const std::string envelope, ReadStateFile(path));
    const auto statement = ledger::ReadEntry(envelope);
    const auto vkey =
        statement.ok() ? RevokedKey(*statement, "") : absl::StatusOr<std::string>(statement.status());
    if (!vkey.ok()) {
      return absl::DataLossError(absl::StrCat(
          "stored revocation is damaged; restore the state folder: ", vkey.status().message(), ": ", name));
    }
    revocations.keys_[*vkey] = path;
  }
  return revocations;
}

absl::Status Revocations::Add(const std::string& envelope, absl::Span<const VerifierKey> signers,
                              absl::string_view origin) {
  ASSIGN_OR_RETURN(const ledger::OpenedEntry opened, ledger::OpenEntry(envelope, signers));
  ASSIGN_OR_RETURN(const std::string vkey, RevokedKey(opened.statement, origin));
  if (keys_.count(vkey) > 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(vkey));
  // Key names hold slashes; the id is what tells keys of one name apart, and the digest the rest.
  const std::string name =
      absl::StrCat(absl::BytesToHexString(key.id()), "-", Sha256Hex(vkey).substr(0, 8), kEnding);
  const std::string path = absl::StrCat(directory_, "/", name);
  keys_[vkey] = path;  // first: it counts no longer whatever the disk says
  return WriteFileDurably(path, envelope);
}

absl::Status Revocations::Settle(const ledger::KeyBook& book) {
  for (auto key = keys_.begin(); key != keys_.end();) {
    const auto in_book = std::any_of(book.keys().begin(), book.keys().end(), [&](const auto& known) {
      return known.revoked && known.key.ToString() == key->first;
    });
    if (!in_book) {
      ++key;
      continue;
    }
    RETURN_IF_ERROR(RemoveAll(key->second));
    key = keys_.erase(key);
  }
  return absl::OkStatus();
}

std::vector<VerifierKey> Revocations::Without(std::vector<VerifierKey> keys) const {
  keys.erase(std::remove_if(keys.begin(), keys.end(), [this](const VerifierKey& key) { return Has(key); }),
             keys.end());
  return keys;
}

}  // namespace consort::node
