// Any bytes as an invitation or as a member's id. What was accepted is written and read back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/rpc/invitation.h"
#include "common/rpc/member_id.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto invitation = consort::ParseInvitation(text);
  if (invitation.ok()) {
    const std::string line = consort::FormatInvitation(*invitation);
    const auto again = consort::ParseInvitation(line);
    if (!again.ok() || consort::FormatInvitation(*again) != line) std::abort();
  }
  const auto member = consort::ParseSpiffeId(text);
  if (member.ok() && member->ToSpiffeId() != text) std::abort();
  return 0;
}
