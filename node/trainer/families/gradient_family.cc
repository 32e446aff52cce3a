#include "node/trainer/families/gradient_family.h"

#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/trainer/training/latent_walk.h"
#include "node/trainer/training/local_training.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {
namespace {

// Windows of one round, exact as float32; the bound of the statistic of their number.
constexpr double kMaxWindows = 1 << 20;

absl::Status NotOffered(absl::string_view name, absl::string_view what) {
  return absl::UnimplementedError(absl::StrCat("not-offered: ", name, " does not ", what));
}

std::vector<WindowSource> SourcesOf(const std::vector<Repertoire::Entry>& entries) {
  std::map<std::string, size_t> groups;
  std::vector<WindowSource> sources;
  for (const Repertoire::Entry& entry : entries) {
    const size_t group = groups.emplace(entry.tradition, groups.size()).first->second;
    sources.push_back({entry.samples, entry.share, group});
  }
  return sources;
}

class GradientModel final : public FamilyModel {
 public:
  GradientModel(const ArchitectureFacts& facts, const FamilyTerms& terms, std::unique_ptr<Model> model)
      : facts_(facts), terms_(terms.model), model_(std::move(model)) {}

  absl::StatusOr<Fitted> Fit(const FitContext& context) override {
    WindowSampler sampler(SourcesOf(context.repertoire.entries()), context.terms.window_samples,
                          context.terms.windows_seed,
                          [&context](size_t entry, int64_t begin, int64_t samples) {
                            return context.repertoire.Read(entry, begin, samples);
                          });
    if (context.local != nullptr) RETURN_IF_ERROR(model_->LoadLocal(*context.local));
    const TrainingHooks hooks = {
        [&context](int done, double loss) { context.progress(done, context.terms.steps, loss); },
        context.stop, context.checkpoint};
    absl::StatusOr<TrainingOutcome> outcome = TrainLocally(*model_, sampler, context.terms, terms_, hooks);
    for (size_t i = 0; i < sampler.windows().size(); ++i) context.repertoire.Heard(i, sampler.windows()[i]);
    RETURN_IF_ERROR(outcome.status());
    if (context.local != nullptr) {
      ASSIGN_OR_RETURN(*context.local, model_->SaveLocal());
    }
    Fitted fitted;
    fitted.deltas = std::move(outcome->deltas);
    fitted.windows = static_cast<uint64_t>(context.terms.steps) * context.terms.batch_size;
    fitted.statistics = {static_cast<float>(fitted.windows)};
    fitted.first_loss = outcome->first_loss;
    fitted.last_loss = outcome->last_loss;
    return fitted;
  }

  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float> audio) override {
    return model_->Encode(audio);
  }
  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) override {
    return model_->Reconstruct(audio);
  }
  absl::StatusOr<std::vector<float>> Generate(double seconds, uint64_t seed) override {
    const auto frames = static_cast<int64_t>(std::ceil(seconds * facts_.sample_rate_hz / facts_.hop));
    return model_->Decode(LatentWalk(facts_.latent_size, frames, seed), seed);
  }
  const std::vector<std::string>& classes() const override { return classes_; }
  absl::StatusOr<std::vector<double>> Classify(absl::Span<const float>) override {
    return NotOffered(facts_.name, "classify");
  }

  std::vector<Segment> segments() const override {
    std::vector<Segment> segments;
    for (const NamedTensor& tensor : model_->trainable()) {
      segments.push_back({tensor.name, tensor.shape, SegmentKind::kDelta});
    }
    segments.push_back({"statistics/windows", {1}, SegmentKind::kStatistic, /*quantum=*/1, kMaxWindows});
    return segments;
  }

  absl::StatusOr<std::string> Describe() const override {
    int64_t trained = 0;
    nlohmann::json tensors = nlohmann::json::array();
    for (const NamedTensor& tensor : model_->trainable()) {
      trained += tensor.size();
      tensors.push_back({{"name", tensor.name}, {"shape", tensor.shape}});
    }
    return nlohmann::json({{"family", facts_.name},
                           {"parameters", trained},
                           {"sample_rate_hz", facts_.sample_rate_hz},
                           {"latent_size", facts_.latent_size},
                           {"hop_samples", facts_.hop},
                           {"trained", std::move(tensors)}})
        .dump();
  }
  absl::StatusOr<std::string> SaveState(const Metadata& metadata) const override {
    return model_->SaveState(metadata);
  }
  absl::StatusOr<std::string> Export(const Metadata& metadata) const override {
    return model_->SaveMerged(metadata);
  }

 private:
  const ArchitectureFacts& facts_;
  const ModelTerms terms_;
  const std::unique_ptr<Model> model_;
  const std::vector<std::string> classes_;
};

class GradientFamily final : public Family {
 public:
  explicit GradientFamily(const Architecture& architecture) : architecture_(architecture) {}

  const ArchitectureFacts& facts() const override { return architecture_.facts(); }

  absl::Status Check(const FamilyTerms& terms) const override {
    if (terms.model.components != 0) {
      return absl::InvalidArgumentError(absl::StrCat("wrong-job: model.components is for mixtures, not for ",
                                                     facts().name, "; leave it out"));
    }
    return absl::OkStatus();
  }
  int Turns(const FamilyTerms& terms) const override { return terms.alternating ? 2 : 1; }

  absl::StatusOr<std::unique_ptr<FamilyModel>> Load(const FamilyTerms& terms, uint32_t round,
                                                    absl::string_view base,
                                                    absl::string_view state) const override {
    std::string untrained;
    if (base.empty() && terms.adaptation.rank > 0) {
      return absl::InvalidArgumentError(
          "wrong-job: an adapter needs a base model; name one, or use the method full");
    }
    if (base.empty()) {
      ASSIGN_OR_RETURN(const std::unique_ptr<Model> drawn, architecture_.Initialise(terms.seed));
      ASSIGN_OR_RETURN(untrained, drawn->SaveMerged({}));
      base = untrained;
    }
    Adaptation adaptation = terms.adaptation;
    adaptation.trained = terms.alternating && round % 2 == 0 ? Factor::kA : Factor::kB;
    ASSIGN_OR_RETURN(std::unique_ptr<Model> model, architecture_.Load(base, state, adaptation));
    return std::make_unique<GradientModel>(facts(), terms, std::move(model));
  }

 private:
  const Architecture& architecture_;
};

}  // namespace

std::unique_ptr<const Family> MakeGradientFamily(const Architecture& architecture) {
  return std::make_unique<GradientFamily>(architecture);
}

}  // namespace consort::trainer
