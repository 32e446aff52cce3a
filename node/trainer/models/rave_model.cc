#include "node/trainer/models/rave_model.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/models/discriminators.h"
#include "node/trainer/models/pqmf.h"
#include "node/trainer/models/rave_network.h"
#include "node/trainer/models/rave_step.h"

namespace consort::trainer {
namespace {

constexpr uint64_t kFixedNoiseSeed = 0;  // of reconstructions

at::Tensor FromSpan(absl::Span<const float> values, at::IntArrayRef shape) {
  at::Tensor tensor = at::empty(shape);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

std::vector<float> ToVector(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  return std::vector<float>(dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel());
}

class RaveModel final : public Model {
 public:
  RaveModel(const RaveSize& size, const ArchitectureFacts& facts, std::unique_ptr<WeightSet> weights)
      : size_(size), facts_(facts), network_(size_.shape), weights_(std::move(weights)) {}

  const std::vector<NamedTensor>& trainable() const override { return weights_->trainable(); }
  absl::Span<float> values() override { return weights_->values(); }
  absl::Span<const float> gradients() const override { return std::as_const(*weights_).gradients(); }

  bool TrainsValues(const StepTerms& step) const override {
    return !step.adversarial || step.step % size_.turns != 0;
  }

  absl::StatusOr<double> LossAndGradients(const Batch& batch, const StepTerms& step) override {
    RETURN_IF_ERROR(CheckBatch(batch));
    try {
      weights_->ClearGradients();
      const std::vector<AdaptedWeight> weights = weights_->Weights();
      if (step.adversarial) RETURN_IF_ERROR(MakeDiscriminators(step.seed));
      if (!TrainsValues(step)) return step_.Teach(*discriminators_, weights, batch, step);
      const double loss = step.adversarial ? step_.RunAgainst(*discriminators_, weights, batch, step)
                                           : step_.Run(weights, batch, step);
      if (!std::isfinite(loss)) return absl::OutOfRangeError("not-finite: the loss is NaN or infinite");
      RETURN_IF_ERROR(weights_->CheckGradients());
      return loss;
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("training step failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float> audio) override {
    if (audio.empty()) return absl::InvalidArgumentError("cannot encode audio without a sample");
    try {
      at::NoGradGuard no_grad;
      return ToVector(network_.Means(Posterior(weights_->Weights(), audio)));
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("encoding failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> EncodeSampled(absl::Span<const float> audio, uint64_t seed) override {
    if (audio.empty()) return absl::InvalidArgumentError("cannot encode audio without a sample");
    try {
      at::NoGradGuard no_grad;
      const at::Tensor posterior = Posterior(weights_->Weights(), audio);
      const at::Tensor deviations = network_.Deviations(posterior);
      const at::Tensor noise =
          at::randn(deviations.sizes(), at::detail::createCPUGenerator(seed), at::TensorOptions());
      return ToVector(network_.Means(posterior) + deviations * noise);
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("encoding failed: ", error.what()));
    }
  }

  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) override {
    if (audio.empty()) return absl::InvalidArgumentError("cannot reconstruct audio without a sample");
    try {
      at::NoGradGuard no_grad;
      const std::vector<AdaptedWeight> weights = weights_->Weights();
      return ToAudio(weights, network_.Means(Posterior(weights, audio)), kFixedNoiseSeed,
                     static_cast<int64_t>(audio.size()));
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
      return ToAudio(weights_->Weights(), FromSpan(latents, {1, facts_.latent_size, frames}), seed,
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

  absl::StatusOr<std::string> SaveLocal() const override {
    return discriminators_ == nullptr ? std::string() : discriminators_->Save();
  }
  absl::Status LoadLocal(absl::string_view bytes) override {
    if (bytes.empty()) {
      discriminators_.reset();
      return absl::OkStatus();
    }
    try {
      ASSIGN_OR_RETURN(discriminators_, Discriminators::Load(size_.shape.capacity, bytes));
      return absl::OkStatus();
    } catch (const std::exception& error) {
      return absl::InternalError(absl::StrCat("cannot place the discriminators: ", error.what()));
    }
  }

 private:
  // The first adversarial step makes them: they are as large as the model itself.
  absl::Status MakeDiscriminators(uint64_t seed) {
    if (discriminators_ != nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(discriminators_, Discriminators::Create(size_.shape.capacity, seed));
    return absl::OkStatus();
  }

  at::Tensor Posterior(const std::vector<AdaptedWeight>& weights, absl::Span<const float> audio) const {
    const int64_t samples = static_cast<int64_t>(audio.size());
    const int64_t padded = (samples + facts_.hop - 1) / facts_.hop * facts_.hop;
    const at::Tensor input = at::constant_pad_nd(FromSpan(audio, {1, 1, samples}), {0, padded - samples});
    return network_.Encode(weights, pqmf_.Analyse(input));
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

  std::vector<float> ToAudio(const std::vector<AdaptedWeight>& weights, const at::Tensor& latents,
                             uint64_t seed, int64_t samples) const {
    const int64_t frames = latents.size(2) * facts_.hop / Pqmf::kBands;
    at::Generator generator = at::detail::createCPUGenerator(seed);
    const at::Tensor excitation = DrawExcitation(network_, 1, frames, generator);
    const at::Tensor audio = pqmf_.Synthesise(network_.Decode(weights, latents, excitation)).contiguous();
    const float* begin = audio.data_ptr<float>();
    return std::vector<float>(begin, begin + samples);
  }

  const RaveSize size_;
  const ArchitectureFacts facts_;
  const RaveNetwork network_;
  const Pqmf pqmf_;
  const RaveStep step_{size_, network_, pqmf_};
  std::unique_ptr<WeightSet> weights_;
  std::unique_ptr<Discriminators> discriminators_;  // null before the first adversarial step
};

}  // namespace

std::unique_ptr<Model> MakeRaveModel(const RaveSize& size, const ArchitectureFacts& facts,
                                     std::unique_ptr<WeightSet> weights) {
  return std::make_unique<RaveModel>(size, facts, std::move(weights));
}

}  // namespace consort::trainer
