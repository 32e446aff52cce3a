// Verifier keys, base64 and hex: each has one spelling.
#include <cstdint>
#include <cstdlib>

#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto key = consort::VerifierKey::Parse(text);
  if (key.ok() && key->ToString() != text) std::abort();
  const auto base64 = consort::Base64Decode(text);
  if (base64.ok() && consort::Base64Encode(*base64) != text) std::abort();
  const auto hex = consort::HexDecode(text);
  if (hex.ok() && consort::HexEncode(*hex) != text) std::abort();
  return 0;
}
