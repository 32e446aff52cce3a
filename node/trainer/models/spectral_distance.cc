#include "node/trainer/models/spectral_distance.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

constexpr int64_t kScales[] = {2048, 1024, 512, 256, 128};
constexpr double kFloor = 1e-7;           // inside the logarithm
constexpr double kSmallestPower = 1e-12;  // keeps a silent target from dividing by zero

at::Tensor Magnitude(const at::Tensor& signals, int64_t window) {
  return at::abs(at::stft(signals, window, window / 4, window, at::hann_window(window), /*center=*/true,
                          "reflect",
                          /*normalized=*/false, /*onesided=*/true, /*return_complex=*/true));
}

}  // namespace

at::Tensor SpectralDistance(const at::Tensor& target, const at::Tensor& output, double valid) {
  at::Tensor distance = at::zeros({});
  for (int64_t window : kScales) {
    const at::Tensor x = Magnitude(target, window);
    const at::Tensor y = Magnitude(output, window);
    const at::Tensor power = at::mean(x * x).clamp_min(kSmallestPower);
    const at::Tensor logarithmic = at::mean(at::abs(at::log(x + kFloor) - at::log(y + kFloor))) / valid;
    distance = distance + at::mean((x - y).pow(2)) / power + logarithmic;
  }
  return distance;
}

absl::StatusOr<double> SpectralDistance(absl::Span<const float> target, absl::Span<const float> output) {
  if (target.empty() || target.size() != output.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("signals to compare must have one length above zero: target has ", target.size(),
                     " samples, output ", output.size()));
  }
  try {
    at::NoGradGuard no_grad;
    const int64_t samples = static_cast<int64_t>(target.size());
    at::Tensor pair = at::zeros({2, std::max<int64_t>(samples, kScales[0])});
    std::copy(target.begin(), target.end(), pair[0].data_ptr<float>());
    std::copy(output.begin(), output.end(), pair[1].data_ptr<float>());
    return SpectralDistance(pair.narrow(0, 0, 1), pair.narrow(0, 1, 1), /*valid=*/1).item<double>();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("spectral distance failed: ", error.what()));
  }
}

}  // namespace consort::trainer
