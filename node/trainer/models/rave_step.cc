#include "node/trainer/models/rave_step.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "node/trainer/models/spectral_distance.h"

namespace consort::trainer {
namespace {

constexpr int64_t kLeastBandFrames = 1025;  // that the widest STFT takes

// 1 where a row holds audio, 0 in its padding: [rows, 1, samples / step].
at::Tensor ValidMask(const Batch& batch, int64_t step) {
  const int64_t rows = static_cast<int64_t>(batch.valid.size());
  at::Tensor mask = at::zeros({rows, 1, batch.samples / step});
  for (int64_t row = 0; row < rows; ++row) {
    mask[row].narrow(1, 0, (batch.valid[row] + step - 1) / step).fill_(1);
  }
  return mask;
}

// Each band a signal of its own.
at::Tensor Signals(const at::Tensor& x) { return x.detach().flatten(0, 1); }

}  // namespace

struct RaveStep::Heard {
  at::Tensor mask, band_mask, frame_mask;
  double valid = 0;  // share of the samples that are audio
  at::Tensor audio;  // [rows, 1, samples]
  at::Tensor bands;  // [rows, bands, samples / bands]
};

struct RaveStep::Said {
  at::Tensor kl;     // a scalar
  at::Tensor audio;  // as Heard's
  at::Tensor bands;
};

at::Tensor DrawExcitation(const RaveNetwork& network, int64_t rows, int64_t frames,
                          at::Generator& generator) {
  if (network.shape().noise_ratios.empty()) return at::Tensor();
  return at::rand({rows, network.shape().bands, frames + network.NoiseTaps() - 1}, generator,
                  at::TensorOptions()) *
             2 -
         1;
}

RaveStep::RaveStep(const RaveSize& size, const RaveNetwork& network, const Pqmf& pqmf)
    : size_(size), network_(network), pqmf_(pqmf), field_(ReceptiveFieldOf(size.shape)) {}

RaveStep::Heard RaveStep::Listen(const Batch& batch) const {
  Heard heard;
  heard.mask = ValidMask(batch, 1);
  heard.valid = at::mean(heard.mask).item<double>();
  heard.band_mask = ValidMask(batch, size_.shape.bands);
  heard.frame_mask = ValidMask(batch, network_.hop());
  at::Tensor audio = at::empty({static_cast<int64_t>(batch.valid.size()), 1, batch.samples});
  std::copy(batch.audio.begin(), batch.audio.end(), audio.data_ptr<float>());
  heard.audio = audio.mul_(heard.mask);
  heard.bands = pqmf_.Analyse(heard.audio) * heard.band_mask;
  return heard;
}

RaveStep::Said RaveStep::Say(absl::Span<const AdaptedWeight> weights, const Heard& heard, uint64_t seed,
                             bool encoder_learns) const {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  at::Tensor posterior;
  {
    const at::AutoGradMode mode(encoder_learns && at::GradMode::is_enabled());
    posterior = network_.Encode(weights, heard.bands);
  }
  const at::Tensor mean = network_.Means(posterior);
  const at::Tensor sigma = network_.Deviations(posterior);
  const at::Tensor variance = sigma * sigma;
  Said said;
  said.kl =
      ((mean * mean + variance - at::log(variance) - 1).sum(1, /*keepdim=*/true) * heard.frame_mask).sum() /
      heard.frame_mask.sum();
  const at::Tensor latents = mean + sigma * at::randn(sigma.sizes(), generator, at::TensorOptions());
  const at::Tensor excitation = DrawExcitation(network_, heard.bands.size(0), heard.bands.size(2), generator);
  said.bands = network_.Decode(weights, latents, excitation) * heard.band_mask;
  said.audio = pqmf_.Synthesise(said.bands) * heard.mask;
  return said;
}

double RaveStep::BandsDistance(const Heard& heard, const at::Tensor& bands, at::Tensor* gradient) const {
  const int64_t frames = bands.size(2);
  const int64_t left = field_.left / size_.shape.bands;
  const int64_t right = (field_.right + size_.shape.bands - 1) / size_.shape.bands;
  const int64_t kept = frames - left - right;
  if (size_.crops_band_loss && kept >= kLeastBandFrames) {
    const double valid = heard.band_mask.narrow(2, left, kept).mean().item<double>();
    if (valid > 0) {
      at::Tensor inner;
      const double distance =
          SpectralDistance(Signals(heard.bands.narrow(2, left, kept)).contiguous(),
                           Signals(bands.narrow(2, left, kept)).contiguous(), valid, &inner);
      *gradient = at::constant_pad_nd(inner, {left, right});
      return distance;
    }
  }
  return SpectralDistance(Signals(heard.bands), Signals(bands), heard.valid, gradient);
}

double RaveStep::Distance(const Heard& heard, const Said& said, at::Tensor* audio_gradient,
                          at::Tensor* bands_gradient) const {
  const double full =
      SpectralDistance(Signals(heard.audio), Signals(said.audio), heard.valid, audio_gradient);
  return full + BandsDistance(heard, said.bands, bands_gradient);
}

double RaveStep::Finish(const Said& said, double loss, const StepTerms& terms,
                        const at::Tensor& audio_gradient, const at::Tensor& bands_gradient) const {
  loss += terms.kl_weight * said.kl.item<double>();
  if (!std::isfinite(loss)) return loss;
  (terms.kl_weight * said.kl + at::dot(said.audio.flatten(), audio_gradient.flatten()) +
   at::dot(said.bands.flatten(), bands_gradient.flatten()))
      .backward();
  return loss;
}

double RaveStep::Run(absl::Span<const AdaptedWeight> weights, const Batch& batch,
                     const StepTerms& terms) const {
  const Heard heard = Listen(batch);
  const Said said = Say(weights, heard, terms.seed, /*encoder_learns=*/true);
  at::Tensor audio_gradient, bands_gradient;
  const double distance = Distance(heard, said, &audio_gradient, &bands_gradient);
  return Finish(said, distance, terms, audio_gradient, bands_gradient);
}

double RaveStep::RunAgainst(const Discriminators& discriminators, absl::Span<const AdaptedWeight> weights,
                            const Batch& batch, const StepTerms& terms) const {
  const Heard heard = Listen(batch);
  const Said said = Say(weights, heard, terms.seed, /*encoder_learns=*/false);
  at::Tensor audio_gradient, bands_gradient, judged_gradient;
  const double distance = Distance(heard, said, &audio_gradient, &bands_gradient);
  const double judgement = discriminators.Judge(heard.audio, said.audio, &judged_gradient);
  return Finish(said, distance + judgement, terms, audio_gradient + judged_gradient.view_as(audio_gradient),
                bands_gradient);
}

absl::StatusOr<double> RaveStep::Teach(Discriminators& discriminators,
                                       absl::Span<const AdaptedWeight> weights, const Batch& batch,
                                       const StepTerms& terms) const {
  const at::NoGradGuard no_grad;
  const Heard heard = Listen(batch);
  return discriminators.Train(heard.audio, Say(weights, heard, terms.seed, /*encoder_learns=*/false).audio);
}

}  // namespace consort::trainer
