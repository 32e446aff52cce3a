// kill -9 of the coordinator after each of its commits: the job ends as if nothing had happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <string>

#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// Some hundred jobs run here; in memory where there is such a folder, for their commits are not what is
// timed.
const bool in_memory = access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 1) == 0;

struct Outcome {
  v1::JobStatus job;
  int commits = 0;
  bool killed = false;
};

// Runs the job; the process is killed after the `kill`th commit from its submission (0: never).
Outcome RunJob(int kill, Federation& federation, std::vector<FakeArchive*>& archives) {
  archives = {&federation.AddArchive("archive-uk-1", "harp"), &federation.AddArchive("archive-cn-1", "dizi"),
              &federation.AddArchive("archive-cn-2", "folk")};
  federation.Start();
  v1::JobSpec spec = federation.Spec();
  spec.mutable_evaluation()->set_every_rounds(1);
  const int before = federation.commits();
  federation.KillAfter(kill);
  const std::string job_id = federation.Submit(spec);
  Outcome outcome;
  outcome.commits = federation.commits() - before;
  outcome.killed = federation.killed();
  outcome.job = federation.Job(job_id);
  return outcome;
}

TEST(RestartTest, KilledAfterAnyCommitTheJobEndsWithTheSameModel) {
  Federation undisturbed;
  std::vector<FakeArchive*> archives;
  const Outcome expected = RunJob(0, undisturbed, archives);
  ASSERT_EQ(expected.job.state(), v1::JOB_STATE_COMPLETED) << expected.job.reason();
  ASSERT_GT(expected.commits, 50);

  for (int kill = 1; kill <= expected.commits; ++kill) {
    SCOPED_TRACE(kill);
    Federation federation;
    const Outcome outcome = RunJob(kill, federation, archives);
    ASSERT_TRUE(outcome.killed);
    ASSERT_EQ(outcome.job.state(), v1::JOB_STATE_COMPLETED) << outcome.job.reason();
    ASSERT_EQ(outcome.job.model_tensor_digest(), expected.job.model_tensor_digest());
    ASSERT_EQ(outcome.job.rounds_size(), 2);
    for (const FakeArchive* archive : archives) {
      ASSERT_THAT(archive->asked_after_verdict, IsEmpty()) << archive->name();
      ASSERT_THAT(archive->trained, SizeIs(2)) << archive->name();
      for (const auto& [participation, times] : archive->trained) ASSERT_EQ(times, 1);
    }
    ASSERT_THAT(federation.Entries("job"), SizeIs(1));
    ASSERT_THAT(federation.Entries("roster"), SizeIs(1));
    ASSERT_THAT(federation.Entries("round-open"), SizeIs(2));
    ASSERT_THAT(federation.Entries("contribution"), SizeIs(6));
    ASSERT_THAT(federation.Entries("decision"), SizeIs(6));
    ASSERT_THAT(federation.Entries("aggregation"), SizeIs(2));
    ASSERT_THAT(federation.Entries("evaluation"), SizeIs(6));
    ASSERT_THAT(federation.Entries("model-release"), SizeIs(1));
  }
}

}  // namespace
}  // namespace consort::coordinator::testing
