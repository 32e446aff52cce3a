#include "common/ledger/entry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/ledger/envelope.h"
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

absl::StatusOr<Kind> KindOf(const json& statement) {
  const std::string* type = TextMember(statement, "predicateType");
  if (type == nullptr) return Malformed("a predicateType");
  absl::string_view name = *type;
  if (!absl::ConsumePrefix(&name, "urn:x-consort:") || !absl::ConsumeSuffix(&name, ":v1")) {
    return Malformed("a predicateType urn:x-consort:<kind>:v1");
  }
  return KindFromName(name);
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

absl::StatusOr<Statement> ParseStatement(absl::string_view payload) {
  ASSIGN_OR_RETURN(const json parsed, ParseStrictJson(payload));
  ASSIGN_OR_RETURN(const std::string canonical, CanonicalJson(parsed));
  if (canonical != payload) return Malformed("RFC 8785 canonical JSON");
  const std::string* type = TextMember(parsed, "_type");
  if (type == nullptr || *type != kStatementType) return Malformed(kStatementType);
  ASSIGN_OR_RETURN(const Kind kind, KindOf(parsed));
  ASSIGN_OR_RETURN(std::vector<Subject> subjects, SubjectsOf(parsed));
  const auto predicate = parsed.find("predicate");
  if (predicate == parsed.end() || !predicate->is_object()) return Malformed("a predicate object");
  ASSIGN_OR_RETURN(std::string text, CanonicalJson(*predicate));
  return Statement{kind, std::move(subjects), std::move(text)};
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

const VerifierKey* Find(absl::Span<const VerifierKey> keys, absl::string_view keyid) {
  for (const VerifierKey& key : keys) {
    // A cosigner's key must never pass for an entry key: one key has one part.
    if (key.algorithm() == KeyAlgorithm::kEd25519 && key.KeyId() == keyid) return &key;
  }
  return nullptr;
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

absl::StatusOr<OpenedEntry> OpenEntry(absl::string_view envelope, absl::Span<const VerifierKey> keys) {
  ASSIGN_OR_RETURN(const Envelope parsed, ParseEnvelope(envelope));
  OpenedEntry opened;
  ASSIGN_OR_RETURN(opened.statement, ParseStatement(parsed.payload));
  const std::string signed_bytes = PreAuthenticationEncoding(parsed.payload);
  for (const EnvelopeSignature& signature : parsed.signatures) {
    const VerifierKey* key = Find(keys, signature.keyid);
    if (key == nullptr) {
      return absl::UnauthenticatedError(
          absl::StrCat("ledger entry is signed by a key that is not known here: ", signature.keyid));
    }
    if (!key->Verify(signed_bytes, signature.signature)) {
      return absl::UnauthenticatedError(
          absl::StrCat("ledger entry has a bad signature of ", signature.keyid));
    }
    opened.signers.push_back(signature.keyid);
  }
  opened.payload_digest = Sha256Hex(signed_bytes);
  return opened;
}

absl::StatusOr<Statement> ReadEntry(absl::string_view envelope) {
  ASSIGN_OR_RETURN(const Envelope parsed, ParseEnvelope(envelope));
  return ParseStatement(parsed.payload);
}

}  // namespace consort::ledger
