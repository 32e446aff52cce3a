// The discrete Fourier transform of real signals of one length, planned once.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_FOURIER_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_FOURIER_H_

#include <complex>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

// Radix-4 passes that sort as they go (Stockham's; Van Loan 1992, Computational Frameworks for the FFT,
// section 2.4) over a complex signal of half the length. Real and imaginary parts lie in arrays of their own,
// because then compilers make vector instructions of the passes. Owns twiddle factors and scratch, so that
// calls allocate nothing. Not thread-safe: one a thread.
class RealFourier {
 public:
  // `size`: samples, a power of two in [8, 65536]. Errors: InvalidArgument otherwise.
  static absl::StatusOr<RealFourier> Create(int size);

  int size() const { return 2 * half_; }
  int bins() const { return half_ + 1; }

  // X[k] = sum over t of x[t] exp(-2 pi i k t / size), not scaled. `samples`: [size]; `spectrum`: [bins].
  void Forward(absl::Span<const float> samples, absl::Span<std::complex<float>> spectrum);
  // Undoes Forward (divides by size). `spectrum`: [bins], real in the first and the last; `samples`: [size].
  void Inverse(absl::Span<const std::complex<float>> spectrum, absl::Span<float> samples);

 private:
  struct Parts {
    std::vector<float> real, imaginary;
  };
  explicit RealFourier(int size);
  // Transforms signal_ in place, through scratch_. `backward`: with the exponent's sign changed.
  void TransformSignal(bool backward);

  int half_;
  Parts turns_;       // exp(-2 pi i k / size), k < half
  Parts pass_turns_;  // exp(-2 pi i k / half), k < half
  Parts signal_;      // [half]
  Parts scratch_;     // [half]
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_FOURIER_H_
