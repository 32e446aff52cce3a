#include "common/session/sequenced_outbox.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::session {

SequencedOutbox::SequencedOutbox(size_t max_messages, size_t max_bytes)
    : max_messages_(max_messages), max_bytes_(max_bytes) {}

absl::StatusOr<v1::Envelope> SequencedOutbox::Add(v1::Envelope envelope) {
  const size_t bytes = envelope.ByteSizeLong();
  if (pending_.size() >= max_messages_ || bytes > max_bytes_ - bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the session's peer does not acknowledge; end the session: ", pending_.size(),
                     " messages and ", bytes_, " bytes wait"));
  }
  envelope.set_sequence(++last_);
  pending_.push_back({envelope, bytes});
  bytes_ += bytes;
  return envelope;
}

absl::Status SequencedOutbox::Acknowledge(uint64_t sequence) {
  if (sequence > last_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the peer acknowledges a message that was never sent: ", sequence, ", sent so far ", last_));
  }
  while (acknowledged_ < sequence) {
    bytes_ -= pending_.front().bytes;
    pending_.pop_front();
    ++acknowledged_;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Envelope>> SequencedOutbox::After(uint64_t sequence) const {
  if (sequence > last_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the peer resumes after a message that was never sent: ", sequence, ", sent so far ", last_));
  }
  if (sequence < acknowledged_) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the peer resumes before what it acknowledged: ", sequence, ", acknowledged ", acknowledged_));
  }
  std::vector<v1::Envelope> envelopes;
  for (size_t i = sequence - acknowledged_; i < pending_.size(); ++i)
    envelopes.push_back(pending_[i].envelope);
  return envelopes;
}

void SequencedOutbox::Reset() {
  pending_.clear();
  bytes_ = 0;
  last_ = 0;
  acknowledged_ = 0;
}

}  // namespace consort::session
