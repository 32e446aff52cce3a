#include "common/ledger/entry.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/ledger/canonical_reader.h"
#include "common/ledger/unchecked_entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

using nlohmann::json;

constexpr absl::string_view kStatementType = "https://in-toto.io/Statement/v1";

absl::Status Malformed(absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("ledger entry's statement is malformed; expected ", expected));
}

// The member `name` of `object` as text; null if it is missing or something else.
const std::string* TextMember(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

// "<kind>:v<version>", in letters that a later version may use.
bool IsWellFormedKind(absl::string_view name) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(name, absl::MaxSplits(":v", 1));
  const auto all = [](absl::string_view text, auto good) {
    return !text.empty() && std::all_of(text.begin(), text.end(), good);
  };
  return all(parts.first, [](char c) { return c == '-' || absl::ascii_islower(c); }) &&
         all(parts.second, absl::ascii_isdigit) && parts.second[0] != '0';
}

// Nothing: a kind that only a later version can know.
absl::StatusOr<std::optional<Kind>> KindOf(const json& statement) {
  const std::string* type = TextMember(statement, "predicateType");
  if (type == nullptr) return Malformed("a predicateType");
  absl::string_view name = *type;
  if (!absl::ConsumePrefix(&name, "urn:x-consort:") || !IsWellFormedKind(name)) {
    return Malformed("a predicateType urn:x-consort:<kind>:v1");
  }
  const absl::StatusOr<Kind> kind = KindFromName(absl::StripSuffix(name, ":v1"));
  return kind.ok() ? std::optional<Kind>(*kind) : std::nullopt;
}

absl::StatusOr<std::vector<Subject>> SubjectsOf(const json& statement) {
  const auto list = statement.find("subject");
  if (list == statement.end() || !list->is_array() || list->empty()) return Malformed("at least one subject");
  std::vector<Subject> subjects;
  for (const json& item : *list) {
    const std::string* name = TextMember(item, "name");
    const std::string* sha256 =
        name != nullptr && item.contains("digest") ? TextMember(item["digest"], "sha256") : nullptr;
    if (sha256 == nullptr || !DigestFromHex(*sha256).ok())
      return Malformed("subjects with a name and a digest.sha256");
    subjects.push_back({*name, *sha256});
  }
  return subjects;
}

// Why a payload is not canonical.
absl::Status NotCanonical(absl::string_view payload) {
  ASSIGN_OR_RETURN(const json parsed, ParseStrictJson(payload));
  RETURN_IF_ERROR(CanonicalJson(parsed).status());
  return Malformed("RFC 8785 canonical JSON");
}

// Reads the payload into `entry`.
absl::Status ParseStatement(absl::string_view payload, UncheckedEntry& entry) {
  absl::string_view spelled;
  std::optional<json> read = ReadCanonicalJson(payload, spelled);
  if (!read) return NotCanonical(payload);
  json& parsed = *read;
  if (!parsed.is_object()) return Malformed("an object");
  Statement& statement = entry.statement;
  const std::string* type = TextMember(parsed, "_type");
  if (type == nullptr || *type != kStatementType) return Malformed(kStatementType);
  ASSIGN_OR_RETURN(const std::optional<Kind> kind, KindOf(parsed));
  entry.is_of_later_kind = !kind.has_value();
  statement.kind = kind.value_or(Kind::kReceipt);
  ASSIGN_OR_RETURN(statement.subjects, SubjectsOf(parsed));
  const auto predicate = parsed.find("predicate");
  if (predicate == parsed.end() || !predicate->is_object()) return Malformed("a predicate object");
  statement.predicate = std::string(spelled);
  statement.parsed = std::make_shared<const json>(std::move(*predicate));
  return absl::OkStatus();
}

absl::StatusOr<std::string> SpellStatement(Kind kind, const std::vector<Subject>& subjects,
                                           const json& predicate) {
  if (subjects.empty()) return Malformed("at least one subject");
  if (!predicate.is_object()) return Malformed("a predicate object");
  json list = json::array();
  for (const Subject& subject : subjects) {
    if (!DigestFromHex(subject.sha256).ok())
      return Malformed("subjects with a digest of 64 lower-case hex digits");
    list.push_back({{"name", subject.name}, {"digest", {{"sha256", subject.sha256}}}});
  }
  return CanonicalJson({{"_type", kStatementType},
                        {"predicate", predicate},
                        {"predicateType", PredicateType(kind)},
                        {"subject", std::move(list)}});
}

}  // namespace

