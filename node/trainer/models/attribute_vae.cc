#include "node/trainer/models/attribute_vae.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/descriptors/audio_check.h"
#include "node/trainer/descriptors/log_mel.h"
#include "node/trainer/models/attribute_vae_network.h"
#include "node/trainer/models/mel_inversion.h"
#include "node/trainer/models/patch_attributes.h"
#include "node/trainer/models/weight_set.h"

namespace consort::trainer {
namespace {

constexpr int kRate = 44100;
constexpr int64_t kFrames = AttributeVaeNetwork::kFrames;
constexpr int64_t kBands = AttributeVaeNetwork::kBands;
constexpr int64_t kLatents = AttributeVaeNetwork::kLatents;
constexpr int64_t kHop = 512;
constexpr int64_t kPatchSamples = kFrames * kHop;
constexpr uint64_t kFixedPhaseSeed = 0;  // of reconstructions

// ln(1e-8), LogMel's floor, becomes -2 and ln(1) becomes 2.
constexpr float kHalfRange = 9.2103404f;
constexpr float kLoudest =
    3;  // what a decoded value is cut to: ln(P) of 4.6, as much as a chord at full scale

const AttributeVaeNetwork& Network() {
  static const AttributeVaeNetwork network;
  return network;
}

// Writes [patches, kFrames, kBands], scaled. `audio`: whole patches, framed as one recording.
absl::Status ReadPatches(absl::Span<const float> audio, float* patches) {
  ASSIGN_OR_RETURN(const LogMelSpectrogram mel, LogMel(audio, kRate, LogMelSettings()));
  for (const float value : mel.values) *patches++ = value / kHalfRange * 2 + 2;
  return absl::OkStatus();
}

class AttributeVaeModel final : public Model {
 public:
  explicit AttributeVaeModel(std::unique_ptr<WeightSet> weights) : weights_(std::move(weights)) {}

  const std::vector<NamedTensor>& trainable() const override { return weights_->trainable(); }
  absl::Span<float> values() override { return weights_->values(); }
  absl::Span<const float> gradients() const override { return std::as_const(*weights_).gradients(); }

  absl::StatusOr<double> LossAndGradients(const Batch& batch, const StepTerms& step) override {
    RETURN_IF_ERROR(CheckBatch(batch));
    try {
      ASSIGN_OR_RETURN(const Examples examples, ReadExamples(batch));
      weights_->ClearGradients();
      const at::Tensor loss = ComputeLoss(examples, step);
      const auto value = loss.item<double>();
      if (!std::isfinite(value)) return absl::OutOfRangeError("not-finite: the loss is NaN or infinite");
      loss.backward();
      RETURN_IF_ERROR(weights_->CheckGradients());
      return value;
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("training step failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float> audio) override {
    if (audio.empty()) return absl::InvalidArgumentError("cannot encode audio without a sample");
    try {
      at::NoGradGuard no_grad;
      std::vector<float> padded(audio.begin(), audio.end());
      padded.resize((padded.size() + kPatchSamples - 1) / kPatchSamples * kPatchSamples);
      const auto count = static_cast<int64_t>(padded.size()) / kPatchSamples;
      const at::Tensor patches = at::empty({count, 1, kFrames, kBands});
      RETURN_IF_ERROR(ReadPatches(padded, patches.data_ptr<float>()));
      const at::Tensor means = Network().Encode(weights_->Effective(), patches)[0].t().contiguous();
      return std::vector<float>(means.data_ptr<float>(), means.data_ptr<float>() + means.numel());
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("encoding failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) override {
    ASSIGN_OR_RETURN(const std::vector<float> latents, Encode(audio));
    ASSIGN_OR_RETURN(std::vector<float> output, Decode(latents, kFixedPhaseSeed));
    output.resize(audio.size());
    return output;
  }

  absl::StatusOr<std::vector<float>> Decode(absl::Span<const float> latents, uint64_t seed) override {
    const int64_t patches = static_cast<int64_t>(latents.size()) / kLatents;
    if (patches == 0 || latents.size() % kLatents != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("latents must be whole frames of ", kLatents, " values, got ", latents.size()));
    }
    try {
      at::NoGradGuard no_grad;
      at::Tensor input = at::empty({kLatents, patches});
      std::copy(latents.begin(), latents.end(), input.data_ptr<float>());
      const at::Tensor decoded = Network().Decode(weights_->Effective(), input.t()).contiguous();
      std::vector<float> log_mel(decoded.data_ptr<float>(), decoded.data_ptr<float>() + decoded.numel());
      for (float& value : log_mel) value = std::min((value - 2) / 2 * kHalfRange, kLoudest);
      if (!inversion_.has_value()) {
        ASSIGN_OR_RETURN(inversion_, MelInversion::Create(kRate, LogMelSettings()));
      }
      return inversion_->Audio(log_mel, seed);
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("decoding failed: ", error.what()));
    }
  }

  absl::StatusOr<std::string> SaveState(const Metadata& metadata) const override {
    return weights_->SaveState(metadata);
  }
  absl::StatusOr<std::string> SaveMerged(const Metadata& metadata) const override {
    return weights_->SaveMerged(metadata);
  }

 private:
  // The patches of a batch that hold audio.
  struct Examples {
    at::Tensor patches;  // [patches, 1, kFrames, kBands]
    at::Tensor mask;     // [patches, 1, kFrames, 1]: 1 where a frame holds audio
    std::vector<PatchAttributes> attributes;
  };

  absl::Status CheckBatch(const Batch& batch) const {
    int64_t patches = 0;
    bool fits = batch.samples >= kPatchSamples && batch.samples % kPatchSamples == 0 &&
                batch.audio.size() == batch.valid.size() * static_cast<size_t>(batch.samples);
    for (const int64_t valid : batch.valid) {
      fits = fits && valid > 0 && valid <= batch.samples;
      patches += (valid + kPatchSamples - 1) / kPatchSamples;
    }
    if (!fits || patches < 2) {
      return absl::InvalidArgumentError(absl::StrCat("training windows must be multiples of ", kPatchSamples,
                                                     " samples with some audio in each, and at least two of "
                                                     "that length, since attributes are learnt from "
                                                     "pairs; choose a larger batch or window: ",
                                                     batch.valid.size(), " rows of ", batch.samples,
                                                     " samples, ", batch.audio.size(), " values"));
    }
    if (!CheckFinite(batch.audio).ok()) {
      return absl::OutOfRangeError("not-finite: a training window holds samples that are NaN or infinite");
    }
    return absl::OkStatus();
  }

  // A patch with audio in it: samples [begin, begin + valid) of the batch.
  struct Place {
    int64_t begin = 0;
    int64_t valid = 0;
  };

  static absl::StatusOr<Examples> ReadExamples(const Batch& batch) {
    std::vector<Place> places;
    for (size_t row = 0; row < batch.valid.size(); ++row) {
      for (int64_t begin = 0; begin < batch.valid[row]; begin += kPatchSamples) {
        places.push_back({static_cast<int64_t>(row) * batch.samples + begin,
                          std::min(batch.valid[row] - begin, kPatchSamples)});
      }
    }
    const auto count = static_cast<int64_t>(places.size());
    Examples examples{at::empty({count, 1, kFrames, kBands}), at::zeros({count, 1, kFrames, 1}),
                      std::vector<PatchAttributes>(places.size())};
    std::vector<absl::Status> statuses(places.size());
    // Measuring takes as long as a third of the network: each core takes some patches.
    at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const auto heard = absl::MakeConstSpan(batch.audio).subspan(places[i].begin, places[i].valid);
        statuses[i] = ReadExample(heard, i, examples);
      }
    });
    for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
    return examples;
  }

