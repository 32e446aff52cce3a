#include "node/trainer/families/gradient_model.h"

#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/trainer/families/latent_description.h"
#include "node/trainer/families/latent_round.h"
#include "node/trainer/models/tensor_file.h"
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
  GradientModel(const ArchitectureFacts& facts, const FamilyTerms& terms, uint32_t round, GradientParts parts)
      : facts_(facts),
        terms_(terms.model),
        states_have_latents_(terms.analysis_round > 0),
        adds_up_(states_have_latents_ && round == terms.analysis_round),
        model_(std::move(parts.model)),
        control_(std::move(parts.control)),
        latents_(std::move(parts.latents)) {}

  absl::StatusOr<Fitted> Fit(const FitContext& context) override {
    if (!adds_up_) return Train(context);
    if (context.local != nullptr) context.local->clear();  // nothing that a later round would need
    LatentTotals totals(facts_.latent_size);
    ASSIGN_OR_RETURN(Fitted fitted,
                     AddUpLatents(
                         context, facts_,
                         [this](absl::Span<const float> audio) { return model_->Encode(audio); }, totals));
    latents_ = std::move(totals);
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
    if (adds_up_) return LatentTotals::Segments(facts_.latent_size);
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
    nlohmann::json description = {{"family", facts_.name},
                                  {"parameters", trained},
                                  {"sample_rate_hz", facts_.sample_rate_hz},
                                  {"latent_size", facts_.latent_size},
                                  {"hop_samples", facts_.hop},
                                  {"trained", std::move(tensors)}};
    if (latents_.has_value()) {
      ASSIGN_OR_RETURN(description["latents"], DescribeLatents(facts_.latent_size, *latents_));
    }
    return description.dump();
  }
  absl::StatusOr<std::string> SaveState(const Metadata& metadata) const override {
    ASSIGN_OR_RETURN(std::string state, model_->SaveState(metadata));
    if (control_ != nullptr) {
      ASSIGN_OR_RETURN(state, control_->AddTo(state));
    }
    if (!states_have_latents_) return state;
    return AddTensors(state, LatentTotals::Tensors(facts_.latent_size), latents_->Values());
  }
  absl::StatusOr<std::string> Export(const Metadata& metadata) const override {
    ASSIGN_OR_RETURN(std::string merged, model_->SaveMerged(metadata));
    if (!latents_.has_value()) return merged;
    return AddLatentAnalysis(std::move(merged), facts_.latent_size, *latents_);
  }

 private:
  absl::StatusOr<Fitted> Train(const FitContext& context) {
    latents_.reset();  // of other weights
    if (states_have_latents_) latents_.emplace(facts_.latent_size);
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
  const bool states_have_latents_;  // then there are latents_
  const bool adds_up_;              // in this round, in place of training
  const std::unique_ptr<Model> model_;
  const std::unique_ptr<ControlVariates> control_;
  std::optional<LatentTotals> latents_;
  const std::vector<std::string> classes_;
};

}  // namespace

std::unique_ptr<FamilyModel> MakeGradientModel(const ArchitectureFacts& facts, const FamilyTerms& terms,
                                               uint32_t round, GradientParts parts) {
  return std::make_unique<GradientModel>(facts, terms, round, std::move(parts));
}

}  // namespace consort::trainer
