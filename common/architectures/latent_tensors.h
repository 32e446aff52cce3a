// Tensors about a model's latents that a model file may hold beside the weights.
#ifndef CONSORT_COMMON_ARCHITECTURES_LATENT_TENSORS_H_
#define CONSORT_COMMON_ARCHITECTURES_LATENT_TENSORS_H_

#include <algorithm>
#include <iterator>

#include "absl/strings/string_view.h"

namespace consort {

// In the state of a job that analyses latents: exact sums, in digits (docs/formats/update.md).
inline constexpr char kLatentCountTensor[] = "statistics/latent/count";
inline constexpr char kLatentSumTensor[] = "statistics/latent/sum";
inline constexpr char kLatentProductsTensor[] = "statistics/latent/products";
// In an exported model: principal directions, one a row [L, L], mean [L], and the share of the variance that
// directions up to each explain [L].
inline constexpr char kLatentPcaTensor[] = "latent_pca";
inline constexpr char kLatentMeanTensor[] = "latent_mean";
inline constexpr char kLatentFidelityTensor[] = "fidelity";

inline constexpr absl::string_view kLatentTensors[] = {kLatentCountTensor,    kLatentSumTensor,
                                                       kLatentProductsTensor, kLatentPcaTensor,
                                                       kLatentMeanTensor,     kLatentFidelityTensor};

inline bool IsLatentTensor(absl::string_view name) {
  return std::find(std::begin(kLatentTensors), std::end(kLatentTensors), name) != std::end(kLatentTensors);
}

}  // namespace consort

#endif  // CONSORT_COMMON_ARCHITECTURES_LATENT_TENSORS_H_
