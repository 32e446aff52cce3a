#include "node/trainer/descriptors/fourier.h"

#include <kiss_fftr.h>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

constexpr int kSmallest = 8;
constexpr int kLargest = 65536;  // a third of a second at 192 kHz: more than any window here

struct FreePlan {
  void operator()(kiss_fftr_state* plan) const { kiss_fftr_free(plan); }
};
using Plan = std::unique_ptr<kiss_fftr_state, FreePlan>;

Plan MakePlan(int size, bool inverse) { return Plan(kiss_fftr_alloc(size, inverse ? 1 : 0, nullptr, nullptr)); }

// Both are a real part followed by an imaginary one.
static_assert(sizeof(kiss_fft_cpx) == sizeof(std::complex<float>));
kiss_fft_cpx* AsKiss(std::complex<float>* spectrum) { return reinterpret_cast<kiss_fft_cpx*>(spectrum); }
const kiss_fft_cpx* AsKiss(const std::complex<float>* spectrum) {
  return reinterpret_cast<const kiss_fft_cpx*>(spectrum);
}

}  // namespace

struct RealFourier::Plans {
  Plan forward;
  Plan inverse;
};

RealFourier::RealFourier(int size)
    : size_(size), plans_(new Plans{MakePlan(size, /*inverse=*/false), MakePlan(size, /*inverse=*/true)}) {}
RealFourier::RealFourier(RealFourier&&) noexcept = default;
RealFourier& RealFourier::operator=(RealFourier&&) noexcept = default;
RealFourier::~RealFourier() = default;

absl::StatusOr<RealFourier> RealFourier::Create(int size) {
  if (size < kSmallest || size > kLargest || (size & (size - 1)) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("a transform's size must be a power of two from ", kSmallest,
                                                   " to ", kLargest, ": ", size));
  }
  return RealFourier(size);
}

void RealFourier::Forward(absl::Span<const float> samples, absl::Span<std::complex<float>> spectrum) {
  kiss_fftr(plans_->forward.get(), samples.data(), AsKiss(spectrum.data()));
}

void RealFourier::Inverse(absl::Span<const std::complex<float>> spectrum, absl::Span<float> samples) {
  kiss_fftri(plans_->inverse.get(), AsKiss(spectrum.data()), samples.data());
  for (float& sample : samples) sample /= static_cast<float>(size_);
}

}  // namespace consort::trainer
