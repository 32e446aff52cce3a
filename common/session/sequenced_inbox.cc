#include "common/session/sequenced_inbox.h"

#include "absl/strings/str_cat.h"

namespace consort::session {

absl::StatusOr<SequencedInbox::Arrival> SequencedInbox::Accept(const v1::Envelope& envelope) {
  const uint64_t sequence = envelope.sequence();
  if (sequence == 0) return Arrival::kOutside;
  if (sequence <= received_) return Arrival::kDuplicate;
  if (sequence != received_ + 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a message of the session is missing; open the stream again: got ", sequence,
                     ", expected ", received_ + 1));
  }
  received_ = sequence;
  return Arrival::kNew;
}

void SequencedInbox::Reset() {
  received_ = 0;
  told_ = 0;
}

}  // namespace consort::session
