#include "cli/job_file.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/enum_word.h"
#include "common/config/document.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

constexpr int64_t kMaxSeconds = 30 * 24 * 3600;  // a round that takes longer than a month is a mistake
constexpr RealRange kPositive = {std::numeric_limits<double>::min(), std::numeric_limits<double>::max()};
constexpr RealRange kFraction = {0, 0.999999999};

// Reads a value that is one of an enum's words.
template <class Enum>
absl::StatusOr<Enum> ReadWord(ConfigDocument& file, absl::string_view section, absl::string_view key,
                              const std::string& fallback) {
  ASSIGN_OR_RETURN(const std::string word, file.String(section, key, fallback));
  absl::StatusOr<Enum> value = FromWord<Enum>(word);
  if (!value.ok()) return file.Refuse(section, key, value.status().message());
  return value;
}

absl::StatusOr<uint32_t> ReadCount(ConfigDocument& file, absl::string_view section, absl::string_view key,
                                   std::optional<int64_t> fallback, IntegerRange range,
                                   absl::string_view unit) {
  ASSIGN_OR_RETURN(const int64_t value, file.Integer(section, key, fallback, range, unit));
  return static_cast<uint32_t>(value);
}

absl::Status ReadJob(ConfigDocument& file, v1::JobSpec& spec) {
  ASSIGN_OR_RETURN(*spec.mutable_name(), file.String("job", "name"));
  ASSIGN_OR_RETURN(*spec.mutable_purpose(), file.String("job", "purpose", "train.generative"));
  ASSIGN_OR_RETURN(const auto traditions, file.Strings("job", "traditions", std::vector<std::string>{}));
  spec.mutable_traditions()->Assign(traditions.begin(), traditions.end());
  ASSIGN_OR_RETURN(const uint32_t rounds,
                   ReadCount(file, "job", "rounds", std::nullopt, {1, 10000}, "rounds"));
  spec.set_rounds(rounds);
  ASSIGN_OR_RETURN(const int64_t seed, file.Integer("job", "seed", 1, {0}, ""));
  spec.set_seed(static_cast<uint64_t>(seed));
  return absl::OkStatus();
}

// Settings that some families take; left out, the family's own value holds.
absl::Status ReadModelSettings(ConfigDocument& file, v1::ModelSettings& model) {
  ASSIGN_OR_RETURN(const double kl_weight, file.Real("model", "kl_weight", 0, {0}, ""));
  model.set_kl_weight(kl_weight);
  ASSIGN_OR_RETURN(const double kl_start, file.Real("model", "kl_start", 0, {0}, ""));
  model.set_kl_start(kl_start);
  ASSIGN_OR_RETURN(const uint32_t warm_up,
                   ReadCount(file, "model", "kl_warm_up_steps", 0, {0, 1 << 30}, "steps"));
  model.set_kl_warm_up_steps(warm_up);
  ASSIGN_OR_RETURN(const uint32_t adversarial,
                   ReadCount(file, "model", "adversarial_round", 0, {0, 10000}, "rounds"));
  model.set_adversarial_round(adversarial);
  ASSIGN_OR_RETURN(const double attribute, file.Real("model", "attribute_weight", 0, {0}, ""));
  model.set_attribute_weight(attribute);
  ASSIGN_OR_RETURN(const double sharpness, file.Real("model", "attribute_sharpness", 0, {0}, ""));
  model.set_attribute_sharpness(sharpness);
  ASSIGN_OR_RETURN(const uint32_t components,
                   ReadCount(file, "model", "components", 0, {0, 64}, "of each tradition"));
  model.set_components(components);
  return absl::OkStatus();
}

absl::Status ReadModel(ConfigDocument& file, v1::JobSpec& spec) {
  ASSIGN_OR_RETURN(*spec.mutable_base_model_digest(), file.String("model", "base"));
  ASSIGN_OR_RETURN(*spec.mutable_architecture(), file.String("model", "architecture"));
  ASSIGN_OR_RETURN(const auto method, ReadWord<v1::Method>(file, "model", "method", "full"));
  spec.set_method(method);
  ASSIGN_OR_RETURN(const auto frozen, file.Strings("model", "frozen", std::vector<std::string>{}));
  spec.mutable_frozen_tensors()->Assign(frozen.begin(), frozen.end());
  RETURN_IF_ERROR(ReadModelSettings(file, *spec.mutable_model()));
  ASSIGN_OR_RETURN(const bool latent_analysis, file.Bool("model", "latent_analysis", false));
  spec.set_latent_analysis(latent_analysis);
  if (method == v1::METHOD_FULL) return absl::OkStatus();
  ASSIGN_OR_RETURN(const uint32_t rank, ReadCount(file, "model", "adapter_rank", 8, {1, 64}, ""));
  spec.set_adapter_rank(rank);
  ASSIGN_OR_RETURN(const double alpha, file.Real("model", "adapter_alpha", rank, kPositive, ""));
  spec.set_adapter_alpha(alpha);
  return absl::OkStatus();
}

