#include "common/ledger/cosigned_state.h"

#include "absl/strings/str_cat.h"
#include "tests/common/ledger/random_policy.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::PolicyKey;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kNoon = 1'800'000'000;
constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;

SigningKey Witness(const std::string& name) { return PolicyKey(name, KeyAlgorithm::kCosignatureV1); }
std::string KeyId(const std::string& name) { return Witness(name).verifier().KeyId(); }
SigningKey Log() { return PolicyKey("log.example", KeyAlgorithm::kEd25519); }

// Two of a, b and c.
Policy TwoOfThree() {
  return Policy::Parse(
             MajorityPolicy(Log().verifier(),
                            {Witness("a").verifier(), Witness("b").verifier(), Witness("c").verifier()}, 0)
                 .value())
      .value();
}

std::vector<GoodSignature> Cosigned(std::initializer_list<std::pair<const char*, int64_t>> times) {
  std::vector<GoodSignature> cosigned;
  for (const auto& [name, seconds] : times)
    cosigned.push_back({KeyId(name), KeyAlgorithm::kCosignatureV1, seconds});
  return cosigned;
}

ClockRule At(int64_t now) { return {.now = absl::FromUnixSeconds(now)}; }
ClockRule OwnClock(int64_t now) {
  return {.now = absl::FromUnixSeconds(now), .own_clock_may_be_wrong = true};
}

TEST(CosignedStateTest, EntryGoesFromDurableToSealedToWitnessed) {
  EXPECT_EQ(StateOf(5, 5, 3), EntryState::kDurable);
  EXPECT_EQ(StateOf(4, 5, 3), EntryState::kSealed);
  EXPECT_EQ(StateOf(3, 5, 3), EntryState::kSealed);
  EXPECT_EQ(StateOf(2, 5, 3), EntryState::kWitnessed);
  EXPECT_EQ(EntryStateName(EntryState::kDurable), "durable");
  EXPECT_EQ(EntryStateName(EntryState::kSealed), "sealed");
  EXPECT_EQ(EntryStateName(EntryState::kWitnessed), "witnessed");
}

TEST(CosignedStateTest, QuorumIsReachedByWitnessesOfThePolicyOnly) {
  const auto one = Judge(TwoOfThree(), Cosigned({{"a", kNoon}, {"stranger", kNoon}}), At(kNoon));
  EXPECT_FALSE(one.quorum);
  EXPECT_THAT(one.counted, ElementsAre(KeyId("a")));
  EXPECT_THAT(one.missing, ElementsAre(KeyId("b"), KeyId("c")));
  EXPECT_THAT(CheckWitnessed(one), StatusIs(absl::StatusCode::kFailedPrecondition,
                                            AllOf(HasSubstr("1 count; missing: b+"), HasSubstr("c+"))));
  const auto two = Judge(TwoOfThree(), Cosigned({{"c", kNoon + 1}, {"a", kNoon}}), At(kNoon));
  EXPECT_TRUE(two.quorum);
  EXPECT_EQ(two.newest_unix_seconds, kNoon + 1);
  EXPECT_THAT(CheckWitnessed(two), IsOk());
}

TEST(CosignedStateTest, WitnessWhoseClockIsADayAheadDropsOutAlone) {
  const auto judged =
      Judge(TwoOfThree(), Cosigned({{"a", kNoon}, {"b", kNoon + kDay}, {"c", kNoon + 2}}), At(kNoon + 5));
  EXPECT_TRUE(judged.quorum);
  EXPECT_THAT(judged.ahead, ElementsAre(KeyId("b")));
  EXPECT_EQ(judged.newest_unix_seconds, kNoon + 2);  // not the wrong clock's
  const auto too_few = Judge(TwoOfThree(), Cosigned({{"a", kNoon}, {"b", kNoon + kDay}}), At(kNoon + 5));
  EXPECT_FALSE(too_few.quorum);
  EXPECT_THAT(CheckWitnessed(too_few),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("clocks more than 300 s ahead: b+")));
}

TEST(CosignedStateTest, ThreeHundredSecondsAheadStillCount) {
  EXPECT_TRUE(Judge(TwoOfThree(), Cosigned({{"a", kNoon}, {"b", kNoon + 300}}), At(kNoon)).quorum);
  EXPECT_FALSE(Judge(TwoOfThree(), Cosigned({{"a", kNoon}, {"b", kNoon + 301}}), At(kNoon)).quorum);
}

