#include "node/witness/own_entry.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/entry.h"
#include "nlohmann/json.hpp"

namespace consort::node {

std::optional<uint64_t> NumberOfOwnEntry(absl::string_view envelope, const ledger::KeyBook& book,
                                         absl::string_view archive) {
  // The key id stands in the envelope as it is, so most entries need not be parsed again.
  const bool ours = std::any_of(book.keys().begin(), book.keys().end(), [&](const auto& known) {
    return known.owner == archive && known.purpose == ledger::KeyPurpose::kEntries &&
           absl::StrContains(envelope, absl::StrCat("\"", known.key.KeyId(), "\""));
  });
  if (!ours) return std::nullopt;
  const auto statement = ledger::ReadEntry(envelope);
  if (!statement.ok()) return 0;
  const auto predicate = ledger::ParseStrictJson(statement->predicate);
  if (!predicate.ok()) return 0;
  const auto number = predicate->find("node_seq");
  return number != predicate->end() && number->is_number_unsigned() ? number->get<uint64_t>() : 0;
}

}  // namespace consort::node
