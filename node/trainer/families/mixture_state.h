// The state of descriptor-mixture: the statistics of every tradition as tensors, and as segments of an
// update.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_STATE_H_
#define CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_STATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/update/manifest.h"
#include "node/trainer/families/mixture_statistics.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// An archive counts at most so many segments a round, which is 72 h of one second each.
inline constexpr int64_t kMostSegments = int64_t{1} << 18;
// Archives in one sum, so that it stays below 2^31 steps.
inline constexpr uint32_t kMostArchives = 511;

// Gaussians of a tradition's mixture.
inline constexpr int kMostComponents = 64;

// Each sum is a whole number of steps of up to 35 bits, more than a float32 or a ring coordinate holds, and
// goes as two tensors: `.coarse`, in units of 4096 steps, and `.fine`, the rest, 0 to 4095 steps. Both are
// exact in float32 up to 2^24 units, also once 4 full archives are summed; above that a sum keeps 24 bits.
// Tensors are named statistics/<tradition>/<quantity>.<part>, quantities being segments [components], count,
// sum and square [components, descriptors] and log_likelihood [1].
class MixtureState {
 public:
  // All zero: nothing has been counted.
  MixtureState(const std::vector<std::string>& traditions, int components);

  // The tensors, and so the segments, in order.
  static std::vector<Segment> Segments(const std::vector<std::string>& traditions, int components);

  // Reads safetensors with exactly these tensors. Errors: as ReadTensors; InvalidArgument "artifact-damaged:
  // ..." for values that no sum has.
  static absl::StatusOr<MixtureState> Parse(const std::vector<std::string>& traditions, int components,
                                            absl::string_view file);
  // The same for a file whose traditions and components its tensors tell. Errors: as Parse; InvalidArgument
  // "wrong-architecture: ..." for a model of another family.
  static absl::StatusOr<MixtureState> ParseAny(absl::string_view file);

  // The values of all tensors, one after the other.
  std::vector<float> Values() const;
  absl::StatusOr<std::string> Save(const Metadata& metadata) const;

  const std::vector<std::string>& traditions() const { return traditions_; }
  int components() const { return components_; }
  const MixtureStatistics& at(size_t tradition) const { return statistics_[tradition]; }
  MixtureStatistics& at(size_t tradition) { return statistics_[tradition]; }

 private:
  std::vector<std::string> traditions_;
  int components_;
  std::vector<MixtureStatistics> statistics_;  // by tradition
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_STATE_H_
