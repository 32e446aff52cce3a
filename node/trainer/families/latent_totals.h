// The sums of latents as a job adds them up over archives: whole numbers of steps, so that the sum over
// archives is that of all their recordings, to the bit.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_LATENT_TOTALS_H_
#define CONSORT_NODE_TRAINER_FAMILIES_LATENT_TOTALS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/architectures/named_tensor.h"
#include "common/update/manifest.h"
#include "node/trainer/models/latent_statistics.h"

namespace consort::trainer {

// What one step of a sum of latents or of their products is worth; the number of frames counts in ones.
inline constexpr double kLatentStep = 0x1p-13;
// Largest sum of one archive, in steps: 2^32 in units, three hours of latents of a root mean square of 64.
inline constexpr int64_t kMostLatentSteps = int64_t{1} << 45;
// Archives in one sum, so that it stays exact in float32.
inline constexpr uint32_t kMostLatentArchives = 511;

// A sum of steps has 46 bits with its sign, more than a float32 or a ring coordinate holds, and goes as three
// digits to the base 2^15, the first signed: sum = (d0 * 2^15 + d1) * 2^15 + d2 steps. Digits add up each for
// itself, and need not be below the base once added. Tensors: `statistics/latent/count` [3],
// `statistics/latent/sum` [3, L] and `statistics/latent/products` [3, L, L], F32. Not thread-safe.
class LatentTotals {
 public:
  // `latent_size`: L, > 0. All zero: nothing has been counted.
  explicit LatentTotals(int64_t latent_size);

  // The tensors, and so the segments, in order.
  static std::vector<NamedTensor> Tensors(int64_t latent_size);
  static std::vector<Segment> Segments(int64_t latent_size);

  // Reads the tensors from a model file; nothing if it has none of them. Errors: InvalidArgument
  // "artifact-damaged: ..." for no safetensors, some of them only, another shape or type, or values that no
  // sum has.
  static absl::StatusOr<std::optional<LatentTotals>> Read(int64_t latent_size, absl::string_view file);

  // Adds the latents of one recording, each of their sums rounded once to whole steps. Errors: OutOfRange
  // "latents-too-large: ..." naming the sum that left its bounds; nothing is added then.
  absl::Status Add(const LatentSums& recording);

  double frames() const { return Sums()[0]; }
  // Digits, in the tensors' order.
  std::vector<float> Values() const;
  // As AnalyseLatents takes them.
  std::vector<double> Sums() const;

 private:
  int64_t latent_size_;
  std::vector<int64_t> steps_;  // in the order of LatentSums::values()
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_LATENT_TOTALS_H_
