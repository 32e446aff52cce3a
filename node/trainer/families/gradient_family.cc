#include "node/trainer/families/gradient_family.h"

#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/trainer/training/control_variates.h"
#include "node/trainer/training/latent_walk.h"
#include "node/trainer/training/local_training.h"
#include "node/trainer/training/state_tensors.h"
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

template <typename T>
void Append(const std::vector<T>& more, std::vector<T>& values) {
  values.insert(values.end(), more.begin(), more.end());
}

class GradientModel final : public FamilyModel {
 public:
  // `control`: null without SCAFFOLD.
  GradientModel(const ArchitectureFacts& facts, const FamilyTerms& terms, std::unique_ptr<Model> model,
                std::unique_ptr<ControlVariates> control)
      : facts_(facts), terms_(terms.model), model_(std::move(model)), control_(std::move(control)) {}

  absl::StatusOr<Fitted> Fit(const FitContext& context) override {
    WindowSampler sampler(SourcesOf(context.repertoire.entries()), context.terms.window_samples,
                          context.terms.windows_seed,
                          [&context](size_t entry, int64_t begin, int64_t samples) {
                            return context.repertoire.Read(entry, begin, samples);
                          });
    Steering steering;
    std::vector<float> anchor;
    RETURN_IF_ERROR(Begin(context, anchor, steering));
    const TrainingHooks hooks = {
        [&context](int done, double loss) { context.progress(done, context.terms.steps, loss); },
        context.stop, context.checkpoint};
    absl::StatusOr<TrainingOutcome> outcome =
        TrainLocally(*model_, sampler, context.terms, terms_, hooks, steering);
    for (size_t i = 0; i < sampler.windows().size(); ++i) context.repertoire.Heard(i, sampler.windows()[i]);
    RETURN_IF_ERROR(outcome.status());
    if (control_ != nullptr) RETURN_IF_ERROR(control_->Learn(*outcome));
    if (context.local != nullptr) {
      ASSIGN_OR_RETURN(*context.local, SaveLocal());
    }
    Fitted fitted;
    fitted.deltas = std::move(outcome->deltas);
    fitted.windows = static_cast<uint64_t>(context.terms.steps) * context.terms.batch_size;
    fitted.statistics = {static_cast<float>(fitted.windows)};
    if (control_ != nullptr) Append(control_->Statistics(), fitted.statistics);
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
    if (control_ != nullptr) Append(control_->Segments(), segments);
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
    if (control_ == nullptr) return model_->SaveState(metadata);
    ASSIGN_OR_RETURN(const std::string state, model_->SaveState(metadata));
    return control_->AddTo(state);
  }
  absl::StatusOr<std::string> Export(const Metadata& metadata) const override {
    return model_->SaveMerged(metadata);
  }

 private:
  // What the archive kept, and what steers the steps. `anchor` is what `steering` borrows.
  absl::Status Begin(const FitContext& context, std::vector<float>& anchor, Steering& steering) {
    std::string local = context.local == nullptr ? std::string() : *context.local;
    if (control_ != nullptr) {
      ASSIGN_OR_RETURN(local, control_->ReadLocal(local));
      steering.correction = control_->correction();
      steering.sum_gradients = true;
    }
    if (context.local != nullptr) RETURN_IF_ERROR(model_->LoadLocal(local));
    if (context.anchor == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(anchor, TensorsOf(*context.anchor, model_->trainable()));
    steering.anchor = anchor;
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> SaveLocal() const {
    if (control_ == nullptr) return model_->SaveLocal();
    ASSIGN_OR_RETURN(const std::string local, model_->SaveLocal());
    return control_->SaveLocal(local);
  }

  const ArchitectureFacts& facts_;
  const ModelTerms terms_;
  const std::unique_ptr<Model> model_;
  const std::unique_ptr<ControlVariates> control_;
  const std::vector<std::string> classes_;
};

class GradientFamily final : public Family {
 public:
  explicit GradientFamily(const Architecture& architecture) : architecture_(architecture) {}

  const ArchitectureFacts& facts() const override { return architecture_.facts(); }
  bool learns_by_gradients() const override { return true; }

  absl::Status Check(const FamilyTerms& terms) const override {
    if (terms.model.components != 0) {
      return absl::InvalidArgumentError(absl::StrCat("wrong-job: model.components is for mixtures, not for ",
                                                     facts().name, "; leave it out"));
    }
    return terms.scaffold ? CheckScaffold(terms) : absl::OkStatus();
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
    std::string base_storage, state_storage;
    ASSIGN_OR_RETURN(const absl::string_view plain_base, WithoutControlVariates(base, base_storage));
    ASSIGN_OR_RETURN(const absl::string_view plain_state, WithoutControlVariates(state, state_storage));
    ASSIGN_OR_RETURN(std::unique_ptr<Model> model, architecture_.Load(plain_base, plain_state, adaptation));
    std::unique_ptr<ControlVariates> control;
    if (terms.scaffold) {
      control = std::make_unique<ControlVariates>(model->trainable(), terms.update.cohort_bound);
      if (!state.empty()) RETURN_IF_ERROR(control->ReadShared(state));
    }
    return std::make_unique<GradientModel>(facts(), terms, std::move(model), std::move(control));
  }

 private:
  static absl::Status CheckScaffold(const FamilyTerms& terms) {
    if (terms.alternating) {
      return absl::InvalidArgumentError(
          "wrong-job: local.scaffold does not go with the method adapter-alternating: when a factor has its "
          "turn "
          "again, its control variates are two rounds old and of another other factor; use adapter-frozen-a "
          "or "
          "full");
    }
    if (terms.update.cohort_bound > ControlVariates::kMostArchives) {
      return absl::InvalidArgumentError(absl::StrCat(
          "wrong-job: local.scaffold needs a cohort_bound of at most ", ControlVariates::kMostArchives,
          ", so that control variates stay fine enough, found ", terms.update.cohort_bound));
    }
    return absl::OkStatus();
  }

  const Architecture& architecture_;
};

}  // namespace

std::unique_ptr<const Family> MakeGradientFamily(const Architecture& architecture) {
  return std::make_unique<GradientFamily>(architecture);
}

}  // namespace consort::trainer
