// Reads JSON that is spelled canonically already, in one pass: nothing is spelled again and compared. Private
// to common/ledger: the last word on what is canonical is CanonicalJson's.
#ifndef CONSORT_COMMON_LEDGER_CANONICAL_READER_H_
#define CONSORT_COMMON_LEDGER_CANONICAL_READER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::ledger {

// Returns the value if `text` is what CanonicalJson writes for it, and nothing otherwise: ParseStrictJson
// then says why. `predicate`: set to the text of the outermost object's member of that name, if it has one.
std::optional<nlohmann::json> ReadCanonicalJson(absl::string_view text, absl::string_view& predicate);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_CANONICAL_READER_H_
