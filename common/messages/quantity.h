// Numbers as people read them: counts, bytes, durations, real numbers.
#ifndef CONSORT_COMMON_MESSAGES_QUANTITY_H_
#define CONSORT_COMMON_MESSAGES_QUANTITY_H_

#include <cstdint>
#include <string>

#include "common/messages/message_catalogue.h"

namespace consort {

// "1,234,567".
std::string FormatCount(int64_t count);
// "1.2 MB" (powers of ten, three digits), "812 B".
std::string FormatBytes(int64_t bytes);
// "4 min 10 s", "35 s", in the words of `language`.
std::string FormatSeconds(int64_t seconds, Language language);
// `value` with `digits` digits after the point; "−0.012" has a real minus sign.
std::string FormatReal(double value, int digits);

}  // namespace consort

#endif  // CONSORT_COMMON_MESSAGES_QUANTITY_H_
