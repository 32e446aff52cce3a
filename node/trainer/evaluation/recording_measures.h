// What else is said about a model's work on one tradition, beside the primary measure (docs/measures.md).
#ifndef CONSORT_NODE_TRAINER_EVALUATION_RECORDING_MEASURES_H_
#define CONSORT_NODE_TRAINER_EVALUATION_RECORDING_MEASURES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/measures/embedding_set.h"

namespace consort::trainer {

// Collects the measures of one tradition's recordings. Names of the results: spectral-convergence,
// log-mel-distance, loudness-difference (absolute, LU), raw-pitch-accuracy, raw-chroma-accuracy, onset-f1,
// one pair a recording; kernel-distance and, with more than 500 seconds, frechet-distance-at-infinity, of the
// seconds of all outputs against those of all originals; predicted-as/<class>, the number of recordings that
// were taken for it. Not thread-safe.
class RecordingMeasures {
 public:
  explicit RecordingMeasures(int sample_rate_hz);

  // Mono audio of one length, full scale = 1. Errors: those of MeasureReconstruction and DescribeSegments.
  absl::Status AddReconstruction(absl::Span<const float> original, absl::Span<const float> before,
                                 absl::Span<const float> after);
  // The probabilities of `classes` under both models.
  void AddPrediction(const std::vector<std::string>& classes, absl::Span<const double> before,
                     absl::Span<const double> after);

  // Values rounded to 4 decimals; pairs in the order in which recordings came. `seed` draws the resamples of
  // frechet-distance-at-infinity. Errors: those of the distances.
  absl::StatusOr<std::vector<v1::MeasureScores>> Finish(uint64_t seed) &&;

 private:
  void AddPair(const char* name, double before, double after);
  absl::Status AddDistances(uint64_t seed, std::vector<v1::MeasureScores>& scores) const;

  int sample_rate_hz_;
  std::map<std::string, std::vector<std::pair<double, double>>> pairs_;
  EmbeddingSet originals_, before_, after_;
  std::map<std::string, std::pair<int, int>> predicted_;
  uint32_t predictions_ = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_RECORDING_MEASURES_H_
