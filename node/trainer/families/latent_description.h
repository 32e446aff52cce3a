// What a model's latents are like, for people and for programs that play the model.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_LATENT_DESCRIPTION_H_
#define CONSORT_NODE_TRAINER_FAMILIES_LATENT_DESCRIPTION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"
#include "node/trainer/families/latent_totals.h"

namespace consort::trainer {

// Of the variance of latents; so many directions are worth a dial each.
inline constexpr double kExplainedShare = 0.95;

// "frames", "latents", "directions" that explain kExplainedShare and "dials", the power of two that is not
// below it, "mean" and "fidelity"; or "frames" and "problem", "too-few-latent-frames" below
// kLeastLatentFrames. Errors: those of AnalyseLatents.
absl::StatusOr<nlohmann::json> DescribeLatents(int64_t latent_size, const LatentTotals& totals);

// Puts `latent_pca` [L, L], `latent_mean` [L] and `fidelity` [L] into a model file, F32; leaves it as it is
// below kLeastLatentFrames. Errors: those of AnalyseLatents and AddTensors.
absl::StatusOr<std::string> AddLatentAnalysis(std::string file, int64_t latent_size,
                                              const LatentTotals& totals);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_LATENT_DESCRIPTION_H_