  static absl::Status ReadExample(absl::Span<const float> heard, int64_t i, Examples& examples) {
    std::vector<float> audio(heard.begin(), heard.end());
    audio.resize(kPatchSamples);
    RETURN_IF_ERROR(ReadPatches(audio, examples.patches.data_ptr<float>() + i * kFrames * kBands));
    const int64_t frames = (static_cast<int64_t>(heard.size()) + kHop - 1) / kHop;
    std::fill_n(examples.mask.data_ptr<float>() + i * kFrames, frames, 1.0f);
    ASSIGN_OR_RETURN(examples.attributes[i], MeasurePatchAttributes(heard, kRate));
    return absl::OkStatus();
  }

  at::Tensor ComputeLoss(const Examples& examples, const StepTerms& step) const {
    const std::vector<at::Tensor> weights = weights_->Effective();
    const std::vector<at::Tensor> posterior = Network().Encode(weights, examples.patches);
    const at::Tensor &mean = posterior[0], &sigma = posterior[1];
    const at::Tensor noise =
        at::randn(sigma.sizes(), at::detail::createCPUGenerator(step.seed), at::TensorOptions());
    const at::Tensor latents = mean + sigma * noise;
    const at::Tensor away = (Network().Decode(weights, latents) - examples.patches) * examples.mask;
    at::Tensor loss = (away * away).sum() / (examples.mask.sum() * kBands);
    if (step.kl_weight > 0) {
      const at::Tensor variance = sigma * sigma;
      loss = loss + step.kl_weight * 0.5 * (mean * mean + variance - at::log(variance) - 1).sum(1).mean();
    }
    if (step.attribute_weight > 0) {
      loss = loss +
             step.attribute_weight * AttributeLoss(latents, examples.attributes, step.attribute_sharpness);
    }
    return loss;
  }

  std::unique_ptr<WeightSet> weights_;
  std::optional<MelInversion> inversion_;  // made when audio is first asked for
};

class AttributeVaeArchitecture final : public Architecture {
 public:
  AttributeVaeArchitecture() {
    facts_.name = "attribute-vae";
    facts_.sample_rate_hz = kRate;
    facts_.hop = kPatchSamples;
    facts_.latent_size = kLatents;
    facts_.min_window = kPatchSamples;
    facts_.defaults.kl_weight = 0.001;
    facts_.defaults.attribute_weight = 1;
    facts_.defaults.attribute_sharpness = 10;
  }

  const ArchitectureFacts& facts() const override { return facts_; }

  absl::StatusOr<std::unique_ptr<Model>> Load(absl::string_view base, absl::string_view state,
                                              const Adaptation& adaptation) const override {
    ASSIGN_OR_RETURN(auto weights, WeightSet::Load(Network().layout(), base, state, adaptation));
    return std::make_unique<AttributeVaeModel>(std::move(weights));
  }

  absl::StatusOr<std::unique_ptr<Model>> Initialise(uint64_t seed) const override {
    ASSIGN_OR_RETURN(auto weights, WeightSet::Initialise(Network().layout(), seed));
    return std::make_unique<AttributeVaeModel>(std::move(weights));
  }

 private:
  ArchitectureFacts facts_;
};

}  // namespace

const Architecture& AttributeVae() {
  static const AttributeVaeArchitecture architecture;
  return architecture;
}

}  // namespace consort::trainer
