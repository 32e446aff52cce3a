// The discrete Fourier transform of real signals of one length, planned once.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_FOURIER_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_FOURIER_H_

#include <complex>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

// KissFFT's real transforms. Calls allocate nothing. Not thread-safe: one a thread.
class RealFourier {
 public:
  // `size`: samples, a power of two in [8, 65536]. Errors: InvalidArgument otherwise.
  static absl::StatusOr<RealFourier> Create(int size);
  RealFourier(RealFourier&&) noexcept;
  RealFourier& operator=(RealFourier&&) noexcept;
  ~RealFourier();

  int size() const { return size_; }
  int bins() const { return size_ / 2 + 1; }

  // X[k] = sum over t of x[t] exp(-2 pi i k t / size), not scaled. `samples`: [size]; `spectrum`: [bins].
  void Forward(absl::Span<const float> samples, absl::Span<std::complex<float>> spectrum);
  // Undoes Forward (divides by size). `spectrum`: [bins], real in the first and the last; `samples`: [size].
  void Inverse(absl::Span<const std::complex<float>> spectrum, absl::Span<float> samples);

 private:
  struct Plans;
  explicit RealFourier(int size);

  int size_;
  std::unique_ptr<Plans> plans_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_FOURIER_H_
