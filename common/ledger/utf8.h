// Which bytes are text.
#ifndef CONSORT_COMMON_LEDGER_UTF8_H_
#define CONSORT_COMMON_LEDGER_UTF8_H_

#include "absl/strings/string_view.h"

namespace consort::ledger {

// Says whether `bytes` are well-formed UTF-8 (Unicode table 3-7: no overlong forms, surrogates or values past
// U+10FFFF).
bool IsUtf8(absl::string_view bytes);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_UTF8_H_
