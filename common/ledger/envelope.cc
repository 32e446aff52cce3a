#include "common/ledger/envelope.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr absl::string_view kPayloadType = "application/vnd.in-toto+json";

absl::Status Misspelled(absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("ledger entry is not an envelope in its canonical spelling; expected ", expected));
}

absl::Status Expect(absl::string_view& rest, absl::string_view literal) {
  return absl::ConsumePrefix(&rest, literal) ? absl::OkStatus() : Misspelled(literal);
}

// Takes the text up to the closing quote. No string of an envelope needs an escape.
absl::StatusOr<std::string> TakeString(absl::string_view& rest) {
  const size_t end = rest.find('"');
  if (end == absl::string_view::npos) return Misspelled("a closing quote");
  const absl::string_view text = rest.substr(0, end);
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '\\') return Misspelled("printable ASCII without escapes");
  }
  rest.remove_prefix(end + 1);
  return std::string(text);
}

absl::StatusOr<EnvelopeSignature> TakeSignature(absl::string_view& rest) {
  EnvelopeSignature signature;
  RETURN_IF_ERROR(Expect(rest, "{\"keyid\":\""));
  ASSIGN_OR_RETURN(signature.keyid, TakeString(rest));
  RETURN_IF_ERROR(Expect(rest, ",\"sig\":\""));
  ASSIGN_OR_RETURN(const std::string base64, TakeString(rest));
  ASSIGN_OR_RETURN(signature.signature, Base64Decode(base64));
  RETURN_IF_ERROR(Expect(rest, "}"));
  return signature;
}

}  // namespace

std::string PreAuthenticationEncoding(absl::string_view payload) {
  return absl::StrCat("DSSEv1 ", kPayloadType.size(), " ", kPayloadType, " ", payload.size(), " ", payload);
}

std::string SpellEnvelope(const Envelope& envelope) {
  std::string bytes = absl::StrCat("{\"payload\":\"", Base64Encode(envelope.payload), "\",\"payloadType\":\"",
                                   kPayloadType, "\",\"signatures\":[");
  absl::string_view separator = "";
  for (const EnvelopeSignature& signature : envelope.signatures) {
    absl::StrAppend(&bytes, separator, "{\"keyid\":\"", signature.keyid, "\",\"sig\":\"",
                    Base64Encode(signature.signature), "\"}");
    separator = ",";
  }
  return absl::StrCat(bytes, "]}");
}

absl::StatusOr<Envelope> ParseEnvelope(absl::string_view bytes) {
  if (bytes.size() > kMaxEntryBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("ledger entry is too large; at most ", kMaxEntryBytes, " bytes, found ", bytes.size()));
  }
  absl::string_view rest = bytes;
  Envelope envelope;
  RETURN_IF_ERROR(Expect(rest, "{\"payload\":\""));
  ASSIGN_OR_RETURN(const std::string base64, TakeString(rest));
  ASSIGN_OR_RETURN(envelope.payload, Base64Decode(base64));
  RETURN_IF_ERROR(Expect(rest, ",\"payloadType\":\""));
  ASSIGN_OR_RETURN(const std::string type, TakeString(rest));
  if (type != kPayloadType) return Misspelled(kPayloadType);
  RETURN_IF_ERROR(Expect(rest, ",\"signatures\":["));
  do {
    ASSIGN_OR_RETURN(EnvelopeSignature signature, TakeSignature(rest));
    if (!envelope.signatures.empty() && envelope.signatures.back().keyid >= signature.keyid) {
      return Misspelled("signatures sorted by keyid, each key once");
    }
    envelope.signatures.push_back(std::move(signature));
  } while (absl::ConsumePrefix(&rest, ","));
  if (rest != "]}") return Misspelled("the end of the envelope");
  return envelope;
}

}  // namespace consort::ledger
