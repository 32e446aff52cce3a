// A model is released when its release is witnessed: not before, across restarts at any moment, and with a
// wait that people are told of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "common/ledger/cosigned_state.h"
#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator::testing {
namespace {

using ::consort::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const bool in_memory = access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 1) == 0;

class ReleaseTest : public ::testing::Test {
 protected:
  ReleaseTest() {
    for (const char* name : {"archive-uk-1", "archive-cn-1", "archive-cn-2"})
      archives_.push_back(&federation_.AddArchive(name, "harp"));
  }
  v1::JobSpec OneRound() const {
    v1::JobSpec spec = federation_.Spec();
    spec.set_rounds(1);
    return spec;
  }
  // The named archive answers no request for a cosignature.
  static void Mute(FakeArchive& archive) {
    archive.faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_witness_request(); };
  }

  Federation federation_;
  std::vector<FakeArchive*> archives_;
};

TEST_F(ReleaseTest, AJobEndsWhenItsReleaseIsWitnessed) {
  federation_.Start();
  const v1::JobStatus job = federation_.Job(federation_.Submit(OneRound()));
  ASSERT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  EXPECT_EQ(job.release_state(), v1::ENTRY_STATE_WITNESSED);
  EXPECT_EQ(job.rounds(0).ledger_state(), v1::ENTRY_STATE_WITNESSED);
  EXPECT_GT(federation_.witnesses().witnessed_size(), job.release_index());
  const auto models = federation_.engine().ListModels(job.job_id());
  ASSERT_THAT(models, IsOk());
  EXPECT_EQ(models->back().ledger_state(), v1::ENTRY_STATE_WITNESSED);
}

TEST_F(ReleaseTest, OneOfThreeThatIsSilentIsNotMissed) {
  Mute(*archives_[0]);
  federation_.Start();
  const v1::JobStatus job = federation_.Job(federation_.Submit(OneRound()));
  EXPECT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
}

TEST_F(ReleaseTest, WithoutAQuorumTheJobWaitsAndSaysForWhom) {
  Mute(*archives_[0]);
  Mute(*archives_[1]);
  federation_.Start();
  const std::string job_id = federation_.Submit(OneRound());
  v1::JobStatus job = federation_.Job(job_id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(job.reason(), "awaiting-witnesses: archive-cn-1, archive-uk-1");
  EXPECT_EQ(job.release_state(), v1::ENTRY_STATE_SEALED);
  EXPECT_EQ(job.estimated_seconds_left(), 0);
  for (const FakeArchive* archive : archives_) {
    for (const v1::Envelope& received : archive->received) EXPECT_FALSE(received.has_job_ended());
  }
  archives_[0]->faults.ignore = nullptr;
  federation_.Advance(WitnessBoard::kUnansweredAfter + absl::Seconds(1));
  job = federation_.Job(job_id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  EXPECT_EQ(job.reason(), "");
}

TEST_F(ReleaseTest, AfterADayPeopleAreAskedToLookAndTheJobStillEndsWhenWitnessesCome) {
  for (FakeArchive* archive : archives_) Mute(*archive);
  federation_.Start();
  const std::string job_id = federation_.Submit(OneRound());
  federation_.Advance(absl::Hours(24) + absl::Seconds(1));
  v1::JobStatus job = federation_.Job(job_id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(job.reason(), "witnesses-missing: archive-cn-1, archive-cn-2, archive-uk-1");

  ASSERT_THAT(federation_.engine().Control(job_id, v1::JOB_ACTION_RESUME), IsOk());
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_RUNNING);
  federation_.Restart();  // the wait that began anew is kept
  federation_.Advance(absl::Hours(23));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_RUNNING);
  federation_.Advance(absl::Hours(2));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_PAUSED);

  for (FakeArchive* archive : archives_) archive->faults.ignore = nullptr;
  federation_.Advance(WitnessBoard::kUnansweredAfter + absl::Seconds(1));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED);
}

TEST_F(ReleaseTest, WhatIsWitnessedIsPushedToEveryArchiveWithItsCosignatures) {
  federation_.Start();
  federation_.Submit(OneRound());
  for (const FakeArchive* archive : archives_) {
    std::string note;
    for (const v1::Envelope& received : archive->ledger_received) {
      if (received.has_ledger_head()) note = received.ledger_head().checkpoint();
    }
    std::vector<VerifierKey> mirrors;
    for (const FakeArchive* one : archives_) mirrors.push_back(one->mirror().verifier());
    const auto opened = ledger::OpenCheckpoint(note, {federation_.sequencer().log_key().verifier()}, mirrors);
    ASSERT_THAT(opened, IsOk());
    EXPECT_GE(opened->cosigned.size(), 2u);  // two of three are a quorum
  }
}

// Each commit from the last round's close to the end of the job.
TEST(ReleaseRestartTest, KilledAfterAnyCommitTheModelIsReleasedOnce) {
  int commits = 0;
  {
    Federation federation;
    for (const char* name : {"archive-uk-1", "archive-cn-1"}) federation.AddArchive(name, "harp");
    federation.Start();
    const int before = federation.commits();
    v1::JobSpec spec = federation.Spec();
    spec.set_rounds(1);
    federation.Submit(spec);
    commits = federation.commits() - before;
  }
  for (int kill = commits / 2; kill <= commits; ++kill) {
    SCOPED_TRACE(kill);
    Federation federation;
    for (const char* name : {"archive-uk-1", "archive-cn-1"}) federation.AddArchive(name, "harp");
    federation.Start();
    federation.KillAfter(kill);
    v1::JobSpec spec = federation.Spec();
    spec.set_rounds(1);
    const std::string job_id = federation.Submit(spec);
    const v1::JobStatus job = federation.Job(job_id);
    ASSERT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
    EXPECT_EQ(job.release_state(), v1::ENTRY_STATE_WITNESSED);
    EXPECT_THAT(federation.Entries("model-release"), SizeIs(1));
    EXPECT_THAT(federation.Entries("incident"), IsEmpty());
  }
}

}  // namespace
}  // namespace consort::coordinator::testing
