#include "node/trainer/engine/job_terms.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/models/registry.h"
#include "common/random/seeded_random.h"

namespace consort::trainer {
namespace {

// Bounds of memory and time rather than of sense.
constexpr uint32_t kMaxBatch = 256;
constexpr uint32_t kMaxWindowSamples = 1 << 21;  // 48 s
constexpr uint32_t kMaxRank = 64;
// Windows of one round, exact as float32; the bound of the statistic of their number.
constexpr uint64_t kMaxWindows = 1 << 20;
constexpr uint32_t kDefaultRecordingsPerTradition = 32;  // as job.proto says for 0
constexpr uint32_t kMaxRecordingsPerTradition = 10000;

absl::Status WrongJob(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("wrong-job: correct the job file: ", what));
}

absl::StatusOr<Adaptation> ReadAdaptation(const v1::JobSpec& spec) {
  if (spec.method() == v1::METHOD_FULL) return Adaptation();
  if (spec.method() != v1::METHOD_ADAPTER_FROZEN_A)
    return WrongJob("method must be full or adapter-frozen-a");
  if (spec.adapter_rank() < 1 || spec.adapter_rank() > kMaxRank) {
    return WrongJob(absl::StrCat("adapter_rank must be 1 to ", kMaxRank, ", found ", spec.adapter_rank()));
  }
  if (!std::isfinite(spec.adapter_alpha()) || spec.adapter_alpha() <= 0) {
    return WrongJob(absl::StrCat("adapter_alpha must be above zero, found ", spec.adapter_alpha()));
  }
  return Adaptation{static_cast<int>(spec.adapter_rank()), spec.adapter_alpha(),
                    SeedFrom({"consort.adapter.v1", std::to_string(spec.seed())})};
}

absl::Status CheckLocal(const v1::LocalTraining& local, const ArchitectureFacts& facts) {
  if (local.batch_size() < 1 || local.batch_size() > kMaxBatch) {
    return WrongJob(absl::StrCat("batch_size must be 1 to ", kMaxBatch, ", found ", local.batch_size()));
  }
  if (local.steps() < 1 || uint64_t{local.steps()} * local.batch_size() > kMaxWindows) {
    return WrongJob(absl::StrCat("steps * batch_size must be 1 to ", kMaxWindows, ", found ", local.steps(),
                                 " * ", local.batch_size()));
  }
  if (local.window_samples() % facts.hop != 0 || local.window_samples() < facts.min_window ||
      local.window_samples() > kMaxWindowSamples) {
    return WrongJob(absl::StrCat("window_samples must be a multiple of ", facts.hop, " from ",
                                 facts.min_window, " to ", kMaxWindowSamples, " for ", facts.name, ", found ",
                                 local.window_samples()));
  }
  if (!(local.learning_rate() > 0 && local.learning_rate() <= 1)) {
    return WrongJob(
        absl::StrCat("learning_rate must be above 0 and at most 1, found ", local.learning_rate()));
  }
  if (!(local.proximal_mu() >= 0 && std::isfinite(local.proximal_mu()))) {
    return WrongJob(absl::StrCat("proximal_mu must not be negative, found ", local.proximal_mu()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JobTerms> ReadJobTerms(const v1::JobSpec& spec) {
  JobTerms terms;
  ASSIGN_OR_RETURN(terms.architecture, FindArchitecture(spec.architecture()));
  ASSIGN_OR_RETURN(terms.adaptation, ReadAdaptation(spec));
  RETURN_IF_ERROR(CheckLocal(spec.local(), terms.architecture->facts()));
  const uint32_t cap = spec.evaluation().max_recordings_per_tradition();
  if (cap > kMaxRecordingsPerTradition) {
    return WrongJob(absl::StrCat("max_recordings_per_tradition must be at most ", kMaxRecordingsPerTradition,
                                 ", found ", cap));
  }
  terms.training.steps = static_cast<int>(spec.local().steps());
  terms.training.batch_size = static_cast<int>(spec.local().batch_size());
  terms.training.learning_rate = spec.local().learning_rate();
  terms.training.kl_weight = terms.architecture->facts().defaults.kl_weight;
  terms.training.proximal_mu = spec.local().proximal_mu();
  terms.window_samples = spec.local().window_samples();
  terms.recordings_per_tradition = static_cast<int>(cap == 0 ? kDefaultRecordingsPerTradition : cap);
  return terms;
}

absl::StatusOr<Manifest> ManifestFor(const v1::JobSpec& spec, const Model& model) {
  std::vector<Segment> segments;
  for (const NamedTensor& tensor : model.trainable()) {
    segments.push_back({tensor.name, tensor.shape, SegmentKind::kDelta});
  }
  segments.push_back({"statistics/windows",
                      {1},
                      SegmentKind::kStatistic,
                      /*quantum=*/1,
                      /*bound=*/static_cast<double>(kMaxWindows)});
  Manifest::Terms terms;
  terms.clip_norm = spec.clip_norm();
  terms.max_weight = spec.max_weight();
  terms.cohort_bound = spec.cohort_bound();
  absl::StatusOr<Manifest> manifest = Manifest::Create(std::move(segments), terms);
  if (!manifest.ok()) return WrongJob(manifest.status().message());
  return manifest;
}

RoundSeeds SeedsFor(const v1::JobSpec& spec, absl::string_view job_digest, uint32_t round,
                    absl::string_view archive) {
  const std::string seed = std::to_string(spec.seed());
  const std::string number = std::to_string(round);
  return {SeedFrom({"consort.train.windows.v1", seed, job_digest, number, archive}),
          SeedFrom({"consort.train.steps.v1", seed, job_digest, number, archive})};
}

}  // namespace consort::trainer
