// One archive's bad update: refused by name, the round goes on, and the sum is what it would be without that
// archive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using nlohmann::json;

v1::JobSpec OneRound(const Federation& federation) {
  v1::JobSpec spec = federation.Spec();
  spec.set_rounds(1);
  return spec;
}

// The ring sum of a round in which archive-cn-2 takes no part.
std::string SumWithoutTheThird() {
  Federation federation;
  federation.AddArchive("archive-uk-1", "harp");
  federation.AddArchive("archive-cn-1", "dizi");
  federation.AddArchive("archive-cn-2", "folk").faults.declines = "policy";
  federation.Start();
  federation.Submit(OneRound(federation));
  return federation.Entries("aggregation").at(0)["sum_digest"].get<std::string>();
}

struct Fault {
  std::string name;
  std::string code;    // that the reason begins with
  std::string object;  // that it names
  std::function<void(FakeArchive&)> set;
  bool logged = true;  // the entry is good enough to be a leaf
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

Fault Claim(const std::string& name, const std::string& code, const std::string& member, json value,
            bool logged = true) {
  const auto set = [member, value](FakeArchive& archive) {
    archive.faults.contribution = [member, value](json& predicate) { predicate[member] = value; };
  };
  return {name, code, member, set, logged};
}

constexpr bool kNoLeaf = false;  // it fits no round: refused on arrival

Fault Payload(const std::string& name, const std::string& code, const std::string& object,
              std::function<void(std::vector<uint32_t>&)> change) {
  return {name, code, object, [change](FakeArchive& archive) { archive.faults.payload = change; }};
}

std::vector<Fault> Faults() {
  const std::string other(64, 'b');
  return {
      Claim("WrongRoundId", "wrong-round", "round_id", std::string(32, 'c'), kNoLeaf),
      Claim("WrongRoundNumber", "wrong-round", "round", 2, kNoLeaf),
      Claim("WrongBase", "wrong-base", "base_digest", other),
      Claim("WrongManifest", "wrong-manifest", "manifest_digest", other),
      Claim("WrongPlan", "wrong-plan", "plan_digest", other),
      Claim("WrongJob", "wrong-job", "job_id", std::string(32, 'd'), kNoLeaf),
      Claim("WrongParticipation", "wrong-participation", "participation_id", std::string(32, 'e')),
      Claim("WrongMode", "wrong-mode", "mode", "masked"),
      Claim("WrongLengthInTheEntry", "wrong-length", "update_bytes", 12),
      Claim("AnotherDigest", "digest-mismatch", "update_digest", other),
      Claim("WeightAboveGrantedInTheEntry", "weight-above-granted", "weight", 121),
      Claim("WeightThatIsNotThePayloads", "weight-mismatch", "weight", 119),
      Claim("MissingMember", "bad-entry", "manifest_digest", nullptr, kNoLeaf),
      Payload("WeightAboveGrantedInThePayload", "weight-above-granted", "weight",
              [](std::vector<uint32_t>& ring) { ring.back() = 121; }),
      Payload("WeightZero", "weight-zero", "weight", [](std::vector<uint32_t>& ring) { ring.back() = 0; }),
      // One coordinate at the ring's largest value decodes to more than clip norm times weight share.
      Payload("NormAboveClip", "norm-above-clip", "norm",
              [](std::vector<uint32_t>& ring) { ring[0] = 0x7FFFFFFF; }),
      Payload("TruncatedPayload", "wrong-length", "bytes",
              [](std::vector<uint32_t>& ring) { ring.pop_back(); }),
      Payload("ExtraPayload", "wrong-length", "bytes",
              [](std::vector<uint32_t>& ring) { ring.push_back(1); }),
      {"BadSignature", "bad-signature", "",
       [](FakeArchive& archive) {
         archive.faults.envelope = [](std::string& envelope) {
           const size_t signature = envelope.find("\"sig\":\"") + 7;
           envelope[signature] = envelope[signature] == 'A' ? 'B' : 'A';
         };
       },
       false},
      {"NotAnEntry", "", "",
       [](FakeArchive& archive) { archive.faults.envelope = [](std::string& envelope) { envelope = "{}"; }; },
       false},
  };
}

class RefusalTest : public ::testing::TestWithParam<Fault> {};

TEST_P(RefusalTest, TheUpdateIsRefusedByNameAndTheSumIsAsWithoutIt) {
  const Fault& fault = GetParam();
  Federation federation;
  federation.AddArchive("archive-uk-1", "harp");
  federation.AddArchive("archive-cn-1", "dizi");
  FakeArchive& bad = federation.AddArchive("archive-cn-2", "folk");
  fault.set(bad);
  federation.Start();
  const v1::JobStatus job = federation.Job(federation.Submit(OneRound(federation)));

  ASSERT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  const v1::RoundStatus& round = job.rounds(0);
  const v1::ParticipationStatus& refused = round.participations(1);
  ASSERT_EQ(refused.archive(), "archive-cn-2");
  EXPECT_EQ(refused.state(), v1::PARTICIPATION_STATE_REFUSED);
  EXPECT_THAT(refused.reason(), AllOf(StartsWith(fault.code), HasSubstr(fault.object),
                                      HasSubstr(round.round_id()), HasSubstr("archive-cn-2")));
  EXPECT_EQ(round.participations(0).state(), v1::PARTICIPATION_STATE_ACKNOWLEDGED);
  EXPECT_EQ(round.participations(2).state(), v1::PARTICIPATION_STATE_ACKNOWLEDGED);
  ASSERT_THAT(bad.verdicts, SizeIs(1));
  EXPECT_FALSE(bad.verdicts.begin()->second.accepted());

  static const std::string expected = SumWithoutTheThird();
  const json aggregation = federation.Entries("aggregation").at(0);
  EXPECT_EQ(aggregation["sum_digest"], expected);
  EXPECT_EQ(aggregation["absent"][0]["archive"], "archive-cn-2");
  EXPECT_EQ(aggregation["absent"][0]["state"], "refused");
  EXPECT_THAT(federation.Entries("contribution"), SizeIs(fault.logged ? 3 : 2));
}

INSTANTIATE_TEST_SUITE_P(EachFault, RefusalTest, ::testing::ValuesIn(Faults()),
                         [](const auto& info) { return info.param.name; });

TEST(ForeignParticipationTest, AnArchiveThatNamesAnothersPartEndsItsOwnOnly) {
  Federation federation;
  FakeArchive& uk = federation.AddArchive("archive-uk-1", "harp");
  federation.AddArchive("archive-cn-1", "dizi");
  FakeArchive& bad = federation.AddArchive("archive-cn-2", "folk");
  // The others answer at once; the bad one waits until it has learned the id of archive-uk-1's participation.
  bad.faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  uk.faults.ignore = bad.faults.ignore;
  federation.Start();
  const std::string job_id = federation.Submit(OneRound(federation));
  for (const v1::Envelope& envelope : uk.received) {
    if (envelope.has_train_task()) bad.faults.participation_id = envelope.train_task().participation_id();
  }
  bad.faults.ignore = nullptr;
  federation.Disconnect("archive-cn-2");
  federation.Reconnect("archive-cn-2");
  federation.Run();
  uk.faults.ignore = nullptr;
  federation.Disconnect("archive-uk-1");
  federation.Reconnect("archive-uk-1");
  federation.Run();

  const v1::JobStatus job = federation.Job(job_id);
  ASSERT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  const auto& participations = job.rounds(0).participations();
  EXPECT_EQ(participations[1].state(), v1::PARTICIPATION_STATE_REFUSED);
  EXPECT_THAT(participations[1].reason(),
              AllOf(HasSubstr("foreign-participation"), HasSubstr("archive-cn-2")));
  EXPECT_EQ(participations[2].archive(), "archive-uk-1");
  EXPECT_EQ(participations[2].state(), v1::PARTICIPATION_STATE_ACKNOWLEDGED);
  EXPECT_EQ(federation.Entries("aggregation").at(0)["sum_digest"], SumWithoutTheThird());
}

TEST(ForeignParticipationTest, AnArchiveCannotSpoolIntoAnothersPart) {
  Federation federation;
  FakeArchive& uk = federation.AddArchive("archive-uk-1", "harp");
  federation.AddArchive("archive-cn-1", "dizi");
  uk.faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  federation.Start();
  federation.Submit(OneRound(federation));
  const std::string id = uk.received.back().train_task().participation_id();
  EXPECT_THAT(federation.engine().OpenSpoolHere("archive-cn-1", id, 260),
              consort::testing::StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("archive-cn-1")));
  EXPECT_THAT(federation.engine().OpenSpoolHere("archive-uk-1", std::string(32, '0'), 260),
              consort::testing::StatusIs(absl::StatusCode::kNotFound, HasSubstr("archive-uk-1")));
}

