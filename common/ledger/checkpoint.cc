#include "common/ledger/checkpoint.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ledger/utf8.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr absl::string_view kSignatureStart = "\xE2\x80\x94 ";  // an em dash and a space
constexpr size_t kMaxNoteBytes = 64 * 1024;
constexpr int kMaxSignatures = 100;  // as Go's x/mod; C2SP asks verifiers for at least 16
constexpr size_t kKeyIdBytes = 4;
constexpr size_t kTimestampBytes = 8;

std::string SignatureLine(const VerifierKey& key, absl::string_view signature) {
  return absl::StrCat(kSignatureStart, key.name(), " ", Base64Encode(absl::StrCat(key.id(), signature)),
                      "\n");
}

// What a cosignature/v1 signs (C2SP tlog-cosignature).
std::string CosignedText(absl::string_view text, uint64_t seconds) {
  return absl::StrCat("cosignature/v1\ntime ", seconds, "\n", text);
}

std::string BigEndian(uint64_t value) {
  std::string bytes(kTimestampBytes, '\0');
  for (size_t i = kTimestampBytes; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value & 0xFF);
  return bytes;
}

uint64_t FromBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("checkpoint is not a well-formed note: ", what));
}

absl::StatusOr<uint64_t> ParseSize(absl::string_view decimal) {
  uint64_t size = 0;
  if (!absl::SimpleAtoi(decimal, &size) || absl::StrCat(size) != decimal || size > uint64_t{INT64_MAX}) {
    return Malformed("the tree size must be a decimal number without leading zeros");
  }
  return size;
}

absl::StatusOr<Checkpoint> ParseText(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  if (lines.size() != 3) return Malformed("its text must have three lines: origin, tree size and root");
  Checkpoint checkpoint;
  checkpoint.origin = std::string(lines[0]);
  if (checkpoint.origin.empty()) return Malformed("the origin is empty");
  ASSIGN_OR_RETURN(checkpoint.size, ParseSize(lines[1]));
  ASSIGN_OR_RETURN(const std::string root, Base64Decode(lines[2]));
  if (root.size() != checkpoint.root.size()) return Malformed("the root must be 32 bytes in base64");
  std::copy(root.begin(), root.end(), checkpoint.root.begin());
  return checkpoint;
}

struct Signature {
  std::string key_name;
  std::string key_id;
  std::string bytes;  // after the key id
};

absl::StatusOr<Signature> ParseSignature(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, kSignatureStart))
    return Malformed("a signature line must start with a dash");
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
  if (parts.first.empty() || absl::StrContains(parts.first, '+'))
    return Malformed("a signature has no key name");
  ASSIGN_OR_RETURN(const std::string blob, Base64Decode(parts.second));
  if (blob.size() <= kKeyIdBytes) return Malformed("a signature is too short");
  return Signature{std::string(parts.first), blob.substr(0, kKeyIdBytes), blob.substr(kKeyIdBytes)};
}

bool IsGood(const VerifierKey& key, const Signature& signature, absl::string_view text) {
  if (key.algorithm() == KeyAlgorithm::kEd25519) return key.Verify(text, signature.bytes);
  if (signature.bytes.size() <= kTimestampBytes) return false;
  const uint64_t seconds = FromBigEndian(absl::string_view(signature.bytes).substr(0, kTimestampBytes));
  return key.Verify(CosignedText(text, seconds), absl::string_view(signature.bytes).substr(kTimestampBytes));
}

const VerifierKey* Find(absl::Span<const VerifierKey> keys, const Signature& signature,
                        KeyAlgorithm algorithm) {
  for (const VerifierKey& key : keys) {
    if (key.algorithm() == algorithm && key.name() == signature.key_name && key.id() == signature.key_id)
      return &key;
  }
  return nullptr;
}

struct Note {
  std::string text;  // with its last LF
  std::vector<Signature> signatures;
};

absl::StatusOr<Note> ParseNote(absl::string_view note) {
  if (note.size() > kMaxNoteBytes) return Malformed("it is too large");
  if (!IsUtf8(note)) return Malformed("it is not UTF-8");
  if (std::any_of(note.begin(), note.end(),
                  [](char c) { return static_cast<uint8_t>(c) < ' ' && c != '\n'; })) {
    return Malformed("it holds a control character");
  }
  const size_t blank = note.rfind("\n\n");
  if (blank == absl::string_view::npos || !absl::EndsWith(note, "\n"))
    return Malformed("it has no signature lines");
  Note parsed{std::string(note.substr(0, blank + 1)), {}};
  std::set<std::pair<std::string, std::string>> seen;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(note.substr(blank + 2), "\n"), '\n')) {
    if (parsed.signatures.size() == kMaxSignatures) return Malformed("it has too many signatures");
    ASSIGN_OR_RETURN(Signature signature, ParseSignature(line));
    if (!seen.emplace(signature.key_name, signature.key_id).second)
      return Malformed("a key has signed it twice");
    parsed.signatures.push_back(std::move(signature));
  }
  return parsed;
}

}  // namespace

std::string Checkpoint::Text() const {
  return absl::StrCat(origin, "\n", size, "\n", Base64Encode(ViewOf(root)), "\n");
}

std::string SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  const std::string text = checkpoint.Text();
  return absl::StrCat(text, "\n", SignatureLine(key.verifier(), key.Sign(text)));
}

std::string CosignatureLine(absl::string_view text, const SigningKey& key, absl::Time when) {
  const auto seconds = static_cast<uint64_t>(absl::ToUnixSeconds(when));
  return SignatureLine(key.verifier(),
                       absl::StrCat(BigEndian(seconds), key.Sign(CosignedText(text, seconds))));
}

absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(absl::string_view note,
                                                absl::Span<const VerifierKey> log_keys,
                                                absl::Span<const VerifierKey> witness_keys) {
  ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  OpenedCheckpoint opened;
  ASSIGN_OR_RETURN(opened.checkpoint, ParseText(parsed.text));
  opened.text = parsed.text;
  bool signed_by_log = false;
  for (const Signature& signature : parsed.signatures) {
    const VerifierKey* log_key = Find(log_keys, signature, KeyAlgorithm::kEd25519);
    const VerifierKey* key =
        log_key != nullptr ? log_key : Find(witness_keys, signature, KeyAlgorithm::kCosignatureV1);
    if (key == nullptr) continue;  // C2SP signed-note: unknown keys are ignored, so that keys can overlap
    if (!IsGood(*key, signature, parsed.text)) {
      return absl::UnauthenticatedError(
          absl::StrCat("checkpoint has a bad signature of the known key ", key->KeyId()));
    }
    opened.signers.push_back(key->KeyId());
    // A log key speaks for the log of its own name and no other.
    signed_by_log = signed_by_log || (log_key != nullptr && log_key->name() == opened.checkpoint.origin);
  }
  if (!signed_by_log) {
    return absl::UnauthenticatedError(absl::StrCat(
        "checkpoint has no signature of a trusted key of its own log; check that the verifier key is of ",
        opened.checkpoint.origin));
  }
  return opened;
}

absl::StatusOr<Checkpoint> ReadCheckpoint(absl::string_view note) {
  ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  return ParseText(parsed.text);
}

}  // namespace consort::ledger
