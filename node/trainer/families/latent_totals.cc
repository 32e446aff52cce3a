#include "node/trainer/families/latent_totals.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/architectures/latent_tensors.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

constexpr int64_t kDigits = 3;
constexpr int64_t kBase = int64_t{1} << 15;
constexpr double kLargestDigit = 0x1p24;  // of a sum of updates; above it float32 is not exact

double StepOf(size_t coordinate) { return coordinate == 0 ? 1 : kLatentStep; }

// "statistics/latent/products [2, 5]".
std::string NameOf(size_t coordinate, int64_t latent_size) {
  const auto index = static_cast<int64_t>(coordinate) - 1;
  if (index < 0) return kLatentCountTensor;
  if (index < latent_size) return absl::StrCat(kLatentSumTensor, " [", index, "]");
  const int64_t product = index - latent_size;
  return absl::StrCat(kLatentProductsTensor, " [", product / latent_size, ", ", product % latent_size, "]");
}

absl::Status Damaged(absl::string_view what, absl::string_view tensor) {
  return absl::InvalidArgumentError(absl::StrCat("artifact-damaged: ", what, ": ", tensor));
}

// The digits of one tensor, float32 [kDigits, size].
absl::StatusOr<std::vector<float>> ReadDigits(const TensorInfo* found, const NamedTensor& expected,
                                              absl::string_view data) {
  if (found == nullptr) return Damaged("the state lacks a sum of its latents", expected.name);
  if (found->dtype != "F32" || found->shape != expected.shape) {
    return Damaged("a sum of latents is not of this model's shape", expected.name);
  }
  std::vector<float> digits(expected.size());
  std::memcpy(digits.data(), data.data() + found->begin, digits.size() * sizeof(float));
  const bool whole = std::all_of(digits.begin(), digits.end(), [](float digit) {
    return std::abs(digit) <= kLargestDigit && digit == std::floor(digit);
  });
  if (!whole) return Damaged("a sum of latents holds a value that no sum has", expected.name);
  return digits;
}

}  // namespace

LatentTotals::LatentTotals(int64_t latent_size)
    : latent_size_(latent_size), steps_(1 + latent_size + latent_size * latent_size) {}

std::vector<NamedTensor> LatentTotals::Tensors(int64_t latent_size) {
  return {{kLatentCountTensor, {kDigits}},
          {kLatentSumTensor, {kDigits, latent_size}},
          {kLatentProductsTensor, {kDigits, latent_size, latent_size}}};
}

std::vector<Segment> LatentTotals::Segments(int64_t latent_size) {
  std::vector<Segment> segments;
  for (const NamedTensor& tensor : Tensors(latent_size)) {
    segments.push_back({tensor.name, tensor.shape, SegmentKind::kStatistic, /*quantum=*/1,
                        /*bound=*/static_cast<double>(kBase)});
  }
  return segments;
}

absl::StatusOr<std::optional<LatentTotals>> LatentTotals::Read(int64_t latent_size, absl::string_view file) {
  const absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(file, file.size());
  if (!header.ok()) return Damaged("not a model file", header.status().message());
  const std::vector<NamedTensor> tensors = Tensors(latent_size);
  const bool any = std::any_of(tensors.begin(), tensors.end(), [&](const NamedTensor& tensor) {
    return header->Find(tensor.name) != nullptr;
  });
  if (!any) return std::optional<LatentTotals>();
  LatentTotals totals(latent_size);
  auto steps = totals.steps_.begin();
  for (const NamedTensor& tensor : tensors) {
    ASSIGN_OR_RETURN(const std::vector<float> digits,
                     ReadDigits(header->Find(tensor.name), tensor, file.substr(header->data_offset())));
    const size_t size = digits.size() / kDigits;
    for (size_t i = 0; i < size; ++i) {
      for (int64_t digit = 0; digit < kDigits; ++digit) {
        steps[i] = steps[i] * kBase + static_cast<int64_t>(digits[digit * size + i]);
      }
    }
    steps += static_cast<std::ptrdiff_t>(size);
  }
  return std::optional<LatentTotals>(std::move(totals));
}

absl::Status LatentTotals::Add(const LatentSums& recording) {
  std::vector<int64_t> sums = steps_;
  for (size_t i = 0; i < sums.size(); ++i) {
    const double more = std::round(recording.values()[i] / StepOf(i));
    const double sum = static_cast<double>(sums[i]) + more;  // both below 2^53, or too large in any case
    if (!(std::abs(sum) <= static_cast<double>(kMostLatentSteps))) {
      return absl::OutOfRangeError(
          absl::StrCat("latents-too-large: the latents of this model add up to more than can be sent; train "
                       "it with a larger kl_weight, or without latent_analysis: ",
                       NameOf(i, latent_size_), " is ", sum * StepOf(i), ", at most ",
                       static_cast<double>(kMostLatentSteps) * StepOf(i)));
    }
    sums[i] += static_cast<int64_t>(more);
  }
  steps_ = std::move(sums);
  return absl::OkStatus();
}

std::vector<float> LatentTotals::Values() const {
  std::vector<float> values;
  auto steps = steps_.begin();
  for (const NamedTensor& tensor : Tensors(latent_size_)) {
    const auto size = static_cast<size_t>(tensor.size() / kDigits);
    const size_t begin = values.size();
    values.resize(begin + tensor.size());
    for (size_t i = 0; i < size; ++i) {
      int64_t rest = steps[i];
      for (int64_t digit = kDigits - 1; digit > 0; --digit) {
        const int64_t low = ((rest % kBase) + kBase) % kBase;
        values[begin + digit * size + i] = static_cast<float>(low);
        rest = (rest - low) / kBase;
      }
      values[begin + i] = static_cast<float>(rest);
    }
    steps += static_cast<std::ptrdiff_t>(size);
  }
  return values;
}

std::vector<double> LatentTotals::Sums() const {
  std::vector<double> sums;
  for (size_t i = 0; i < steps_.size(); ++i) sums.push_back(static_cast<double>(steps_[i]) * StepOf(i));
  return sums;
}

}  // namespace consort::trainer
