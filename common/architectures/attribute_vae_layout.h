// What there is to know of the attribute VAE's network without computing it.
#ifndef CONSORT_COMMON_ARCHITECTURES_ATTRIBUTE_VAE_LAYOUT_H_
#define CONSORT_COMMON_ARCHITECTURES_ATTRIBUTE_VAE_LAYOUT_H_

#include <cstdint>
#include <vector>

#include "common/architectures/named_tensor.h"

namespace consort {

struct AttributeVaeShape {
  static constexpr int kStages = 4;
  static constexpr int64_t kChannels[kStages] = {32, 64, 128, 128};  // after each stage
  static constexpr int64_t kTaps = 4;                                // of a convolution, either way
  static constexpr int64_t kSide = 4;                                // of a patch after the last stage
  static constexpr int64_t kFlat = kChannels[kStages - 1] * kSide * kSide;
  static constexpr int64_t kLatents = 32;
};

// Weights in the order that the network takes them: convolutions [out, in, taps, taps], linear layers [out,
// in], transposed convolutions [in, out, taps, taps]. A channel of ones stands for biases.
std::vector<NamedTensor> LayOutAttributeVae();

}  // namespace consort

#endif  // CONSORT_COMMON_ARCHITECTURES_ATTRIBUTE_VAE_LAYOUT_H_
