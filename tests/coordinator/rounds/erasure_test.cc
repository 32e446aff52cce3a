// A job's name and its submitter: committed to, opened for people, and erased.
#include "coordinator/ledger/erasure.h"

#include <filesystem>

#include "common/crypto/digest.h"
#include "common/ledger/commitment.h"
#include "gmock/gmock.h"
#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using consort::testing::IsOk;
using consort::testing::ReadFileOrDie;
using consort::testing::StatusIs;
using ::testing::_;
using testing::Federation;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kName[] = "Ballads of Zqwxv Example";
constexpr char kSubmitter[] = "spiffe://test.example/researcher/zqwxv-example";

class ErasureTest : public ::testing::Test {
 protected:
  ErasureTest() {
    federation_.AddArchive("archive-uk-1", "english-folk");
    federation_.AddArchive("archive-cn-1", "jiangnan");
    federation_.Start();
    job_id_ = Submit(kName).value().job.job_id();
    federation_.Run();
    job_ = federation_.Entries("job").at(0);
  }
  absl::StatusOr<RoundEngine::Submitted> Submit(const std::string& name) {
    v1::JobSpec spec = federation_.Spec();
    spec.set_name(name);
    return federation_.engine().Submit({spec.SerializeAsString(), "token", kSubmitter, false});
  }
  std::string Commitment(const char* word) { return job_["commitments"][word].get<std::string>(); }
  OpeningRow Opening(const std::string& commitment) {
    return OpenCommitments(federation_.store(), {commitment}).value().at(0);
  }
  absl::StatusOr<Erased> EraseOne(const std::string& commitment, const std::string& ground = "gdpr-17") {
    return Erase(federation_.store(), federation_.sequencer(), commitment, ground);
  }
  // Whether any file of the store holds these bytes.
  bool OnDisk(const std::string& bytes) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      const std::string path = federation_.StorePath() + suffix;
      if (!std::filesystem::exists(path)) continue;
      if (ReadFileOrDie(path).find(bytes) != std::string::npos) return true;
    }
    return false;
  }

  Federation federation_;
  std::string job_id_;
  nlohmann::json job_;
};

TEST_F(ErasureTest, TheJobsEntryNamesNobody) {
  EXPECT_EQ(job_["name"], "");
  EXPECT_EQ(job_["submitted_by"], "researcher");
  for (const char* kind : {"job", "roster", "approval", "round-open"}) {
    for (const nlohmann::json& entry : federation_.Entries(kind)) {
      EXPECT_THAT(entry.dump(), Not(HasSubstr("qwxv"))) << kind;
    }
  }
  // A guess at the name cannot be confirmed: the digest is of the file without it.
  v1::JobSpec spec = federation_.Spec();
  spec.clear_name();
  EXPECT_EQ(job_["job_digest"], Sha256Hex(spec.SerializeAsString()));
}

TEST_F(ErasureTest, WhatIsCommittedToOpens) {
  for (const auto& [word, text] :
       std::map<std::string, std::string>{{"name", kName}, {"submitted_by", kSubmitter}}) {
    const OpeningRow opening = Opening(Commitment(word.c_str()));
    EXPECT_EQ(opening.value, "\"" + text + "\"");
    // SHA-256 of the bytes that docs/formats/ledger.md names, put together here.
    EXPECT_EQ(Sha256Hex(std::string("consort.commit.v1") + '\0' + opening.salt + opening.value),
              Commitment(word.c_str()));
  }
}

TEST_F(ErasureTest, PeopleSeeTheNameUntilItIsErased) {
  EXPECT_EQ(federation_.Job(job_id_).spec().name(), kName);
  EXPECT_EQ(federation_.Job(job_id_).submitted_by(), kSubmitter);
  ASSERT_THAT(EraseOne(Commitment("name")), IsOk());
  EXPECT_EQ(federation_.Job(job_id_).spec().name(), "(erased)");
  EXPECT_EQ(federation_.Job(job_id_).submitted_by(), kSubmitter);
  ASSERT_THAT(EraseOne(Commitment("submitted_by")), IsOk());
  EXPECT_EQ(federation_.Job(job_id_).submitted_by(), "(erased)");
}

TEST_F(ErasureTest, NoFileHoldsValueOrSaltAfterwards) {
  for (const char* word : {"name", "submitted_by"}) {
    const OpeningRow opening = Opening(Commitment(word));
    ASSERT_TRUE(OnDisk(opening.value)) << "the test looks in the wrong files";
    ASSERT_TRUE(OnDisk(opening.salt));
    ASSERT_THAT(EraseOne(Commitment(word)), IsOk());
    EXPECT_FALSE(OnDisk(opening.value.substr(1, opening.value.size() - 2)));
    EXPECT_FALSE(OnDisk(opening.salt));
  }
  EXPECT_FALSE(OnDisk("qwxv"));
}

TEST_F(ErasureTest, AnEntrySaysSoOnceAndTheLedgerStaysWhole) {
  const Erased erased = EraseOne(Commitment("name"), "pipl-47").value();
  EXPECT_TRUE(erased.now);
  const std::vector<nlohmann::json> entries = federation_.Entries("erasure");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0]["commitment"], Commitment("name"));
  EXPECT_EQ(entries[0]["ground"], "pipl-47");
  EXPECT_EQ(entries[0]["erased"], "value-and-salt");
  const Erased again = EraseOne(Commitment("name")).value();
  EXPECT_FALSE(again.now);
  EXPECT_EQ(again.leaf_index, erased.leaf_index);
  EXPECT_EQ(federation_.Entries("erasure").size(), 1u);
  federation_.Restart();  // opens the ledger and judges every entry of it again
  EXPECT_EQ(federation_.Job(job_id_).spec().name(), "(erased)");
}

TEST_F(ErasureTest, RefusalsChangeNothing) {
  EXPECT_THAT(EraseOne("abc").status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(EraseOne(Commitment("name"), "because").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("because")));
  EXPECT_THAT(EraseOne(std::string(64, 'a')).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("staff")));
  EXPECT_FALSE(Opening(Commitment("name")).erased);
  EXPECT_TRUE(federation_.Entries("erasure").empty());
}

TEST_F(ErasureTest, OpeningsAreGivenForOurOwnCommitmentsOnly) {
  EXPECT_EQ(OpenCommitments(federation_.store(), {std::string(64, 'a'), Commitment("name")})->size(), 1u);
  EXPECT_THAT(
      OpenCommitments(federation_.store(), std::vector<std::string>(257, Commitment("name"))).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("256")));
}

TEST_F(ErasureTest, ATokenStandsForTheSameNameUntilThatIsErased) {
  EXPECT_EQ(Submit(kName)->job.job_id(), job_id_);
  EXPECT_THAT(Submit("Another name").status(), StatusIs(absl::StatusCode::kAlreadyExists, _));
  ASSERT_THAT(EraseOne(Commitment("name")), IsOk());
  EXPECT_EQ(Submit(kName)->job.job_id(), job_id_);
}

}  // namespace
}  // namespace consort::coordinator
