// An archive's released examples, second by second: what the mixture retrieves and puts together.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_EXAMPLE_LIBRARY_H_
#define CONSORT_NODE_TRAINER_FAMILIES_EXAMPLE_LIBRARY_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/families/segment_descriptors.h"

namespace consort::trainer {

// Holds the audio in memory. Not thread-safe while examples are added.
class ExampleLibrary {
 public:
  static constexpr int64_t kMostSeconds = 3600;  // of audio in all: 635 MB at 44.1 kHz

  explicit ExampleLibrary(int sample_rate_hz) : sample_rate_hz_(sample_rate_hz) {}

  // `audio`: mono, full scale = 1. Returns the example's number, from 0. Errors: InvalidArgument for no audio
  // or samples that are NaN or infinite; ResourceExhausted "too-long: ..." past kMostSeconds.
  absl::StatusOr<size_t> Add(std::vector<float> audio);

  struct Unit {
    size_t example = 0;
    int64_t second = 0;  // where it begins
    bool whole = false;  // a whole second; the last one of an example may be shorter
  };
  // Seconds that sound, in the order of examples and time, and what each is like.
  const std::vector<Unit>& units() const { return units_; }
  const std::vector<SegmentPoint>& points() const { return points_; }

  int sample_rate_hz() const { return sample_rate_hz_; }
  absl::Span<const float> example(size_t number) const { return examples_[number]; }
  size_t examples() const { return examples_.size(); }

 private:
  int sample_rate_hz_;
  int64_t samples_ = 0;
  std::vector<std::vector<float>> examples_;
  std::vector<Unit> units_;
  std::vector<SegmentPoint> points_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_EXAMPLE_LIBRARY_H_
