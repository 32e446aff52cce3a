#include "node/trainer/engine/job_terms.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/families/registry.h"

namespace consort::trainer {
namespace {

// Bounds of memory and time rather than of sense.
constexpr uint32_t kMaxBatch = 256;
constexpr uint32_t kMaxWindowSamples = 1 << 21;  // 48 s
constexpr uint32_t kMaxRank = 64;
constexpr uint64_t kMaxWindows = 1 << 20;
constexpr uint32_t kDefaultRecordingsPerTradition = 32;  // as job.proto says for 0
constexpr uint32_t kMaxRecordingsPerTradition = 10000;
constexpr uint32_t kMaxValidationPercent = 50;

absl::Status WrongJob(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("wrong-job: correct the job file: ", what));
}

// Method and names of tensors that stay as they are.
absl::Status ReadAdaptation(const v1::JobSpec& spec, FamilyTerms& terms) {
  terms.adaptation.frozen.assign(spec.frozen_tensors().begin(), spec.frozen_tensors().end());
  if (spec.method() == v1::METHOD_FULL) return absl::OkStatus();
  if (spec.method() != v1::METHOD_ADAPTER_FROZEN_A && spec.method() != v1::METHOD_ADAPTER_ALTERNATING) {
    return WrongJob("method must be full, adapter-frozen-a or adapter-alternating");
  }
  if (spec.adapter_rank() < 1 || spec.adapter_rank() > kMaxRank) {
    return WrongJob(absl::StrCat("adapter_rank must be 1 to ", kMaxRank, ", found ", spec.adapter_rank()));
  }
  if (!std::isfinite(spec.adapter_alpha()) || spec.adapter_alpha() <= 0) {
    return WrongJob(absl::StrCat("adapter_alpha must be above zero, found ", spec.adapter_alpha()));
  }
  terms.alternating = spec.method() == v1::METHOD_ADAPTER_ALTERNATING;
  terms.adaptation.rank = static_cast<int>(spec.adapter_rank());
  terms.adaptation.alpha = spec.adapter_alpha();
  terms.adaptation.seed = SeedFrom({"consort.adapter.v1", std::to_string(spec.seed())});
  return absl::OkStatus();
}

// The round, the last, that adds up latents; 0 for none.
absl::StatusOr<uint32_t> ReadAnalysisRound(const v1::JobSpec& spec, const Family& family) {
  if (!spec.latent_analysis()) return 0;
  if (!family.AnalysesLatents()) {
    return WrongJob(absl::StrCat("model.latent_analysis is for models with latents, not for ",
                                 family.facts().name, "; leave it out"));
  }
  if (spec.rounds() < 2) {
    return WrongJob(
        "model.latent_analysis takes the last round, which trains nothing; rounds must be at least 2");
  }
  return spec.rounds();
}

// What the job leaves at 0 is the family's own.
ModelTerms ReadModelTerms(const v1::ModelSettings& settings, const ModelTerms& defaults) {
  ModelTerms terms = defaults;
  if (settings.kl_weight() > 0) terms.kl_weight = settings.kl_weight();
  if (settings.kl_start() > 0) terms.kl_start = settings.kl_start();
  if (settings.kl_warm_up_steps() > 0) terms.kl_warm_up_steps = settings.kl_warm_up_steps();
  if (settings.adversarial_round() > 0) terms.adversarial_round = settings.adversarial_round();
  if (settings.attribute_weight() > 0) terms.attribute_weight = settings.attribute_weight();
  if (settings.attribute_sharpness() > 0) terms.attribute_sharpness = settings.attribute_sharpness();
  if (settings.components() > 0) terms.components = static_cast<int>(settings.components());
  return terms;
}

AugmentationTerms ReadAugmentations(const v1::LocalTraining& local) {
  AugmentationTerms terms;
  for (const int asked : local.augmentations()) {
    if (asked == v1::AUGMENTATION_GAIN) terms.gain = true;
    if (asked == v1::AUGMENTATION_ALL_PASS) terms.all_pass = true;
    if (asked == v1::AUGMENTATION_MUTE) terms.mute = true;
    if (asked == v1::AUGMENTATION_RESAMPLE) terms.resample = true;
    if (asked == v1::AUGMENTATION_NOISE_FLOOR) terms.noise_floor = true;
    if (asked == v1::AUGMENTATION_DEQUANTISE) terms.dequantise = true;
  }
  return terms;
}

std::vector<std::string> SortedTraditions(const v1::JobSpec& spec) {
  std::vector<std::string> traditions(spec.traditions().begin(), spec.traditions().end());
  std::sort(traditions.begin(), traditions.end());
  return traditions;
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
  if (local.validation_percent() > kMaxValidationPercent) {
    return WrongJob(absl::StrCat("validation_percent must be at most ", kMaxValidationPercent, ", found ",
                                 local.validation_percent()));
  }
  return absl::OkStatus();
}

// Copies that archives keep, and control variates: both are about gradients.
absl::Status ReadDriftTerms(const v1::JobSpec& spec, JobTerms& terms) {
  const bool personal = spec.personal().enabled(), scaffold = spec.local().scaffold();
  if ((personal || scaffold) && !terms.family->learns_by_gradients()) {
    return WrongJob(absl::StrCat(personal ? "personal" : "local.scaffold",
                                 " needs a model that learns by gradients, which ",
                                 terms.family->facts().name, " does not; leave it out"));
  }
  terms.model.scaffold = scaffold;
  if (!personal) return absl::OkStatus();
  const double lambda = spec.personal().lambda();
  if (!(lambda >= 0 && std::isfinite(lambda))) {
    return WrongJob(absl::StrCat("personal.lambda must not be negative, found ", lambda));
  }
  const uint32_t steps = spec.personal().steps() == 0 ? spec.local().steps() : spec.personal().steps();
  if (uint64_t{steps} * spec.local().batch_size() > kMaxWindows) {
    return WrongJob(absl::StrCat("personal.steps * batch_size must be at most ", kMaxWindows, ", found ",
                                 steps, " * ", spec.local().batch_size()));
  }
  terms.personal = true;
  terms.personal_lambda = lambda;
  terms.personal_steps = static_cast<int>(steps);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JobTerms> ReadJobTerms(const v1::JobSpec& spec) {
  JobTerms terms;
  ASSIGN_OR_RETURN(terms.family, FindFamily(spec.architecture()));
  const ArchitectureFacts& facts = terms.family->facts();
  RETURN_IF_ERROR(ReadAdaptation(spec, terms.model));
  RETURN_IF_ERROR(CheckLocal(spec.local(), facts));
  const uint32_t cap = spec.evaluation().max_recordings_per_tradition();
  if (cap > kMaxRecordingsPerTradition) {
    return WrongJob(absl::StrCat("max_recordings_per_tradition must be at most ", kMaxRecordingsPerTradition,
                                 ", found ", cap));
  }
  terms.model.model = ReadModelTerms(spec.model(), facts.defaults);
  terms.model.update.clip_norm = spec.clip_norm();
  terms.model.update.max_weight = spec.max_weight();
  terms.model.update.cohort_bound = spec.cohort_bound();
  terms.model.traditions = SortedTraditions(spec);
  terms.model.seed = SeedFrom({"consort.model.v1", std::to_string(spec.seed())});
  RETURN_IF_ERROR(ReadDriftTerms(spec, terms));
  ASSIGN_OR_RETURN(terms.model.analysis_round, ReadAnalysisRound(spec, *terms.family));
  RETURN_IF_ERROR(terms.family->Check(terms.model));
  terms.fit.steps = static_cast<int>(spec.local().steps());
  terms.fit.batch_size = static_cast<int>(spec.local().batch_size());
  terms.fit.window_samples = spec.local().window_samples();
  terms.fit.learning_rate = spec.local().learning_rate();
  terms.fit.proximal_mu = spec.local().proximal_mu();
  terms.fit.augmentation = ReadAugmentations(spec.local());
  terms.fit.sample_rate_hz = facts.sample_rate_hz;
  terms.recordings_per_tradition = static_cast<int>(cap == 0 ? kDefaultRecordingsPerTradition : cap);
  terms.needs_losses = spec.objective() == v1::OBJECTIVE_Q_FAIR ||
                       spec.objective() == v1::OBJECTIVE_MINIMAX || spec.objective() == v1::OBJECTIVE_NO_HARM;
  terms.validation_percent = spec.local().validation_percent();
  return terms;
}

absl::StatusOr<Manifest> ManifestFor(const JobTerms& terms, const FamilyModel& model) {
  absl::StatusOr<Manifest> manifest = Manifest::Create(model.segments(), terms.model.update);
  if (!manifest.ok()) return WrongJob(manifest.status().message());
  return manifest;
}

RoundSeeds SeedsFor(const v1::JobSpec& spec, absl::string_view job_digest, uint32_t round,
                    absl::string_view archive) {
  const std::string seed = std::to_string(spec.seed());
  const std::string number = std::to_string(round);
  return {SeedFrom({"consort.train.windows.v1", seed, job_digest, number, archive}),
          SeedFrom({"consort.train.steps.v1", seed, job_digest, number, archive}),
          SeedFrom({"consort.personal.windows.v1", seed, job_digest, number, archive}),
          SeedFrom({"consort.personal.steps.v1", seed, job_digest, number, archive})};
}

}  // namespace consort::trainer