TEST(UpdateIntakeTest, AskingWhereAnUploadStandsChangesNothing) {
  Federation federation;
  FakeArchive& uk = federation.AddArchive("archive-uk-1", "harp");
  uk.faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  federation.Start();
  v1::JobSpec spec = OneRound(federation);
  spec.set_quorum(1);
  const std::string job_id = federation.Submit(spec);
  const std::string id = uk.received.back().train_task().participation_id();
  EXPECT_THAT(federation.engine().OpenSpoolHere("archive-uk-1", id, 0), consort::testing::IsOk());
  EXPECT_EQ(federation.Job(job_id).rounds(0).participations(0).state(), v1::PARTICIPATION_STATE_TRAINING);
  EXPECT_THAT(federation.engine().OpenSpoolHere("archive-uk-1", id, 260), consort::testing::IsOk());
  EXPECT_EQ(federation.Job(job_id).rounds(0).participations(0).state(), v1::PARTICIPATION_STATE_UPLOADING);
  EXPECT_EQ(federation.Job(job_id).rounds(0).state(), v1::ROUND_STATE_COLLECTING);
}

TEST(RefusedOfferTest, APlanForAnotherJobIsARefusalWithItsReason) {
  Federation federation;
  federation.AddArchive("archive-uk-1", "harp");
  federation.AddArchive("archive-cn-1", "dizi");
  FakeArchive& bad = federation.AddArchive("archive-cn-2", "folk");
  bad.faults.offer = [](v1::OfferAnswer& answer) {
    v1::Plan plan;
    plan.ParseFromString(answer.plan());
    plan.set_weight(1001);  // the job allows 1000
    answer.set_plan(plan.SerializeAsString());
  };
  federation.Start();
  const v1::JobStatus job = federation.Job(federation.Submit(OneRound(federation)));
  EXPECT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  EXPECT_EQ(job.offers(1).state(), v1::OFFER_STATE_REFUSED);
  EXPECT_THAT(job.offers(1).reason(), AllOf(StartsWith("plan-mismatch"), HasSubstr("1001")));
  EXPECT_THAT(bad.trained, IsEmpty());
}

}  // namespace
}  // namespace consort::coordinator::testing
