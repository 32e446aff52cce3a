#include "common/ledger/note.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/ledger/utf8.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr absl::string_view kSignatureStart = "\xE2\x80\x94 ";  // an em dash and a space
constexpr size_t kKeyIdBytes = 4;
constexpr size_t kTimestampBytes = 8;

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

const VerifierKey* Find(absl::Span<const VerifierKey> keys, const NoteSignature& signature) {
  for (const VerifierKey& key : keys) {
    if (key.name() == signature.key_name && key.id() == signature.key_id) return &key;
  }
  return nullptr;
}

// Fills in `good`'s time. A cosignature without a time says nothing (C2SP tlog-witness).
bool IsGood(const VerifierKey& key, const NoteSignature& signature, absl::string_view text,
            GoodSignature& good) {
  if (key.algorithm() == KeyAlgorithm::kEd25519) return key.Verify(text, signature.bytes);
  if (signature.bytes.size() <= kTimestampBytes) return false;
  const absl::string_view bytes = signature.bytes;
  const uint64_t seconds = FromBigEndian(bytes.substr(0, kTimestampBytes));
  if (seconds == 0 || seconds > uint64_t{INT64_MAX}) return false;
  good.unix_seconds = static_cast<int64_t>(seconds);
  return key.Verify(CosignedText(text, seconds), bytes.substr(kTimestampBytes));
}

}  // namespace

std::string NoteSignature::Line() const {
  return absl::StrCat(kSignatureStart, key_name, " ", Base64Encode(absl::StrCat(key_id, bytes)), "\n");
}

absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line) {
  absl::ConsumeSuffix(&line, "\n");
  if (!absl::ConsumePrefix(&line, kSignatureStart))
    return Malformed("a signature line must start with a dash");
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
  const absl::string_view name = parts.first;
  const bool has_control =
      std::any_of(name.begin(), name.end(), [](char c) { return static_cast<uint8_t>(c) < ' '; });
  if (name.empty() || absl::StrContains(name, '+') || has_control || !IsUtf8(name))
    return Malformed("a signature has no key name");
  ASSIGN_OR_RETURN(const std::string blob, Base64Decode(parts.second));
  if (blob.size() <= kKeyIdBytes) return Malformed("a signature is too short");
  return NoteSignature{std::string(name), blob.substr(0, kKeyIdBytes), blob.substr(kKeyIdBytes)};
}

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
    if (parsed.signatures.size() == kMaxNoteSignatures) return Malformed("it has too many signatures");
    ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(line));
    if (!seen.emplace(signature.key_name, signature.key_id).second)
      return Malformed("a key has signed it twice");
    parsed.signatures.push_back(std::move(signature));
  }
  return parsed;
}

std::string SpellNote(const Note& note) {
  std::string spelled = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) spelled += signature.Line();
  return spelled;
}

absl::StatusOr<std::string> WithSignatures(absl::string_view note, absl::Span<const std::string> lines) {
  ASSIGN_OR_RETURN(Note parsed, ParseNote(note));
  for (const std::string& line : lines) {
    ASSIGN_OR_RETURN(NoteSignature added, ParseSignatureLine(line));
    const bool known =
        std::any_of(parsed.signatures.begin(), parsed.signatures.end(), [&](const NoteSignature& old) {
          return old.key_name == added.key_name && old.key_id == added.key_id;
        });
    if (!known) parsed.signatures.push_back(std::move(added));
  }
  const std::string log = parsed.text.substr(0, parsed.text.find('\n'));
  std::sort(parsed.signatures.begin(), parsed.signatures.end(),
            [&log](const NoteSignature& a, const NoteSignature& b) {
              return std::make_tuple(a.key_name != log, a.key_name, a.key_id) <
                     std::make_tuple(b.key_name != log, b.key_name, b.key_id);
            });
  std::string spelled = SpellNote(parsed);
  if (parsed.signatures.size() > kMaxNoteSignatures || spelled.size() > kMaxNoteBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("note would have too many signatures: ", parsed.signatures.size(), ", at most ",
                     kMaxNoteSignatures, " in ", kMaxNoteBytes, " bytes"));
  }
  return spelled;
}

absl::StatusOr<std::vector<GoodSignature>> CheckSignatures(const Note& note,
                                                           absl::Span<const VerifierKey> keys) {
  std::vector<GoodSignature> good;
  for (const NoteSignature& signature : note.signatures) {
    const VerifierKey* key = Find(keys, signature);
    if (key == nullptr) continue;
    GoodSignature found{key->KeyId(), key->algorithm(), 0};
    if (!IsGood(*key, signature, note.text, found)) {
      return absl::UnauthenticatedError(
          absl::StrCat("checkpoint has a bad signature of the known key ", found.keyid));
    }
    good.push_back(std::move(found));
  }
  return good;
}

std::string SignatureLine(absl::string_view text, const SigningKey& key) {
  return NoteSignature{key.verifier().name(), key.verifier().id(), key.Sign(text)}.Line();
}

std::string CosignatureLine(absl::string_view text, const SigningKey& key, absl::Time when) {
  const auto seconds = static_cast<uint64_t>(absl::ToUnixSeconds(when));
  return NoteSignature{key.verifier().name(), key.verifier().id(),
                       absl::StrCat(BigEndian(seconds), key.Sign(CosignedText(text, seconds)))}
      .Line();
}

}  // namespace consort::ledger