absl::StatusOr<std::string> SealEntry(Kind kind, const std::vector<Subject>& subjects, const json& predicate,
                                      absl::Span<const SigningKey* const> signers) {
  Envelope envelope;
  ASSIGN_OR_RETURN(envelope.payload, SpellStatement(kind, subjects, predicate));
  const std::string signed_bytes = PreAuthenticationEncoding(envelope.payload);
  for (const SigningKey* signer : signers) {
    if (signer->verifier().algorithm() != KeyAlgorithm::kEd25519) {
      return absl::InvalidArgumentError(absl::StrCat(
          "ledger entries are signed by entry keys only (algorithm 01): ", signer->verifier().KeyId()));
    }
    envelope.signatures.push_back({signer->verifier().KeyId(), signer->Sign(signed_bytes)});
  }
  std::sort(envelope.signatures.begin(), envelope.signatures.end(),
            [](const EnvelopeSignature& a, const EnvelopeSignature& b) { return a.keyid < b.keyid; });
  std::string bytes = SpellEnvelope(envelope);
  // What a reader would refuse (no signer, one signer twice, too large) is not sealed.
  RETURN_IF_ERROR(ParseEnvelope(bytes).status());
  return bytes;
}

absl::StatusOr<UncheckedEntry> ReadUnchecked(absl::string_view envelope) {
  ASSIGN_OR_RETURN(Envelope parsed, ParseEnvelope(envelope));
  UncheckedEntry entry;
  RETURN_IF_ERROR(ParseStatement(parsed.payload, entry));
  entry.signatures = std::move(parsed.signatures);
  entry.signed_bytes = PreAuthenticationEncoding(parsed.payload);
  entry.payload_digest = Sha256Of(entry.signed_bytes);
  return entry;
}

absl::Status CheckSignatures(const UncheckedEntry& entry, const FindEntryKey& find) {
  for (const EnvelopeSignature& signature : entry.signatures) {
    const VerifierKey* key = find(signature.keyid);
    if (key == nullptr) {
      return absl::UnauthenticatedError(
          absl::StrCat("ledger entry is signed by a key that is not known here: ", signature.keyid));
    }
    if (!key->Verify(entry.signed_bytes, signature.signature)) {
      return absl::UnauthenticatedError(
          absl::StrCat("ledger entry has a bad signature of ", signature.keyid));
    }
  }
  return absl::OkStatus();
}

absl::Status LaterKind() {
  return absl::UnimplementedError(
      "ledger entry is of a kind that this version does not know; update this program");
}

OpenedEntry Opened(UncheckedEntry entry) {
  OpenedEntry opened;
  opened.statement = std::move(entry.statement);
  for (EnvelopeSignature& signature : entry.signatures) opened.signers.push_back(std::move(signature.keyid));
  opened.payload_digest = HexOf(entry.payload_digest);
  return opened;
}

absl::StatusOr<OpenedEntry> OpenEntry(absl::string_view envelope, absl::Span<const VerifierKey> keys) {
  ASSIGN_OR_RETURN(UncheckedEntry entry, ReadUnchecked(envelope));
  if (entry.is_of_later_kind) return absl::InvalidArgumentError(LaterKind().message());
  RETURN_IF_ERROR(CheckSignatures(entry, [keys](absl::string_view keyid) -> const VerifierKey* {
    for (const VerifierKey& key : keys) {
      if (IsEntryKey(key) && key.KeyId() == keyid) return &key;
    }
    return nullptr;
  }));
  return Opened(std::move(entry));
}

absl::StatusOr<Statement> ReadEntry(absl::string_view envelope) {
  ASSIGN_OR_RETURN(UncheckedEntry entry, ReadUnchecked(envelope));
  if (entry.is_of_later_kind) return absl::InvalidArgumentError(LaterKind().message());
  return std::move(entry.statement);
}

}  // namespace consort::ledger
