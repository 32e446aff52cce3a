#include "common/crypto/digest.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/openssl_handles.h"

namespace consort {
namespace {

// -1 for anything but a lower-case hex digit.
int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

// Value of each letter of the standard alphabet, -1 for anything else.
constexpr std::array<int8_t, 256> kBase64Values = [] {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (int8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(kAlphabet[i])] = i;
  return values;
}();

}  // namespace

struct Sha256::State {
  openssl::DigestContext context{EVP_MD_CTX_new()};

  State() { Start(); }
  void Start() {
    // Looked up once: by each hash it would cost more than hashing a tree node. Fails only without memory or
    // without SHA-256 in the library: nothing could go on.
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (EVP_DigestInit_ex(context.get(), sha256, nullptr) != 1) std::abort();
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(absl::string_view bytes) {
  if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) std::abort();
}

Digest Sha256::Finish() {
  Digest digest;
  if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) != 1) std::abort();
  state_->Start();
  return digest;
}

Digest Sha256Of(absl::string_view bytes) {
  Digest digest;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    std::abort();
  return digest;
}

std::string HexOf(const Digest& digest) { return HexEncode(ViewOf(digest)); }

std::string Sha256Hex(absl::string_view bytes) { return HexOf(Sha256Of(bytes)); }

std::string HexEncode(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

absl::StatusOr<std::string> HexDecode(absl::string_view hex) {
  if (hex.size() % 2 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("hex text needs an even number of digits; found ", hex.size()));
  }
  std::string bytes(hex.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("hex text may hold 0-9 and a-f only; found something else near digit ", 2 * i));
    }
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

absl::StatusOr<Digest> DigestFromHex(absl::string_view hex) {
  Digest digest;
  if (hex.size() != 2 * digest.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a digest is ", 2 * digest.size(), " lower-case hex digits; found ", hex.size()));
  }
  auto bytes = HexDecode(hex);
  if (!bytes.ok()) return bytes.status();
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

std::string Base64Encode(absl::string_view bytes) { return absl::Base64Escape(bytes); }

absl::StatusOr<std::string> Base64Decode(absl::string_view text) {
  // One spelling only (missing padding, white space and stray bits are refused), so that one signature has
  // one.
  const auto refused = [text] {
    return absl::InvalidArgumentError(
        absl::StrCat("base64 text is not in its one canonical spelling; ", text.size(), " characters"));
  };
  if (text.size() % 4 != 0) return refused();
  const size_t padding = absl::EndsWith(text, "==") ? 2 : absl::EndsWith(text, "=") ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const int value = i + padding < text.size() ? kBase64Values[static_cast<uint8_t>(text[i])] : 0;
    if (value < 0) return refused();
    bits = bits << 6 | static_cast<uint32_t>(value);
    if (i % 4 < 3) continue;
    bytes += static_cast<char>(bits >> 16);
    bytes += static_cast<char>(bits >> 8);
    bytes += static_cast<char>(bits);
  }
  // The letters before the padding may hold bits that belong to no byte.
  const uint32_t stray = padding == 2 ? 0xFFFF : padding == 1 ? 0xFF : 0;
  if ((bits & stray) != 0) return refused();
  bytes.erase(bytes.size() - padding);
  return bytes;
}

}  // namespace consort
