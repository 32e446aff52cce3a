#include "node/witness/incidents.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::ReadFileOrDie;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const Evidence kNotes = {{"ours.note", "one\n"}, {"theirs.note", "two\n"}};

class IncidentsTest : public ::testing::Test {
 protected:
  IncidentsTest() { Open(); }
  void Open() { incidents_ = Incidents::Open(directory_.Path("incidents")).value(); }
  std::string File(const std::string& id, const std::string& name) {
    return directory_.Path(absl::StrCat("incidents/", id, "/", name));
  }
  std::string RaiseFork() {
    EXPECT_THAT(incidents_->Raise(kIncidentFork, "two roots for size 3", kNotes, kNow), IsOk());
    return incidents_->OpenId();
  }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<Incidents> incidents_;
};

TEST_F(IncidentsTest, EvidenceAndFactsAreKeptOverARestart) {
  const std::string id = RaiseFork();
  Open();
  ASSERT_THAT(incidents_->List(), SizeIs(1));
  EXPECT_EQ(incidents_->OpenId(), id);
  EXPECT_EQ(incidents_->List()[0].kind, "fork");
  EXPECT_EQ(incidents_->List()[0].unix_seconds, 1'800'000'000);
  EXPECT_THAT(*incidents_->EvidenceOf(id),
              UnorderedElementsAre(Pair("ours.note", "one\n"), Pair("theirs.note", "two\n")));
}

TEST_F(IncidentsTest, FactsAreCanonicalJson) {
  const std::string id = RaiseFork();
  // RFC 8785: members by name, no white space.
  EXPECT_EQ(ReadFileOrDie(File(id, "incident.json")),
            absl::StrCat("{\"detail\":\"two roots for size 3\",\"id\":\"", id,
                         "\",\"kind\":\"fork\",\"resolved\":false,\"unix_seconds\":1800000000}\n"));
}

TEST_F(IncidentsTest, TheSameEvidenceIsTheSameIncident) {
  RaiseFork();
  EXPECT_THAT(incidents_->Raise(kIncidentFork, "said in other words", kNotes, kNow + absl::Hours(1)), IsOk());
  ASSERT_THAT(incidents_->List(), SizeIs(1));
  EXPECT_EQ(incidents_->List()[0].detail, "two roots for size 3");
}

TEST_F(IncidentsTest, DecisionCloses) {
  const std::string id = RaiseFork();
  ASSERT_THAT(incidents_->Resolve(id, kDecisionGoOn, "head-of-collections", kNow + absl::Hours(1)), IsOk());
  EXPECT_EQ(incidents_->OpenId(), "");
  Open();
  EXPECT_EQ(incidents_->OpenId(), "");
  EXPECT_EQ(incidents_->List()[0].by, "head-of-collections");
  EXPECT_EQ(incidents_->List()[0].decided_unix_seconds, 1'800'003'600);
  EXPECT_THAT(*incidents_->EvidenceOf(id), SizeIs(2));
}

TEST_F(IncidentsTest, StayingStoppedClosesNothing) {
  const std::string id = RaiseFork();
  ASSERT_THAT(incidents_->Resolve(id, kDecisionStayStopped, "archivist", kNow), IsOk());
  EXPECT_EQ(incidents_->OpenId(), id);
}

TEST_F(IncidentsTest, DecidedEvidenceStaysDecided) {
  const std::string id = RaiseFork();
  ASSERT_THAT(incidents_->Resolve(id, kDecisionGoOn, "archivist", kNow), IsOk());
  RaiseFork();
  EXPECT_EQ(incidents_->OpenId(), "");
}

TEST_F(IncidentsTest, OnlyKnownDecisionsByARoleCount) {
  const std::string id = RaiseFork();
  EXPECT_THAT(incidents_->Resolve(id, "forget", "archivist", kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("go-on")));
  EXPECT_THAT(incidents_->Resolve(id, kDecisionGoOn, "Jane Doe", kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("role")));
  EXPECT_THAT(incidents_->Resolve("0123456789abcdef", kDecisionGoOn, "archivist", kNow),
              StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_EQ(incidents_->OpenId(), id);
}

TEST_F(IncidentsTest, IncidentThatCannotBeReadIsOpen) {
  const std::string id = RaiseFork();
  ASSERT_THAT(incidents_->Resolve(id, kDecisionGoOn, "archivist", kNow), IsOk());
  testing::WriteFileOrDie(File(id, "incident.json"), "{");
  Open();
  EXPECT_EQ(incidents_->OpenId(), id);
  EXPECT_EQ(incidents_->List()[0].kind, "unreadable");
}

TEST_F(IncidentsTest, IncidentWhoseEvidenceTheDiskDoesNotTakeIsOpenAllTheSame) {
  std::filesystem::remove(directory_.Path("incidents"));
  testing::WriteFileOrDie(directory_.Path("incidents"), "not a folder");
  EXPECT_FALSE(incidents_->Raise(kIncidentFork, "two roots", kNotes, kNow).ok());
  const std::string id = incidents_->OpenId();
  EXPECT_NE(id, "");
  EXPECT_FALSE(incidents_->Resolve(id, kDecisionGoOn, "archivist", kNow).ok());
  EXPECT_EQ(incidents_->OpenId(), id);
  std::filesystem::remove(directory_.Path("incidents"));
  std::filesystem::create_directory(directory_.Path("incidents"));
  EXPECT_THAT(incidents_->Resolve(id, kDecisionGoOn, "archivist", kNow), IsOk());
  EXPECT_EQ(ReadFileOrDie(File(id, "ours.note")), "one\n");
}

TEST_F(IncidentsTest, LogThatLiesWithoutEndDoesNotFillTheDisk) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(incidents_->Raise(kIncidentFork, "again", {{"theirs.note", absl::StrCat(i)}}, kNow), IsOk());
  }
  EXPECT_THAT(incidents_->List(), SizeIs(Incidents::kMaxOpen));
}

}  // namespace
}  // namespace consort::node
