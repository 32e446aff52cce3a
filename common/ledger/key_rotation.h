// What the old and the new key sign when one follows the other; both signatures are members of key-rotate.
#ifndef CONSORT_COMMON_LEDGER_KEY_ROTATION_H_
#define CONSORT_COMMON_LEDGER_KEY_ROTATION_H_

#include <string>

#include "absl/strings/string_view.h"

namespace consort::ledger {

// "consort.rotate.v1" LF origin LF purpose LF old keyid LF new keyid LF. The origin binds it to one log, the
// purpose to one part.
std::string RotationProofText(absl::string_view origin, absl::string_view purpose,
                              absl::string_view old_keyid, absl::string_view new_keyid);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_KEY_ROTATION_H_
