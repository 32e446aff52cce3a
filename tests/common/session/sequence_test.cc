#include "common/session/sequenced_inbox.h"
#include "common/session/sequenced_outbox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::session {
namespace {

using consort::testing::IsOk;
using consort::testing::IsOkAndHolds;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;
using Arrival = SequencedInbox::Arrival;

v1::Envelope Message(const std::string& request) {
  v1::Envelope envelope;
  envelope.set_request_id(request);
  return envelope;
}

std::vector<std::string> Requests(const std::vector<v1::Envelope>& envelopes) {
  std::vector<std::string> requests;
  for (const v1::Envelope& envelope : envelopes) requests.push_back(envelope.request_id());
  return requests;
}

TEST(SequencedOutboxTest, NumbersFromOneWithoutGaps) {
  SequencedOutbox outbox;
  EXPECT_EQ(outbox.Add(Message("a"))->sequence(), 1);
  EXPECT_EQ(outbox.Add(Message("b"))->sequence(), 2);
}

TEST(SequencedOutboxTest, ReplaysWhatIsNotAcknowledgedInOrderWithTheSameNumbers) {
  SequencedOutbox outbox;
  for (const char* request : {"a", "b", "c"}) ASSERT_THAT(outbox.Add(Message(request)).status(), IsOk());
  ASSERT_THAT(outbox.Acknowledge(1), IsOk());
  const auto again = outbox.After(1).value();
  EXPECT_THAT(Requests(again), ::testing::ElementsAre("b", "c"));
  EXPECT_EQ(again[0].sequence(), 2);
  EXPECT_THAT(Requests(outbox.After(2).value()), ::testing::ElementsAre("c"));
  EXPECT_EQ(outbox.After(3)->size(), 0);
}

TEST(SequencedOutboxTest, RepeatedAcknowledgementsChangeNothing) {
  SequencedOutbox outbox;
  ASSERT_THAT(outbox.Add(Message("a")).status(), IsOk());
  ASSERT_THAT(outbox.Add(Message("b")).status(), IsOk());
  ASSERT_THAT(outbox.Acknowledge(2), IsOk());
  EXPECT_THAT(outbox.Acknowledge(1), IsOk());
  EXPECT_EQ(outbox.acknowledged(), 2);
}

TEST(SequencedOutboxTest, AcknowledgementOfAMessageNeverSentIsRefusedAndForgetsNothing) {
  SequencedOutbox outbox;
  ASSERT_THAT(outbox.Add(Message("a")).status(), IsOk());
  EXPECT_THAT(outbox.Acknowledge(2), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("never sent")));
  EXPECT_EQ(outbox.unacknowledged_messages(), 1);
}

TEST(SequencedOutboxTest, ResumingBeforeTheAcknowledgedOrAfterTheSentIsRefused) {
  SequencedOutbox outbox;
  ASSERT_THAT(outbox.Add(Message("a")).status(), IsOk());
  ASSERT_THAT(outbox.Acknowledge(1), IsOk());
  EXPECT_THAT(outbox.After(0).status(), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(outbox.After(2).status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(SequencedOutboxTest, FullOutboxRefusesAndIsUnchanged) {
  SequencedOutbox outbox(/*max_messages=*/1);
  ASSERT_THAT(outbox.Add(Message("a")).status(), IsOk());
  EXPECT_THAT(outbox.Add(Message("b")).status(), StatusIs(absl::StatusCode::kResourceExhausted, _));
  EXPECT_EQ(outbox.last_sequence(), 1);
  ASSERT_THAT(outbox.Acknowledge(1), IsOk());
  EXPECT_EQ(outbox.Add(Message("b"))->sequence(), 2);
}

TEST(SequencedOutboxTest, BytesAreBoundedToo) {
  SequencedOutbox outbox(/*max_messages=*/10, /*max_bytes=*/100);
  EXPECT_THAT(outbox.Add(Message(std::string(90, 'x'))).status(), IsOk());
  EXPECT_THAT(outbox.Add(Message(std::string(90, 'x'))).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
}

TEST(SequencedOutboxTest, ResetNumbersFromOneAgain) {
  SequencedOutbox outbox;
  ASSERT_THAT(outbox.Add(Message("a")).status(), IsOk());
  outbox.Reset();
  EXPECT_EQ(outbox.Add(Message("b"))->sequence(), 1);
  EXPECT_THAT(Requests(outbox.After(0).value()), ::testing::ElementsAre("b"));
}

v1::Envelope Numbered(uint64_t sequence) {
  v1::Envelope envelope;
  envelope.set_sequence(sequence);
  return envelope;
}

TEST(SequencedInboxTest, DropsWhatItHasHad) {
  SequencedInbox inbox;
  EXPECT_THAT(inbox.Accept(Numbered(1)), IsOkAndHolds(Arrival::kNew));
  EXPECT_THAT(inbox.Accept(Numbered(2)), IsOkAndHolds(Arrival::kNew));
  EXPECT_THAT(inbox.Accept(Numbered(1)), IsOkAndHolds(Arrival::kDuplicate));
  EXPECT_THAT(inbox.Accept(Numbered(2)), IsOkAndHolds(Arrival::kDuplicate));
  EXPECT_EQ(inbox.acknowledged(), 2);
}

TEST(SequencedInboxTest, SequenceZeroIsOutsideTheSeries) {
  SequencedInbox inbox;
  EXPECT_THAT(inbox.Accept(Numbered(0)), IsOkAndHolds(Arrival::kOutside));
  EXPECT_EQ(inbox.acknowledged(), 0);
}

TEST(SequencedInboxTest, GapIsRefusedAndNothingIsAcknowledged) {
  SequencedInbox inbox;
  EXPECT_THAT(inbox.Accept(Numbered(2)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got 2, expected 1")));
  EXPECT_EQ(inbox.acknowledged(), 0);
}

TEST(SequencedInboxTest, CountsWhatThePeerDoesNotKnowYet) {
  SequencedInbox inbox;
  ASSERT_THAT(inbox.Accept(Numbered(1)), IsOk());
  EXPECT_EQ(inbox.unacknowledged(), 1);
  inbox.MarkAcknowledged();
  EXPECT_EQ(inbox.unacknowledged(), 0);
}

TEST(SessionSequenceTest, EveryMessageArrivesOnceAndInOrderHoweverTheStreamIsCut) {
  // Cuts the stream after each possible number of delivered messages, then replays from what the inbox has.
  for (size_t delivered = 0; delivered <= 5; ++delivered) {
    SequencedOutbox outbox;
    SequencedInbox inbox;
    std::vector<std::string> acted;
    std::vector<v1::Envelope> sent;
    for (const char* request : {"a", "b", "c", "d", "e"})
      sent.push_back(outbox.Add(Message(request)).value());
    const auto deliver = [&](const v1::Envelope& envelope) {
      const auto arrival = inbox.Accept(envelope);
      ASSERT_THAT(arrival, IsOk());
      if (*arrival == Arrival::kNew) acted.push_back(envelope.request_id());
    };
    for (size_t i = 0; i < delivered; ++i) deliver(sent[i]);
    const auto replayed = outbox.After(inbox.acknowledged());
    ASSERT_THAT(replayed.status(), IsOk());
    for (const v1::Envelope& envelope : *replayed) deliver(envelope);
    EXPECT_THAT(acted, ::testing::ElementsAre("a", "b", "c", "d", "e")) << "cut after " << delivered;
  }
}

}  // namespace
}  // namespace consort::session