TEST(CosignedStateTest, ReaderWithoutAClockAsksNothingOfClocks) {
  EXPECT_TRUE(Judge(TwoOfThree(), Cosigned({{"a", kNoon}, {"b", kNoon + kDay}}), {}).quorum);
}

TEST(CosignedStateTest, OwnClockAnHourBehindDropsNobody) {
  const auto cosigned = Cosigned({{"a", kNoon}, {"b", kNoon + 1}, {"c", kNoon + 2}});
  EXPECT_FALSE(Judge(TwoOfThree(), cosigned, At(kNoon - kHour)).quorum);
  const auto judged = Judge(TwoOfThree(), cosigned, OwnClock(kNoon - kHour));
  EXPECT_TRUE(judged.quorum);
  EXPECT_THAT(judged.ahead, IsEmpty());
}

TEST(CosignedStateTest, OwnClockAnHourBehindStillDropsAWitnessADayAhead) {
  const auto cosigned = Cosigned({{"a", kNoon}, {"b", kNoon + kDay}, {"c", kNoon + 2}});
  const auto judged = Judge(TwoOfThree(), cosigned, OwnClock(kNoon - kHour));
  EXPECT_TRUE(judged.quorum);
  EXPECT_THAT(judged.ahead, ElementsAre(KeyId("b")));
  // Of two that differ by a day, the later one is not believed.
  EXPECT_THAT(
      Judge(TwoOfThree(), Cosigned({{"a", kNoon}, {"b", kNoon + kDay}}), OwnClock(kNoon - kHour)).ahead,
      ElementsAre(KeyId("b")));
}

// An archive that was away for a night cosigns what the others signed the evening before.
TEST(CosignedStateTest, WitnessThatComesHoursLaterCounts) {
  const auto cosigned = Cosigned({{"a", kNoon}, {"b", kNoon + 12 * kHour}});
  EXPECT_TRUE(Judge(TwoOfThree(), cosigned, OwnClock(kNoon + 12 * kHour)).quorum);
  EXPECT_TRUE(Judge(TwoOfThree(), cosigned, At(kNoon + 12 * kHour)).quorum);
}

TEST(CosignedStateTest, AgeIsThatOfTheNewestThatCounts) {
  const auto cosigned = Cosigned({{"a", kNoon}, {"b", kNoon + 10}});
  ClockRule rule = At(kNoon + 10 + kDay);
  rule.max_age = absl::Hours(24);
  EXPECT_THAT(CheckWitnessed(Judge(TwoOfThree(), cosigned, rule)), IsOk());
  rule.now += absl::Seconds(1);
  EXPECT_THAT(CheckWitnessed(Judge(TwoOfThree(), cosigned, rule)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("too old")));
}

// Checkpoint text, one line of the log, the cosignatures' lines.
std::string NoteBy(std::initializer_list<std::pair<const char*, int64_t>> times) {
  const Checkpoint checkpoint{"log.example", 0, Sha256Of("")};
  std::string note = SignCheckpoint(checkpoint, Log());
  for (const auto& [name, seconds] : times)
    note += CosignatureLine(checkpoint.Text(), Witness(name), absl::FromUnixSeconds(seconds));
  return note;
}

TEST(CosignedStateTest, NoteIsOpenedWithThePolicysKeys) {
  const auto judged = OpenJudged(NoteBy({{"a", kNoon}, {"stranger", kNoon}, {"c", kNoon}}), TwoOfThree(), {});
  ASSERT_THAT(judged, IsOk());
  EXPECT_TRUE(judged->judgement.quorum);
  EXPECT_THAT(judged->opened.cosigned, SizeIs(2));
  EXPECT_FALSE(OpenJudged(NoteBy({{"a", kNoon}}), TwoOfThree(), {})->judgement.quorum);
}

TEST(CosignedStateTest, CosignatureOfAnotherTextSpoilsTheNote) {
  const std::string line = CosignatureLine("log.example\n1\n", Witness("b"), absl::FromUnixSeconds(kNoon));
  EXPECT_THAT(OpenJudged(NoteBy({{"a", kNoon}}) + line, TwoOfThree(), {}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("b+")));
}

}  // namespace
}  // namespace consort::ledger