// What is trained on, and what is done to it before.
absl::Status ReadMaterial(ConfigDocument& file, v1::LocalTraining& local) {
  ASSIGN_OR_RETURN(const uint32_t validation,
                   ReadCount(file, "local", "validation_percent", 0, {0, 50}, "% of each recording"));
  local.set_validation_percent(validation);
  ASSIGN_OR_RETURN(const auto words, file.Strings("local", "augmentations", std::vector<std::string>{}));
  for (const std::string& word : words) {
    const absl::StatusOr<v1::Augmentation> augmentation = FromWord<v1::Augmentation>(word);
    if (!augmentation.ok()) return file.Refuse("local", "augmentations", augmentation.status().message());
    local.add_augmentations(*augmentation);
  }
  ASSIGN_OR_RETURN(const auto selection, ReadWord<v1::Selection>(file, "local", "selection", "all"));
  local.set_selection(selection);
  if (selection == v1::SELECTION_ALL) return absl::OkStatus();
  ASSIGN_OR_RETURN(const uint32_t most, ReadCount(file, "local", "max_training_seconds", std::nullopt,
                                                  {1, 1 << 30}, "s a tradition"));
  local.set_max_training_seconds(most);
  return absl::OkStatus();
}

absl::Status ReadLocal(ConfigDocument& file, v1::LocalTraining& local) {
  ASSIGN_OR_RETURN(const uint32_t steps,
                   ReadCount(file, "local", "steps", std::nullopt, {1, 1000000}, "steps a round"));
  local.set_steps(steps);
  ASSIGN_OR_RETURN(const uint32_t batch, ReadCount(file, "local", "batch_size", 4, {1, 4096}, "windows"));
  local.set_batch_size(batch);
  ASSIGN_OR_RETURN(const uint32_t window,
                   ReadCount(file, "local", "window_samples", std::nullopt, {1, 1 << 24}, "samples"));
  local.set_window_samples(window);
  ASSIGN_OR_RETURN(const double rate,
                   file.Real("local", "learning_rate", std::nullopt, kPositive, "per step"));
  local.set_learning_rate(rate);
  ASSIGN_OR_RETURN(const double mu, file.Real("local", "proximal_mu", 0, {0}, ""));
  local.set_proximal_mu(mu);
  ASSIGN_OR_RETURN(const bool scaffold, file.Bool("local", "scaffold", false));
  local.set_scaffold(scaffold);
  return ReadMaterial(file, local);
}

// Copies that archives train for themselves and keep.
absl::Status ReadPersonal(ConfigDocument& file, v1::JobSpec& spec) {
  ASSIGN_OR_RETURN(const bool enabled, file.Bool("personal", "enabled", false));
  if (!enabled) return absl::OkStatus();
  v1::Personal& personal = *spec.mutable_personal();
  personal.set_enabled(true);
  ASSIGN_OR_RETURN(const double lambda, file.Real("personal", "lambda", 0.1, {0, 1e6}, ""));
  personal.set_lambda(lambda);
  ASSIGN_OR_RETURN(const uint32_t steps,
                   ReadCount(file, "personal", "steps", 0, {0, 1000000}, "steps a round"));
  personal.set_steps(steps);
  return absl::OkStatus();
}

absl::Status ReadServer(ConfigDocument& file, v1::JobSpec& spec) {
  ASSIGN_OR_RETURN(const auto strategy, ReadWord<v1::Strategy>(file, "aggregation", "strategy", "fedavg"));
  spec.set_strategy(strategy);
  ASSIGN_OR_RETURN(const double rate,
                   file.Real("aggregation", "server_learning_rate", 1, kPositive, "per round"));
  spec.set_server_learning_rate(rate);
  if (strategy != v1::STRATEGY_FEDAVG) {
    ASSIGN_OR_RETURN(const double momentum, file.Real("aggregation", "server_momentum", 0.9, kFraction, ""));
    spec.set_server_momentum(momentum);
  }
  if (strategy == v1::STRATEGY_FEDADAM) {
    ASSIGN_OR_RETURN(const double beta2, file.Real("aggregation", "server_beta2", 0.99, kFraction, ""));
    spec.set_server_beta2(beta2);
    ASSIGN_OR_RETURN(const double epsilon, file.Real("aggregation", "server_epsilon", 0.001, kPositive, ""));
    spec.set_server_epsilon(epsilon);
  }
  return absl::OkStatus();
}

