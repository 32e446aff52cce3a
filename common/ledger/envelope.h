// The DSSE v1 envelope in its one spelling. Private to common/ledger: callers use entry.h.
#ifndef CONSORT_COMMON_LEDGER_ENVELOPE_H_
#define CONSORT_COMMON_LEDGER_ENVELOPE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort::ledger {

struct EnvelopeSignature {
  std::string keyid;
  std::string signature;  // 64 bytes, if it is any good
};
struct Envelope {
  std::string payload;
  std::vector<EnvelopeSignature> signatures;  // at least one, keyids strictly ascending
};

// The bytes that DSSE signs: "DSSEv1 SP len(type) SP type SP len(payload) SP payload", of our one payload
// type.
std::string PreAuthenticationEncoding(absl::string_view payload);

// Spells an envelope. Precondition: the signatures are sorted by keyid.
std::string SpellEnvelope(const Envelope& envelope);

// Errors: ResourceExhausted past kMaxEntryBytes; InvalidArgument for anything that SpellEnvelope would not
// write.
absl::StatusOr<Envelope> ParseEnvelope(absl::string_view bytes);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_ENVELOPE_H_
