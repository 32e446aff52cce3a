#include "node/trainer/models/pqmf.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace consort::trainer {
namespace {

constexpr int kBands = Pqmf::kBands;
// The prototype low-pass, designed once: Kaiser's estimates for 100 dB with a transition as wide as the
// cutoff, and the cutoff that makes the filter's autocorrelation vanish best at multiples of 2 * kBands.
constexpr int kReach = 188;  // taps -188 .. 188
constexpr double kCutoff = 0.1075195;
constexpr double kBeta = 10.06126;
// In polyphase form a filter reaches this many frames to either side.
constexpr int kFrameReach = (kReach + kBands - 1) / kBands;

// Modified Bessel function of the first kind, order 0, by its series. (libc++ lacks std::cyl_bessel_i.)
double BesselI0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / 2 / k) * (x / 2 / k);
    sum += term;
  }
  return sum;
}

double Prototype(int tap) {
  const double sinc =
      tap == 0 ? kCutoff / std::numbers::pi : std::sin(kCutoff * tap) / (std::numbers::pi * tap);
  const double position = static_cast<double>(tap) / kReach;
  return sinc * BesselI0(kBeta * std::sqrt(1 - position * position)) / BesselI0(kBeta);
}

// [band, phase, frame]: filter `band` at tap 16 * (frame - reach) + phase.
at::Tensor Kernel() {
  constexpr int kFrames = 2 * kFrameReach + 1;
  at::Tensor kernel = at::zeros({kBands, kBands, kFrames});
  auto values = kernel.accessor<float, 3>();
  for (int band = 0; band < kBands; ++band) {
    const double phase_shift = (band % 2 == 0 ? 1 : -1) * std::numbers::pi / 4;
    for (int frame = 0; frame < kFrames; ++frame) {
      for (int phase = 0; phase < kBands; ++phase) {
        const int tap = kBands * (frame - kFrameReach) + phase;
        if (std::abs(tap) > kReach) continue;
        const double angle = (2 * band + 1) * std::numbers::pi / (2 * kBands) * tap + phase_shift;
        values[band][phase][frame] = static_cast<float>(2 * Prototype(tap) * std::cos(angle));
      }
    }
  }
  return kernel;
}

// Odd bands come out with their spectrum mirrored; a change of sign at every second frame turns it back.
at::Tensor Unmirror(const at::Tensor& bands) {
  at::Tensor sign = at::ones({kBands, 2});
  for (int band = 1; band < kBands; band += 2) sign[band][0] = -1;
  const int64_t frames = bands.size(2);
  return bands * sign.repeat({1, (frames + 1) / 2}).narrow(1, 0, frames);
}

}  // namespace

struct Pqmf::Impl {
  at::Tensor analysis = Kernel();
  // The adjoint of the analysis, scaled: the bank is a tight frame as far as its stop band allows. Written as
  // a plain convolution: LibTorch has a faster path for it than for a transposed one.
  at::Tensor synthesis = (analysis.flip(2).transpose(0, 1) * kBands).contiguous();
};

Pqmf::Pqmf() : impl_(std::make_unique<Impl>()) {}
Pqmf::~Pqmf() = default;

at::Tensor Pqmf::Analyse(const at::Tensor& audio) const {
  const at::Tensor phases = audio.reshape({audio.size(0), -1, kBands}).transpose(1, 2).contiguous();
  return Unmirror(at::conv1d(phases, impl_->analysis, {}, /*stride=*/1, /*padding=*/kFrameReach));
}

at::Tensor Pqmf::Synthesise(const at::Tensor& bands) const {
  const at::Tensor phases =
      at::conv1d(Unmirror(bands), impl_->synthesis, {}, /*stride=*/1, /*padding=*/kFrameReach);
  return phases.transpose(1, 2).reshape({bands.size(0), 1, -1});
}

}  // namespace consort::trainer
