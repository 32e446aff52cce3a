#include "node/trainer/models/rave_tiny.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/models/pqmf.h"
#include "node/trainer/models/rave_network.h"
#include "node/trainer/models/spectral_distance.h"
#include "node/trainer/models/weight_set.h"

namespace consort::trainer {
namespace {

constexpr double kKlWeight = 0.01;  // beta of the VAE
constexpr double kSmallestSigma = 1e-4;
constexpr uint64_t kFixedNoiseSeed = 0;  // of reconstructions

const RaveNetwork& Network() {
  static const RaveNetwork network{RaveShape()};
  return network;
}

at::Tensor FromSpan(absl::Span<const float> values, at::IntArrayRef shape) {
  at::Tensor tensor = at::empty(shape);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

// 1 where a row holds audio, 0 in its padding: [rows, 1, samples / step].
at::Tensor ValidMask(const Batch& batch, int64_t step) {
  const int64_t rows = static_cast<int64_t>(batch.valid.size());
  at::Tensor mask = at::zeros({rows, 1, batch.samples / step});
  for (int64_t row = 0; row < rows; ++row) {
    mask[row].narrow(1, 0, (batch.valid[row] + step - 1) / step).fill_(1);
  }
  return mask;
}

class RaveTinyModel final : public Model {
 public:
  RaveTinyModel(const ArchitectureFacts& facts, std::unique_ptr<WeightSet> weights)
      : facts_(facts), weights_(std::move(weights)) {}

  const std::vector<NamedTensor>& trainable() const override { return weights_->trainable(); }
  absl::Span<float> values() override { return weights_->values(); }
  absl::Span<const float> gradients() const override { return std::as_const(*weights_).gradients(); }

  absl::StatusOr<double> LossAndGradients(const Batch& batch, const StepTerms& step) override {
    RETURN_IF_ERROR(CheckBatch(batch));
    try {
      weights_->ClearGradients();
      const Loss loss = ComputeLoss(batch, at::detail::createCPUGenerator(step.seed));
      if (!std::isfinite(loss.value)) return absl::OutOfRangeError("not-finite: the loss is NaN or infinite");
      loss.differentiable.backward();
      RETURN_IF_ERROR(weights_->CheckGradients());
      return loss.value;
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("training step failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float> audio) override {
    if (audio.empty()) return absl::InvalidArgumentError("cannot encode audio without a sample");
    try {
      at::NoGradGuard no_grad;
      const at::Tensor means = Means(weights_->Effective(), audio).contiguous();
      return std::vector<float>(means.data_ptr<float>(), means.data_ptr<float>() + means.numel());
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("encoding failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) override {
    if (audio.empty()) return absl::InvalidArgumentError("cannot reconstruct audio without a sample");
    try {
      at::NoGradGuard no_grad;
      const std::vector<at::Tensor> weights = weights_->Effective();
      return ToAudio(weights, Means(weights, audio), kFixedNoiseSeed, static_cast<int64_t>(audio.size()));
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("reconstruction failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> Decode(absl::Span<const float> latents, uint64_t seed) override {
    const int64_t frames = static_cast<int64_t>(latents.size()) / facts_.latent_size;
    if (frames == 0 || latents.size() % facts_.latent_size != 0) {
      return absl::InvalidArgumentError(absl::StrCat("latents must be whole frames of ", facts_.latent_size,
                                                     " values, got ", latents.size()));
    }
    try {
      at::NoGradGuard no_grad;
      return ToAudio(weights_->Effective(), FromSpan(latents, {1, facts_.latent_size, frames}), seed,
                     frames * facts_.hop);
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
  // [1, latent_size, frames]
  at::Tensor Means(const std::vector<at::Tensor>& weights, absl::Span<const float> audio) const {
    const int64_t samples = static_cast<int64_t>(audio.size());
    const int64_t padded = (samples + facts_.hop - 1) / facts_.hop * facts_.hop;
    const at::Tensor input = at::constant_pad_nd(FromSpan(audio, {1, 1, samples}), {0, padded - samples});
    return Network().Encode(weights, pqmf_.Analyse(input)).narrow(1, 0, facts_.latent_size);
  }

  absl::Status CheckBatch(const Batch& batch) const {
    const bool fits = !batch.valid.empty() && batch.samples >= facts_.min_window &&
                      batch.samples % facts_.hop == 0 &&
                      batch.audio.size() == batch.valid.size() * static_cast<size_t>(batch.samples) &&
                      std::all_of(batch.valid.begin(), batch.valid.end(),
                                  [&](int64_t valid) { return valid > 0 && valid <= batch.samples; });
    if (fits) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("training windows must be multiples of ", facts_.hop, " samples, at least ",
                     facts_.min_window, ", with some audio in each: ", batch.valid.size(), " rows of ",
                     batch.samples, " samples, ", batch.audio.size(), " values"));
  }

  struct Loss {
    double value = 0;
    at::Tensor differentiable;  // a scalar with the loss's gradients
  };

  // Phase 1 of RAVE: distance on the full band and on the bands, each band a signal of its own, plus beta *
  // KL.
  Loss ComputeLoss(const Batch& batch, const at::Generator& generator) const {
    const int64_t rows = static_cast<int64_t>(batch.valid.size());
    const at::Tensor mask = ValidMask(batch, 1);
    const double valid = at::mean(mask).item<double>();
    const at::Tensor band_mask = ValidMask(batch, Pqmf::kBands);
    const at::Tensor frame_mask = ValidMask(batch, facts_.hop);

    const at::Tensor target = FromSpan(batch.audio, {rows, 1, batch.samples}) * mask;
    const at::Tensor target_bands = pqmf_.Analyse(target) * band_mask;
    const std::vector<at::Tensor> weights = weights_->Effective();
    const at::Tensor posterior = Network().Encode(weights, target_bands);
    const at::Tensor mean = posterior.narrow(1, 0, facts_.latent_size);
    const at::Tensor sigma =
        at::softplus(posterior.narrow(1, facts_.latent_size, facts_.latent_size)) + kSmallestSigma;
    const at::Tensor variance = sigma * sigma;
    const at::Tensor kl =
        ((mean * mean + variance - at::log(variance) - 1).sum(1, /*keepdim=*/true) * frame_mask).sum() /
        frame_mask.sum();

    const at::Tensor latents = mean + sigma * at::randn(sigma.sizes(), generator, at::TensorOptions());
    const at::Tensor bands =
        Network().Decode(weights, latents, Excitation(rows, target_bands.size(2), generator)) * band_mask;
    const at::Tensor output = pqmf_.Synthesise(bands) * mask;
    const auto signals = [](const at::Tensor& x) { return x.detach().flatten(0, 1); };
    at::Tensor output_gradient, bands_gradient;
    const double distance = SpectralDistance(signals(target), signals(output), valid, &output_gradient) +
                            SpectralDistance(signals(target_bands), signals(bands), valid, &bands_gradient);
    return {distance + kKlWeight * kl.item<double>(),
            kKlWeight * kl + at::dot(output.flatten(), output_gradient.flatten()) +
                at::dot(bands.flatten(), bands_gradient.flatten())};
  }

  at::Tensor Excitation(int64_t rows, int64_t frames, const at::Generator& generator) const {
    return at::rand({rows, Pqmf::kBands, frames + Network().NoiseTaps() - 1}, generator,
                    at::TensorOptions()) *
               2 -
           1;
  }

  std::vector<float> ToAudio(const std::vector<at::Tensor>& weights, const at::Tensor& latents, uint64_t seed,
                             int64_t samples) const {
    const int64_t frames = latents.size(2) * facts_.hop / Pqmf::kBands;
    const at::Tensor excitation = Excitation(1, frames, at::detail::createCPUGenerator(seed));
    const at::Tensor audio = pqmf_.Synthesise(Network().Decode(weights, latents, excitation)).contiguous();
    const float* begin = audio.data_ptr<float>();
    return std::vector<float>(begin, begin + samples);
  }

  const ArchitectureFacts& facts_;
  Pqmf pqmf_;
  std::unique_ptr<WeightSet> weights_;
};

class RaveTinyArchitecture final : public Architecture {
 public:
  const ArchitectureFacts& facts() const override { return facts_; }

  absl::StatusOr<std::unique_ptr<Model>> Load(absl::string_view base, absl::string_view state,
                                              const Adaptation& adaptation) const override {
    ASSIGN_OR_RETURN(auto weights, WeightSet::Load(Network().weights(), base, state, adaptation));
    return std::make_unique<RaveTinyModel>(facts_, std::move(weights));
  }

  absl::StatusOr<std::unique_ptr<Model>> Initialise(uint64_t seed) const override {
    ASSIGN_OR_RETURN(auto weights, WeightSet::Initialise(Network().weights(), seed));
    return std::make_unique<RaveTinyModel>(facts_, std::move(weights));
  }

 private:
  // The window must be longer than half the widest STFT on the bands, 1024 band frames.
  const ArchitectureFacts facts_ = {"rave-tiny", 44100, Network().hop(), RaveShape().latent,
                                    33 * Network().hop()};
};

}  // namespace

const Architecture& RaveTiny() {
  static const RaveTinyArchitecture architecture;
  return architecture;
}

}  // namespace consort::trainer
