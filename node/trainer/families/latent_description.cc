#include "node/trainer/families/latent_description.h"

#include <bit>
#include <vector>

#include "common/architectures/latent_tensors.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/trainer/models/tensor_file.h"

namespace consort::trainer {

absl::StatusOr<nlohmann::json> DescribeLatents(int64_t latent_size, const LatentTotals& totals) {
  nlohmann::json description = {{"frames", static_cast<int64_t>(totals.frames())}, {"latents", latent_size}};
  const absl::StatusOr<LatentAnalysis> analysis = AnalyseLatents(latent_size, totals.Sums());
  if (absl::IsFailedPrecondition(analysis.status())) {
    description["problem"] = "too-few-latent-frames";
    return description;
  }
  RETURN_IF_ERROR(analysis.status());
  const int64_t directions = analysis->DirectionsFor(kExplainedShare);
  description["directions"] = directions;
  description["dials"] = std::bit_ceil(static_cast<uint64_t>(directions));
  description["mean"] = analysis->mean;
  description["fidelity"] = analysis->fidelity;
  return description;
}

absl::StatusOr<std::string> AddLatentAnalysis(std::string file, int64_t latent_size,
                                              const LatentTotals& totals) {
  const absl::StatusOr<LatentAnalysis> analysis = AnalyseLatents(latent_size, totals.Sums());
  if (absl::IsFailedPrecondition(analysis.status())) return file;
  RETURN_IF_ERROR(analysis.status());
  std::vector<float> values(analysis->basis.begin(), analysis->basis.end());
  values.insert(values.end(), analysis->mean.begin(), analysis->mean.end());
  values.insert(values.end(), analysis->fidelity.begin(), analysis->fidelity.end());
  return AddTensors(file,
                    {{kLatentPcaTensor, {latent_size, latent_size}},
                     {kLatentMeanTensor, {latent_size}},
                     {kLatentFidelityTensor, {latent_size}}},
                    values);
}

}  // namespace consort::trainer
