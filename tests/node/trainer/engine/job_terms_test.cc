#include "node/trainer/engine/job_terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "node/trainer/models/registry.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::JobSpec Spec() {
  v1::JobSpec spec;
  spec.set_architecture("rave-tiny");
  spec.set_method(v1::METHOD_ADAPTER_FROZEN_A);
  spec.set_adapter_rank(4);
  spec.set_adapter_alpha(8);
  spec.set_purpose("train.generative");
  spec.set_clip_norm(10);
  spec.set_max_weight(1000);
  spec.set_cohort_bound(10);
  spec.set_seed(1);
  spec.mutable_local()->set_steps(10);
  spec.mutable_local()->set_batch_size(1);
  spec.mutable_local()->set_window_samples(65536);
  spec.mutable_local()->set_learning_rate(1e-3);
  return spec;
}

TEST(JobTermsTest, ReadsAGoodJob) {
  const JobTerms terms = ReadJobTerms(Spec()).value();
  EXPECT_EQ(terms.family->facts().name, "rave-tiny");
  EXPECT_EQ(terms.model.adaptation.rank, 4);
  EXPECT_EQ(terms.fit.window_samples, 65536);
  EXPECT_EQ(terms.recordings_per_tradition, 32);
}

TEST(JobTermsTest, RefusesTermsOutOfRangeByName) {
  struct Case {
    const char* named;
    std::function<void(v1::JobSpec&)> spoil;
  };
  const std::vector<Case> cases = {
      {"method", [](v1::JobSpec& spec) { spec.set_method(v1::METHOD_UNSPECIFIED); }},
      {"adapter_rank", [](v1::JobSpec& spec) { spec.set_adapter_rank(65); }},
      {"adapter_alpha", [](v1::JobSpec& spec) { spec.set_adapter_alpha(0); }},
      {"adapter_alpha",
       [](v1::JobSpec& spec) { spec.set_adapter_alpha(std::numeric_limits<double>::quiet_NaN()); }},
      {"batch_size", [](v1::JobSpec& spec) { spec.mutable_local()->set_batch_size(0); }},
      {"steps", [](v1::JobSpec& spec) { spec.mutable_local()->set_steps(0); }},
      {"steps", [](v1::JobSpec& spec) { spec.mutable_local()->set_steps(1 << 21); }},
      {"window_samples", [](v1::JobSpec& spec) { spec.mutable_local()->set_window_samples(65537); }},
      {"window_samples", [](v1::JobSpec& spec) { spec.mutable_local()->set_window_samples(512); }},
      {"learning_rate", [](v1::JobSpec& spec) { spec.mutable_local()->set_learning_rate(-1); }},
      {"proximal_mu", [](v1::JobSpec& spec) { spec.mutable_local()->set_proximal_mu(-1); }},
  };
  for (const Case& bad : cases) {
    v1::JobSpec spec = Spec();
    bad.spoil(spec);
    EXPECT_THAT(ReadJobTerms(spec), StatusIs(absl::StatusCode::kInvalidArgument,
                                             AllOf(StartsWith("wrong-job"), HasSubstr(bad.named))));
  }
}

TEST(JobTermsTest, RefusesAnUnknownArchitectureByName) {
  v1::JobSpec spec = Spec();
  spec.set_architecture("rave-huge");
  EXPECT_THAT(ReadJobTerms(spec), StatusIs(absl::StatusCode::kInvalidArgument,
                                           AllOf(StartsWith("wrong-architecture"), HasSubstr("rave-huge"))));
}

TEST(JobTermsTest, ManifestListsTrainableTensorsInNameOrderAndTheWindowsLast) {
  v1::JobSpec spec = Spec();
  spec.set_method(v1::METHOD_FULL);
  spec.clear_adapter_rank();
  const JobTerms terms = ReadJobTerms(spec).value();
  const auto model = FindArchitecture("rave-tiny").value()->Initialise(1).value();
  const auto fitted = terms.family->Load(terms.model, 1, /*base=*/{}, /*state=*/{}).value();
  const Manifest manifest = ManifestFor(terms, *fitted).value();
  ASSERT_EQ(manifest.segments().size(), model->trainable().size() + 1);
  for (size_t i = 0; i < model->trainable().size(); ++i) {
    EXPECT_EQ(manifest.segments()[i].name, model->trainable()[i].name);
    EXPECT_EQ(manifest.segments()[i].kind, SegmentKind::kDelta);
    EXPECT_LT(manifest.segments()[i].name,
              manifest.segments()[i + 1].name);  // statistics sort behind noise.*
  }
  EXPECT_EQ(manifest.segments().back().name, "statistics/windows");
  EXPECT_EQ(manifest.delta_coordinates(), static_cast<int64_t>(model->values().size()));
  EXPECT_EQ(manifest.statistic_coordinates(), 1);
}

TEST(JobTermsTest, TermsUnderWhichASumCouldOverflowAreRefused) {
  v1::JobSpec spec = Spec();
  spec.set_method(v1::METHOD_FULL);
  spec.set_cohort_bound(1u << 31);
  const JobTerms terms = ReadJobTerms(spec).value();
  const auto model = terms.family->Load(terms.model, 1, /*base=*/{}, /*state=*/{}).value();
  EXPECT_THAT(ManifestFor(terms, *model),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-job")));
}

TEST(JobTermsTest, EveryPartOfARoundChangesItsSeeds) {
  const v1::JobSpec spec = Spec();
  v1::JobSpec other = spec;
  other.set_seed(2);
  const uint64_t windows = SeedsFor(spec, "digest", 1, "archive-uk-1").windows;
  EXPECT_EQ(SeedsFor(spec, "digest", 1, "archive-uk-1").windows, windows);
  EXPECT_NE(SeedsFor(other, "digest", 1, "archive-uk-1").windows, windows);
  EXPECT_NE(SeedsFor(spec, "another", 1, "archive-uk-1").windows, windows);
  EXPECT_NE(SeedsFor(spec, "digest", 2, "archive-uk-1").windows, windows);
  EXPECT_NE(SeedsFor(spec, "digest", 1, "archive-uk-2").windows, windows);
  EXPECT_NE(SeedsFor(spec, "digest", 1, "archive-uk-1").steps, windows);
}

}  // namespace
}  // namespace consort::trainer
