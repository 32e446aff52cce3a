// What there is to know of a RAVE network without computing it: its weights, its latent rate, how far it
// hears. Without LibTorch, so that any program may ask.
#ifndef CONSORT_COMMON_ARCHITECTURES_RAVE_LAYOUT_H_
#define CONSORT_COMMON_ARCHITECTURES_RAVE_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/architectures/named_tensor.h"

namespace consort {

// Version 2 of RAVE (Caillon and Esling 2021, arXiv 2111.05011). As it stands: capacity 16 of the small
// variant.
struct RaveShape {
  int64_t bands = 16;
  int64_t capacity = 16;  // channels after the stem; doubled by each stage
  int64_t latent = 16;
  std::vector<int64_t> ratios = {4, 2, 2, 2};  // strides of the encoder's stages
  std::vector<std::vector<int64_t>> dilations = {{1, 3, 9}, {1, 3, 9}, {1, 3, 9}, {1, 3}};
  std::vector<int64_t> noise_ratios = {2, 2, 2};  // empty: no noise module
  int64_t noise_hidden = 64;
  int64_t noise_spectrum = 32;  // bins of each band's noise filter
};

RaveShape RaveTinyShape();
RaveShape RaveV2SmallShape();
RaveShape RaveV2Shape();

struct RaveLayout {
  // The convolution weights in the order that the network takes them: Conv1d [out, in, k], transposed
  // convolutions [in, out, k]. First those of the encoder, then the generator's, then the noise module's. No
  // bias.
  std::vector<NamedTensor> weights;
  size_t generator_begin = 0;  // index of the generator's first weight
  size_t noise_begin = 0;      // index of the noise module's first weight
  int64_t hop = 0;             // samples a latent frame
};

RaveLayout LayOutRave(const RaveShape& shape);

// Published networks are weight-normalised, all but the noise module: each weight is a direction and a gain
// for every slice of its first dimension. Here weights are held folded: `gains` of theirs are missing.
struct ParameterCount {
  int64_t values = 0;
  int64_t gains = 0;
};
struct RaveParameters {
  ParameterCount encoder;
  ParameterCount decoder;  // generator and noise module
};
RaveParameters CountParameters(const RaveShape& shape);

// Which samples of the input an output sample at the start of a latent frame depends on: that many before and
// after it. Of a whole pass: filter bank, encoder, generator, filter bank.
struct ReceptiveField {
  int64_t left = 0;
  int64_t right = 0;
};
ReceptiveField ReceptiveFieldOf(const RaveShape& shape);

}  // namespace consort

#endif  // CONSORT_COMMON_ARCHITECTURES_RAVE_LAYOUT_H_
