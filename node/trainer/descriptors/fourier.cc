#include "node/trainer/descriptors/fourier.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

constexpr int kSmallest = 8;
constexpr int kLargest = 65536;  // a third of a second at 192 kHz: more than any window here

// One signal of `groups` interleaved ones, as arrays that do not overlap.
struct Signal {
  float* __restrict real;
  float* __restrict imaginary;
};

// Splits `groups` interleaved transforms of `length` into four times as many of a quarter of the length.
// `turns`: exp(-2 pi i k / length) is element k * groups.
void PassOfFour(int length, int groups, const Signal turns, const Signal in, const Signal out) {
  const int quarter = length / 4;
  for (int p = 0; p < quarter; ++p) {
    const float w1r = turns.real[p * groups], w1i = turns.imaginary[p * groups];
    const float w2r = turns.real[2 * p * groups], w2i = turns.imaginary[2 * p * groups];
    const float w3r = turns.real[3 * p * groups], w3i = turns.imaginary[3 * p * groups];
    const int a = groups * p, b = a + groups * quarter, c = b + groups * quarter, d = c + groups * quarter;
    const int o0 = groups * 4 * p, o1 = o0 + groups, o2 = o1 + groups, o3 = o2 + groups;
    for (int q = 0; q < groups; ++q) {
      const float sum_ac_r = in.real[a + q] + in.real[c + q], dif_ac_r = in.real[a + q] - in.real[c + q];
      const float sum_bd_r = in.real[b + q] + in.real[d + q], dif_bd_r = in.real[b + q] - in.real[d + q];
      const float sum_ac_i = in.imaginary[a + q] + in.imaginary[c + q];
      const float dif_ac_i = in.imaginary[a + q] - in.imaginary[c + q];
      const float sum_bd_i = in.imaginary[b + q] + in.imaginary[d + q];
      const float dif_bd_i = in.imaginary[b + q] - in.imaginary[d + q];
      out.real[o0 + q] = sum_ac_r + sum_bd_r;
      out.imaginary[o0 + q] = sum_ac_i + sum_bd_i;
      const float x1r = dif_ac_r + dif_bd_i, x1i = dif_ac_i - dif_bd_r;
      out.real[o1 + q] = w1r * x1r - w1i * x1i;
      out.imaginary[o1 + q] = w1r * x1i + w1i * x1r;
      const float x2r = sum_ac_r - sum_bd_r, x2i = sum_ac_i - sum_bd_i;
      out.real[o2 + q] = w2r * x2r - w2i * x2i;
      out.imaginary[o2 + q] = w2r * x2i + w2i * x2r;
      const float x3r = dif_ac_r - dif_bd_i, x3i = dif_ac_i + dif_bd_r;
      out.real[o3 + q] = w3r * x3r - w3i * x3i;
      out.imaginary[o3 + q] = w3r * x3i + w3i * x3r;
    }
  }
}

// The last pass where the length is no power of four: transforms of two.
void PassOfTwo(int groups, const Signal in, const Signal out) {
  for (int q = 0; q < groups; ++q) {
    out.real[q] = in.real[q] + in.real[groups + q];
    out.imaginary[q] = in.imaginary[q] + in.imaginary[groups + q];
    out.real[groups + q] = in.real[q] - in.real[groups + q];
    out.imaginary[groups + q] = in.imaginary[q] - in.imaginary[groups + q];
  }
}

}  // namespace

absl::StatusOr<RealFourier> RealFourier::Create(int size) {
  if (size < kSmallest || size > kLargest || (size & (size - 1)) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("a transform's size must be a power of two from ",
                                                   kSmallest, " to ", kLargest, ": ", size));
  }
  return RealFourier(size);
}

