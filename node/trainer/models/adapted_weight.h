// A weight of a network as its convolutions use it: as it is, or with a low-rank adapter.
#ifndef CONSORT_NODE_TRAINER_MODELS_ADAPTED_WEIGHT_H_
#define CONSORT_NODE_TRAINER_MODELS_ADAPTED_WEIGHT_H_

#include <cstdint>
#include <memory>

namespace at {
class Tensor;
}

namespace consort::trainer {

// With an adapter, outputs and gradients of inputs come from the merged weight W0 + scale * B * A, computed
// once, and the gradient of the trained factor from the input and the output's gradient by a convolution with
// as many channels as the adapter's rank: the full weight's gradient, a third of a step's work, is never
// made. What was measured: docs/decisions/0008-adapters.md.
//
// Cheap to copy; immutable; thread-safe. A step of training makes new ones, because the merged weight is of
// its moment. Gradients of gradients are not offered. Calls throw c10::Error on shapes that do not fit.
class AdaptedWeight {
 public:
  // A weight without adapter; whether gradients flow into it is the tensor's own setting. Not explicit: a
  // network without adapters passes its weights as they are.
  AdaptedWeight(const at::Tensor& weight);  // NOLINT(google-explicit-constructor)
  // `base`: W0 [rows, ...], no gradient. `factor_a` [rank, columns], `factor_b` [rows, rank]: gradients flow
  // into those that require them. Columns are all dimensions of `base` but the first.
  AdaptedWeight(const at::Tensor& base, const at::Tensor& factor_a, const at::Tensor& factor_b, double scale);

  // W0 + scale * B * A, shaped as the base. No gradient flows through it into an adapter.
  const at::Tensor& merged() const;

  // The weight is [out, in, taps]: x [batch, in, frames], zeros padded on both sides.
  at::Tensor Conv1d(const at::Tensor& x, int64_t stride, int64_t padding, int64_t dilation) const;
  // The weight is [in, out, taps]: x [batch, in, frames].
  at::Tensor ConvTranspose1d(const at::Tensor& x, int64_t stride, int64_t padding) const;
  // The weight is [out, in]: x [..., in].
  at::Tensor Linear(const at::Tensor& x) const;

 private:
  struct Tensors;
  std::shared_ptr<const Tensors> tensors_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_ADAPTED_WEIGHT_H_
