// SHA-256 and the encodings that ids, digests and keys are written in.
#ifndef CONSORT_COMMON_CRYPTO_DIGEST_H_
#define CONSORT_COMMON_CRYPTO_DIGEST_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

using Digest = std::array<uint8_t, 32>;

// Hashes a stream of bytes. Not thread-safe; movable.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(absl::string_view bytes);
  // Returns the digest of everything since construction, and starts over.
  Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest Sha256Of(absl::string_view bytes);

// 64 lower-case hex digits.
std::string HexOf(const Digest& digest);
// Sha256Of in hex: how digests of artifacts, plans and jobs are written.
std::string Sha256Hex(absl::string_view bytes);

std::string HexEncode(absl::string_view bytes);
// Errors: InvalidArgument unless `hex` is an even number of lower-case hex digits.
absl::StatusOr<std::string> HexDecode(absl::string_view hex);
// Errors: InvalidArgument unless `hex` is 64 lower-case hex digits.
absl::StatusOr<Digest> DigestFromHex(absl::string_view hex);

// Standard alphabet, padded.
std::string Base64Encode(absl::string_view bytes);
// Errors: InvalidArgument on anything but the one canonical spelling (stray bits and missing padding
// included).
absl::StatusOr<std::string> Base64Decode(absl::string_view text);

// The bytes of a digest as a view, for hashing and storing. The view lives as long as `digest`.
inline absl::string_view ViewOf(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace consort

#endif  // CONSORT_COMMON_CRYPTO_DIGEST_H_