absl::Status ReadAggregation(ConfigDocument& file, v1::JobSpec& spec) {
  RETURN_IF_ERROR(ReadServer(file, spec));
  ASSIGN_OR_RETURN(const auto weighting,
                   ReadWord<v1::Weighting>(file, "aggregation", "weighting", "examples"));
  spec.set_weighting(weighting);
  ASSIGN_OR_RETURN(const auto objective,
                   ReadWord<v1::Objective>(file, "aggregation", "objective", "weighted"));
  spec.set_objective(objective);
  if (objective == v1::OBJECTIVE_Q_FAIR) {
    ASSIGN_OR_RETURN(const double fairness, file.Real("aggregation", "fairness", 1, {0, 10}, ""));
    spec.set_fairness(fairness);
  }
  if (objective == v1::OBJECTIVE_MINIMAX) {
    ASSIGN_OR_RETURN(const double rate, file.Real("aggregation", "minimax_rate", 1, {1e-9, 10}, ""));
    spec.set_minimax_rate(rate);
  }
  if (objective == v1::OBJECTIVE_NO_HARM) {
    ASSIGN_OR_RETURN(const double rate, file.Real("aggregation", "no_harm_rate", 100, {1e-9, 1000}, ""));
    spec.set_minimax_rate(rate);
  }
  ASSIGN_OR_RETURN(const auto privacy, ReadWord<v1::PrivacyMode>(file, "aggregation", "privacy", "plain"));
  spec.set_privacy(privacy);
  ASSIGN_OR_RETURN(const double clip,
                   file.Real("aggregation", "clip_norm", std::nullopt, kPositive, "L2 norm"));
  spec.set_clip_norm(clip);
  ASSIGN_OR_RETURN(const uint32_t weight,
                   ReadCount(file, "aggregation", "max_weight", 3600, {1, 1000000}, "seconds"));
  spec.set_max_weight(weight);
  ASSIGN_OR_RETURN(const uint32_t cohort,
                   ReadCount(file, "aggregation", "cohort_bound", 64, {1, 1000000}, "archives"));
  spec.set_cohort_bound(cohort);
  return absl::OkStatus();
}

absl::Status ReadRound(ConfigDocument& file, v1::JobSpec& spec) {
  ASSIGN_OR_RETURN(const uint32_t quorum,
                   ReadCount(file, "round", "quorum", std::nullopt, {1, 1000000}, "updates"));
  spec.set_quorum(quorum);
  const IntegerRange seconds = {1, kMaxSeconds};
  ASSIGN_OR_RETURN(const uint32_t recruiting,
                   ReadCount(file, "round", "recruiting_seconds", 30, seconds, "s"));
  spec.set_recruiting_seconds(recruiting);
  ASSIGN_OR_RETURN(const uint32_t grace,
                   ReadCount(file, "round", "grace_seconds", 60, {0, kMaxSeconds}, "s"));
  spec.set_grace_seconds(grace);
  ASSIGN_OR_RETURN(const uint32_t deadline, ReadCount(file, "round", "deadline_seconds", 3600, seconds, "s"));
  spec.set_deadline_seconds(deadline);
  ASSIGN_OR_RETURN(const uint32_t stall, ReadCount(file, "round", "stall_seconds", 120, seconds, "s"));
  spec.set_stall_seconds(stall);
  return absl::OkStatus();
}

absl::Status ReadEvaluation(ConfigDocument& file, v1::Evaluation& evaluation) {
  ASSIGN_OR_RETURN(const uint32_t every,
                   ReadCount(file, "evaluation", "every_rounds", 1, {0, 10000}, "rounds"));
  evaluation.set_every_rounds(every);
  ASSIGN_OR_RETURN(const uint32_t most,
                   ReadCount(file, "evaluation", "max_recordings_per_tradition", 32, {0, 64}, "recordings"));
  evaluation.set_max_recordings_per_tradition(most);
  ASSIGN_OR_RETURN(const double level, file.Real("evaluation", "interval_level", 0.95, {0.5, 0.999}, ""));
  evaluation.set_interval_level(level);
  return absl::OkStatus();
}

absl::StatusOr<v1::JobSpec> SpecOf(absl::StatusOr<ConfigDocument> document, const std::string& base_model) {
  if (!document.ok()) return document.status();
  if (!base_model.empty()) document->Override("model", "base", base_model);
  v1::JobSpec spec;
  RETURN_IF_ERROR(ReadJob(*document, spec));
  RETURN_IF_ERROR(ReadModel(*document, spec));
  RETURN_IF_ERROR(ReadLocal(*document, *spec.mutable_local()));
  RETURN_IF_ERROR(ReadPersonal(*document, spec));
  RETURN_IF_ERROR(ReadAggregation(*document, spec));
  RETURN_IF_ERROR(ReadRound(*document, spec));
  RETURN_IF_ERROR(ReadEvaluation(*document, *spec.mutable_evaluation()));
  RETURN_IF_ERROR(document->RefuseUnknown());
  return spec;
}

}  // namespace

absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path, const std::string& base_model) {
  return SpecOf(ConfigDocument::Read(path, NoEnvironment()), base_model);
}

absl::StatusOr<v1::JobSpec> ParseJobFile(absl::string_view text, absl::string_view name,
                                         const std::string& base_model) {
  return SpecOf(ConfigDocument::Parse(text, name, NoEnvironment()), base_model);
}

}  // namespace consort::cli
