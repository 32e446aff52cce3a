// Which part of each training recording is trained on, and which only tells how well a model does.
#ifndef CONSORT_NODE_TRAINER_ENGINE_VALIDATION_PARTS_H_
#define CONSORT_NODE_TRAINER_ENGINE_VALIDATION_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "node/trainer/families/family.h"

namespace consort::trainer {

// A stretch of an entry of a repertoire.
struct Part {
  size_t entry = 0;
  int64_t begin = 0;    // samples
  int64_t samples = 0;  // > 0
};

struct ValidationParts {
  std::vector<Part> training;
  std::vector<Part> validation;
};

// A validation part shorter than this says nothing; such recordings are trained on as a whole.
inline constexpr double kLeastValidationSeconds = 0.5;

// Keeps the middle `percent` (0 to 50) of each entry, where recordings seldom fall silent, from training. Of
// an entry whose part would be shorter than kLeastValidationSeconds, and with 0 percent, everything is
// trained on and nothing validates. The same entries give the same parts, in every round of a job. Pure.
ValidationParts SplitForValidation(const std::vector<Repertoire::Entry>& entries, uint32_t percent,
                                   int sample_rate_hz);

// `parts` as the entries of a repertoire: an entry's share is divided among its parts. Borrows `whole`.
class PartRepertoire final : public Repertoire {
 public:
  PartRepertoire(Repertoire& whole, std::vector<Part> parts);

  const std::vector<Entry>& entries() const override { return entries_; }
  absl::StatusOr<std::vector<float>> Read(size_t entry, int64_t begin, int64_t samples) override;
  void Heard(size_t entry, uint64_t windows) override { whole_.Heard(parts_[entry].entry, windows); }

 private:
  Repertoire& whole_;
  const std::vector<Part> parts_;
  std::vector<Entry> entries_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_VALIDATION_PARTS_H_
