#include "coordinator/jobs/spec_check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/digest.h"

namespace consort::coordinator {
namespace {

constexpr size_t kMaxNameBytes = 320;  // 80 characters of four bytes
constexpr size_t kMaxNameCharacters = 80;
constexpr int kMaxTraditions = 64;
constexpr uint32_t kMaxRounds = 10'000;
constexpr uint32_t kMaxLocalSteps = 1'000'000;
constexpr uint32_t kMaxBatch = 4'096;
constexpr uint32_t kMaxWindowSamples = 1 << 24;
constexpr uint32_t kMaxAdapterRank = 64;
constexpr uint32_t kMaxWeight = 1'000'000;
constexpr uint32_t kMaxSeconds = 30 * 24 * 3600;
constexpr double kMaxFairness = 10;
constexpr double kMaxMinimaxRate = 10;
constexpr double kMaxNoHarmRate = 1000;
constexpr uint64_t kMaxValidationPercent = 50;
constexpr int kMaxFrozenPatterns = 64;
constexpr size_t kMaxPatternBytes = 256;
constexpr uint32_t kMaxComponents = 64;
constexpr double kMaxLambda = 1e6;
constexpr uint32_t kMaxScaffoldCohort = 2047;   // more would make control variates too coarse
constexpr uint64_t kRingLimit = 2'147'483'647;  // 2^31 - 1

// Collects one sentence for each field that is wrong.
class Problems {
 public:
  void Unless(bool good, absl::string_view field, absl::string_view found, absl::string_view expected) {
    if (!good) list_.push_back(absl::StrCat(field, " is ", found, "; expected ", expected));
  }
  void Range(absl::string_view field, uint64_t value, uint64_t low, uint64_t high) {
    Unless(value >= low && value <= high, field, absl::StrCat(value), absl::StrCat(low, " to ", high));
  }
  void Positive(absl::string_view field, double value) {
    Unless(std::isfinite(value) && value > 0, field, absl::StrCat(value), "a finite number above 0");
  }
  void Fraction(absl::string_view field, double value) {
    Unless(value >= 0 && value < 1, field, absl::StrCat(value), "at least 0 and below 1");
  }
  std::vector<std::string> Take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

// Characters, for UTF-8 that protobuf has checked already.
size_t Characters(absl::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

bool IsWord(absl::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text) {
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.') return false;
  }
  return true;
}

bool IsPlainText(absl::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return true;
}

void CheckSubject(const v1::JobSpec& spec, Problems& problems) {
  problems.Unless(!spec.name().empty() && spec.name().size() <= kMaxNameBytes &&
                      Characters(spec.name()) <= kMaxNameCharacters && IsPlainText(spec.name()),
                  "name", absl::StrCat(Characters(spec.name()), " characters"),
                  "1 to 80 characters without control characters");
  problems.Unless(DigestFromHex(spec.base_model_digest()).ok(), "base_model_digest",
                  absl::StrCat(spec.base_model_digest().size(), " characters"),
                  "the 64 lower-case hex digits that `consort artifact put` printed");
  problems.Unless(IsWord(spec.architecture()), "architecture", absl::StrCat("\"", spec.architecture(), "\""),
                  "a name in the trainer's registry such as \"rave-tiny\"");
  problems.Unless(IsWord(spec.purpose()), "purpose", absl::StrCat("\"", spec.purpose(), "\""),
                  "a purpose such as \"train.generative\"");
  problems.Unless(spec.traditions_size() <= kMaxTraditions, "traditions",
                  absl::StrCat(spec.traditions_size()), absl::StrCat("at most ", kMaxTraditions));
  std::set<std::string> seen;
  for (const std::string& tradition : spec.traditions()) {
    problems.Unless(!tradition.empty() && tradition.size() <= kMaxNameBytes && IsPlainText(tradition),
                    "traditions", "a name that is empty, too long or holds control characters",
                    "1 to 80 characters each");
    problems.Unless(seen.insert(tradition).second, "traditions", absl::StrCat("\"", tradition, "\" twice"),
                    "each tradition once");
  }
}

// What an objective asks for; settings of another one would be silently without effect.
void CheckObjective(const v1::JobSpec& spec, Problems& problems) {
  const v1::Objective objective = spec.objective();
  problems.Unless(v1::Objective_IsValid(objective), "objective", absl::StrCat(objective),
                  "weighted, q-fair, minimax or no-harm");
  if (objective == v1::OBJECTIVE_Q_FAIR) {
    problems.Unless(spec.fairness() >= 0 && spec.fairness() <= kMaxFairness, "fairness",
                    absl::StrCat(spec.fairness()), absl::StrCat("0 to ", kMaxFairness));
  } else {
    problems.Unless(spec.fairness() == 0, "fairness", "set", "nothing, since the objective is not q-fair");
  }
  if (objective == v1::OBJECTIVE_MINIMAX || objective == v1::OBJECTIVE_NO_HARM) {
    const double most = objective == v1::OBJECTIVE_MINIMAX ? kMaxMinimaxRate : kMaxNoHarmRate;
    problems.Unless(spec.minimax_rate() > 0 && spec.minimax_rate() <= most, "minimax_rate",
                    absl::StrCat(spec.minimax_rate()), absl::StrCat("above 0, at most ", most));
  } else {
    problems.Unless(spec.minimax_rate() == 0, "minimax_rate", "set",
                    "nothing, since the objective is neither minimax nor no-harm");
  }
}

void CheckModelSettings(const v1::JobSpec& spec, Problems& problems) {
  problems.Unless(spec.frozen_tensors_size() <= kMaxFrozenPatterns, "frozen_tensors",
                  absl::StrCat(spec.frozen_tensors_size()), absl::StrCat("at most ", kMaxFrozenPatterns));
  for (const std::string& pattern : spec.frozen_tensors()) {
    problems.Unless(!pattern.empty() && pattern.size() <= kMaxPatternBytes && IsPlainText(pattern),
                    "frozen_tensors", "a pattern that is empty, too long or holds control characters",
                    "names of tensors such as \"encoder.*\"");
  }
  const v1::ModelSettings& model = spec.model();
  const std::pair<const char*, double> reals[] = {{"model.kl_weight", model.kl_weight()},
                                                  {"model.kl_start", model.kl_start()},
                                                  {"model.attribute_weight", model.attribute_weight()},
                                                  {"model.attribute_sharpness", model.attribute_sharpness()}};
  for (const auto& [field, value] : reals) {
    problems.Unless(std::isfinite(value) && value >= 0, field, absl::StrCat(value), "0 or more");
  }
  problems.Range("model.components", model.components(), 0, kMaxComponents);
  problems.Range("model.adversarial_round", model.adversarial_round(), 0, kMaxRounds);
}

void CheckTraining(const v1::JobSpec& spec, Problems& problems) {
  const bool adapters =
      spec.method() == v1::METHOD_ADAPTER_FROZEN_A || spec.method() == v1::METHOD_ADAPTER_ALTERNATING;
  problems.Unless(adapters || spec.method() == v1::METHOD_FULL, "method", v1::Method_Name(spec.method()),
                  "full, adapter-frozen-a or adapter-alternating");
  if (adapters) {
    problems.Range("adapter_rank", spec.adapter_rank(), 1, kMaxAdapterRank);
    problems.Positive("adapter_alpha", spec.adapter_alpha());
  } else {
    problems.Unless(spec.adapter_rank() == 0 && spec.adapter_alpha() == 0, "adapter_rank or adapter_alpha",
                    "set", "neither, since the method uses no adapter");
  }
  problems.Range("local.steps", spec.local().steps(), 1, kMaxLocalSteps);
  problems.Range("local.batch_size", spec.local().batch_size(), 1, kMaxBatch);
  problems.Range("local.window_samples", spec.local().window_samples(), 1, kMaxWindowSamples);
  problems.Positive("local.learning_rate", spec.local().learning_rate());
  problems.Unless(std::isfinite(spec.local().proximal_mu()) && spec.local().proximal_mu() >= 0,
                  "local.proximal_mu", absl::StrCat(spec.local().proximal_mu()),
                  "a finite number of at least 0");
  problems.Range("local.validation_percent", spec.local().validation_percent(), 0, kMaxValidationPercent);
  for (const int augmentation : spec.local().augmentations()) {
    problems.Unless(augmentation != 0 && v1::Augmentation_IsValid(augmentation), "local.augmentations",
                    absl::StrCat(augmentation), "gain, all-pass, mute, resample, noise-floor or dequantise");
  }
  problems.Unless(v1::Selection_IsValid(spec.local().selection()), "local.selection",
                  absl::StrCat(spec.local().selection()), "all, k-centre or herding");
}

// Copies that archives keep.
void CheckPersonal(const v1::Personal& personal, Problems& problems) {
  if (!personal.enabled()) {
    problems.Unless(personal.lambda() == 0 && personal.steps() == 0, "personal.lambda or personal.steps",
                    "set", "neither, since personal.enabled is not");
    return;
  }
  problems.Unless(personal.lambda() >= 0 && personal.lambda() <= kMaxLambda, "personal.lambda",
                  absl::StrCat(personal.lambda()), absl::StrCat("0 to ", kMaxLambda));
  problems.Range("personal.steps", personal.steps(), 0, kMaxLocalSteps);
}

// Control variates correct towards the plain mean over archives: other weights would silently have no say in
// where the model ends. Factors that take turns would be corrected by what was true two rounds ago.
void CheckScaffold(const v1::JobSpec& spec, Problems& problems) {
  if (!spec.local().scaffold()) return;
  problems.Unless(spec.method() != v1::METHOD_ADAPTER_ALTERNATING, "local.scaffold",
                  "set with the method adapter-alternating",
                  "adapter-frozen-a or full: control variates of a factor would be two rounds old");
  const bool plain_mean =
      spec.weighting() == v1::WEIGHTING_ARCHIVE &&
      (spec.objective() == v1::OBJECTIVE_UNSPECIFIED || spec.objective() == v1::OBJECTIVE_WEIGHTED);
  problems.Unless(
      plain_mean, "local.scaffold", "set with a weighting or objective of its own",
      "weighting archive and objective weighted: control variates make the plain mean over archives "
      "small, whatever the weights are");
  problems.Unless(spec.cohort_bound() <= kMaxScaffoldCohort, "cohort_bound",
                  absl::StrCat(spec.cohort_bound()),
                  absl::StrCat("at most ", kMaxScaffoldCohort, " with local.scaffold"));
}

void CheckStrategy(const v1::JobSpec& spec, Problems& problems) {
  const v1::Strategy strategy = spec.strategy();
  problems.Unless(strategy != v1::STRATEGY_UNSPECIFIED && v1::Strategy_IsValid(strategy), "strategy",
                  v1::Strategy_IsValid(strategy) ? v1::Strategy_Name(strategy) : absl::StrCat(strategy),
                  "fedavg, fedavgm or fedadam");
  problems.Positive("server_learning_rate", spec.server_learning_rate());
  if (strategy == v1::STRATEGY_FEDAVG) {
    problems.Unless(spec.server_momentum() == 0 && spec.server_beta2() == 0 && spec.server_epsilon() == 0,
                    "server_momentum, server_beta2 or server_epsilon", "set", "none of them with fedavg");
  } else {
    problems.Fraction("server_momentum", spec.server_momentum());
  }
  if (strategy == v1::STRATEGY_FEDADAM) {
    problems.Fraction("server_beta2", spec.server_beta2());
    problems.Positive("server_epsilon", spec.server_epsilon());
  }
  problems.Unless(spec.weighting() != v1::WEIGHTING_UNSPECIFIED && v1::Weighting_IsValid(spec.weighting()),
                  "weighting", absl::StrCat(spec.weighting()), "examples, archive or tradition");
  problems.Unless(spec.privacy() == v1::PRIVACY_MODE_PLAIN, "privacy", absl::StrCat(spec.privacy()), "plain");
}

void CheckRound(const v1::JobSpec& spec, Problems& problems) {
  problems.Range("rounds", spec.rounds(), 1, kMaxRounds);
  problems.Unless(!spec.latent_analysis() || spec.rounds() >= 2, "rounds", absl::StrCat(spec.rounds()),
                  "at least 2, since with latent_analysis the last round trains nothing");
  problems.Positive("clip_norm", spec.clip_norm());
  problems.Range("max_weight", spec.max_weight(), 1, kMaxWeight);
  problems.Range("cohort_bound", spec.cohort_bound(), 1, kRingLimit);
  problems.Unless(static_cast<uint64_t>(spec.cohort_bound()) * spec.max_weight() <= kRingLimit,
                  "cohort_bound times max_weight",
                  absl::StrCat(static_cast<uint64_t>(spec.cohort_bound()) * spec.max_weight()),
                  "at most 2147483647, so that no sum of weights overflows");
  problems.Range("quorum", spec.quorum(), 1, std::max<uint64_t>(spec.cohort_bound(), 1));
  problems.Range("recruiting_seconds", spec.recruiting_seconds(), 1, kMaxSeconds);
  problems.Range("deadline_seconds", spec.deadline_seconds(), 1, kMaxSeconds);
  problems.Range("grace_seconds", spec.grace_seconds(), 0, spec.deadline_seconds());
  problems.Range("stall_seconds", spec.stall_seconds(), 1, kMaxSeconds);
  problems.Range("evaluation.every_rounds", spec.evaluation().every_rounds(), 0, kMaxRounds);
  problems.Range("evaluation.max_recordings_per_tradition", spec.evaluation().max_recordings_per_tradition(),
                 0, kMaxScoresPerTradition);
  const double level = spec.evaluation().interval_level();
  problems.Unless(level >= 0.5 && level <= 0.999, "evaluation.interval_level", absl::StrCat(level),
                  "0.5 to 0.999, for example 0.95");
}

}  // namespace

std::vector<std::string> ProblemsOf(const v1::JobSpec& spec) {
  Problems problems;
  CheckSubject(spec, problems);
  CheckTraining(spec, problems);
  CheckPersonal(spec.personal(), problems);
  CheckScaffold(spec, problems);
  CheckModelSettings(spec, problems);
  CheckObjective(spec, problems);
  CheckStrategy(spec, problems);
  CheckRound(spec, problems);
  return problems.Take();
}

absl::StatusOr<v1::JobSpec> ParseSpec(absl::string_view bytes) {
  v1::JobSpec spec;
  if (bytes.size() > kMaxSpecBytes || !spec.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the job spec cannot be read; submit it with the consort command line tool of this version: ",
        bytes.size(), " bytes, at most ", kMaxSpecBytes));
  }
  const std::vector<std::string> problems = ProblemsOf(spec);
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the job cannot run as it is written; correct and submit again: ", absl::StrJoin(problems, "; ")));
  }
  return spec;
}

uint32_t ScoresPerTradition(const v1::JobSpec& spec) {
  const uint32_t cap = spec.evaluation().max_recordings_per_tradition();
  return cap == 0 ? kDefaultScoresPerTradition : cap;
}

uint32_t PersonalSteps(const v1::JobSpec& spec) {
  if (!spec.personal().enabled()) return 0;
  return spec.personal().steps() == 0 ? spec.local().steps() : spec.personal().steps();
}

bool EvaluatesAfter(const v1::JobSpec& spec, uint32_t round) {
  const uint32_t every = spec.evaluation().every_rounds();
  return round >= spec.rounds() || (every > 0 && round % every == 0);
}

}  // namespace consort::coordinator