RealFourier::RealFourier(int size) : half_(size / 2) {
  for (int k = 0; k < half_; ++k) {
    const double angle = -2 * std::numbers::pi * k / size;
    turns_.real.push_back(static_cast<float>(std::cos(angle)));
    turns_.imaginary.push_back(static_cast<float>(std::sin(angle)));
    pass_turns_.real.push_back(static_cast<float>(std::cos(2 * angle)));
    pass_turns_.imaginary.push_back(static_cast<float>(std::sin(2 * angle)));
  }
  for (Parts* parts : {&signal_, &scratch_}) {
    parts->real.resize(half_);
    parts->imaginary.resize(half_);
  }
}

void RealFourier::TransformSignal(bool backward) {
  const Signal turns = {pass_turns_.real.data(), pass_turns_.imaginary.data()};
  Signal in = {signal_.real.data(), signal_.imaginary.data()};
  Signal out = {scratch_.real.data(), scratch_.imaginary.data()};
  // Real and imaginary parts exchanged before and after change the exponent's sign.
  if (backward) {
    std::swap(in.real, in.imaginary);
    std::swap(out.real, out.imaginary);
  }
  bool in_scratch = false;
  int length = half_;
  for (; length >= 4; length /= 4) {
    PassOfFour(length, half_ / length, turns, in, out);
    std::swap(in, out);
    in_scratch = !in_scratch;
  }
  if (length == 2) {
    PassOfTwo(half_ / 2, in, out);
    in_scratch = !in_scratch;
  }
  if (in_scratch) std::swap(signal_, scratch_);
}

// Even samples are the real part and odd ones the imaginary part of a signal z of half the length. With Z its
// transform, X[k] = E + exp(-2 pi i k / size) O, where E = (Z[k] + conj Z[half - k]) / 2 and
// O = (Z[k] - conj Z[half - k]) / 2i belong to the even and to the odd samples.
void RealFourier::Forward(absl::Span<const float> samples, absl::Span<std::complex<float>> spectrum) {
  for (int m = 0; m < half_; ++m) {
    signal_.real[m] = samples[2 * m];
    signal_.imaginary[m] = samples[2 * m + 1];
  }
  TransformSignal(/*backward=*/false);
  spectrum[0] = signal_.real[0] + signal_.imaginary[0];
  spectrum[half_] = signal_.real[0] - signal_.imaginary[0];
  for (int k = 1; k < half_; ++k) {
    const float a = signal_.real[k], b = signal_.imaginary[k];
    const float c = signal_.real[half_ - k], d = -signal_.imaginary[half_ - k];
    const float odd_r = 0.5f * (b - d), odd_i = -0.5f * (a - c);
    spectrum[k] = {0.5f * (a + c) + turns_.real[k] * odd_r - turns_.imaginary[k] * odd_i,
                   0.5f * (b + d) + turns_.real[k] * odd_i + turns_.imaginary[k] * odd_r};
  }
}

// Z[k] = E + i O with E = (X[k] + conj X[half - k]) / 2 and O = exp(2 pi i k / size) (X[k] - conj X[half -
// k]) / 2.
void RealFourier::Inverse(absl::Span<const std::complex<float>> spectrum, absl::Span<float> samples) {
  const float scale = 0.5f / static_cast<float>(half_);
  for (int k = 0; k < half_; ++k) {
    const float a = spectrum[k].real(), b = spectrum[k].imag();
    const float c = spectrum[half_ - k].real(), d = -spectrum[half_ - k].imag();
    const float odd_r = turns_.real[k] * (a - c) + turns_.imaginary[k] * (b - d);
    const float odd_i = turns_.real[k] * (b - d) - turns_.imaginary[k] * (a - c);
    signal_.real[k] = scale * (a + c - odd_i);
    signal_.imaginary[k] = scale * (b + d + odd_r);
  }
  TransformSignal(/*backward=*/true);
  for (int m = 0; m < half_; ++m) {
    samples[2 * m] = signal_.real[m];
    samples[2 * m + 1] = signal_.imaginary[m];
  }
}

}  // namespace consort::trainer
