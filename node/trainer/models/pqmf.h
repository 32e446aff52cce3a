// Splits audio into equal bands and joins them again: a near-perfect-reconstruction cosine-modulated filter
// bank (pseudo quadrature mirror filters; Nguyen 1994, IEEE Trans. Signal Processing 42(1)).
#ifndef CONSORT_NODE_TRAINER_MODELS_PQMF_H_
#define CONSORT_NODE_TRAINER_MODELS_PQMF_H_

#include <memory>

namespace at {
class Tensor;
}

namespace consort::trainer {

// 16 bands, 377 taps, 100 dB stop band. Both directions work in polyphase form, so the round trip has no
// delay. Immutable, thread-safe. Differentiable. Throws c10::Error on wrong shapes: callers in this folder
// catch.
class Pqmf {
 public:
  static constexpr int kBands = 16;

  Pqmf();
  ~Pqmf();

  // [batch, 1, samples] -> [batch, 16, samples / 16]; samples a multiple of 16.
  at::Tensor Analyse(const at::Tensor& audio) const;
  // [batch, 16, frames] -> [batch, 1, frames * 16].
  at::Tensor Synthesise(const at::Tensor& bands) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_PQMF_H_
