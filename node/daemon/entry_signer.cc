#include "node/daemon/entry_signer.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

std::string PathOf(const std::string& directory, uint64_t number) {
  return absl::StrCat(directory, "/", number);
}

}  // namespace

uint64_t EntrySigner::NumberOf(absl::string_view envelope) {
  const auto statement = ledger::ReadEntry(envelope);
  if (!statement.ok()) return 0;
  const auto predicate = ledger::ParseStrictJson(statement->predicate);
  if (!predicate.ok() || !predicate->contains("node_seq")) return 0;
  const auto& number = (*predicate)["node_seq"];
  return number.is_number_unsigned() ? number.get<uint64_t>() : 0;
}

absl::StatusOr<EntrySigner> EntrySigner::Open(const std::string& directory, Identity identity,
                                              const SigningKey& key) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  EntrySigner signer(directory, std::move(identity), key);
  for (const std::string& name : names) {
    uint64_t number = 0;
    if (absl::SimpleAtoi(name, &number)) signer.last_ = std::max(signer.last_, number);
  }
  return signer;
}

absl::StatusOr<std::string> EntrySigner::Sign(ledger::Kind kind, const std::vector<ledger::Subject>& subjects,
                                              absl::string_view draft, const ledger::Checkpoint& prev_head) {
  const uint64_t number = last_ + 1;
  ASSIGN_OR_RETURN(nlohmann::json predicate, ledger::ParseStrictJson(draft));
  if (!predicate.is_object()) return absl::InternalError("a ledger entry's predicate is not an object");
  predicate["origin"] = identity_.origin;
  predicate["project"] = identity_.project;
  predicate["archive"] = identity_.archive;
  predicate["node_seq"] = number;
  predicate["prev_head"] = {{"size", prev_head.size}, {"root", HexOf(prev_head.root)}};
  ASSIGN_OR_RETURN(std::string envelope, ledger::SealEntry(kind, subjects, predicate, {key_}));
  RETURN_IF_ERROR(WriteFileDurably(PathOf(directory_, number), envelope));
  last_ = number;
  return envelope;
}

bool EntrySigner::Reuse(absl::string_view envelope) {
  const uint64_t number = NumberOf(envelope);
  if (number == 0 || number > last_ + 1) return false;
  const auto stored = ReadStateFile(PathOf(directory_, number));
  if (!stored.ok() || *stored != envelope) return false;
  last_ = std::max(last_, number);
  return true;
}

}  // namespace consort::node
