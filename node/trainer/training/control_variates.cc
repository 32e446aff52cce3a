#include "node/trainer/training/control_variates.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"
#include "node/trainer/training/state_tensors.h"

namespace consort::trainer {
namespace {

constexpr char kSharedPrefix[] = "statistics/control";  // of all names below
constexpr char kTensorPrefix[] = "statistics/control/";
constexpr char kArchives[] = "statistics/control-archives";
constexpr char kOwn[] = "control";  // tensors of what an archive keeps
constexpr char kModel[] = "model";

absl::Status Damaged(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "artifact-damaged: what this archive keeps of the job cannot be used; remove the trainer's "
      "local-* files of the job: ",
      why));
}

absl::string_view BytesOf(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace

double ControlVariates::QuantumFor(uint32_t cohort_bound) {
  const double most = std::floor(double{std::numeric_limits<int32_t>::max()} / cohort_bound);
  return kBound / std::exp2(std::floor(std::log2(most)));
}

ControlVariates::ControlVariates(const std::vector<NamedTensor>& trained, uint32_t cohort_bound)
    : trained_(trained), quantum_(QuantumFor(cohort_bound)) {
  for (const NamedTensor& tensor : trained_) {
    shared_.push_back({absl::StrCat(kTensorPrefix, tensor.name), tensor.shape});
    size_ += static_cast<size_t>(tensor.size());
  }
  shared_.push_back({kArchives, {1}});
  sums_.resize(size_ + 1);
}

absl::Status ControlVariates::ReadShared(absl::string_view state) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, SafetensorsHeader::Parse(state, state.size()));
  if (header.Find(kArchives) == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(sums_, TensorsOf(state, shared_));
  Correct();
  return absl::OkStatus();
}

absl::StatusOr<std::string> ControlVariates::ReadLocal(absl::string_view local) {
  if (local.empty()) return std::string();
  const absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(local, local.size());
  if (!header.ok()) return Damaged(header.status().message());
  const auto bytes_of = [&](const char* name) -> absl::string_view {
    const TensorInfo* tensor = header->Find(name);
    if (tensor == nullptr) return {};
    return local.substr(header->data_offset() + tensor->begin, tensor->end - tensor->begin);
  };
  const absl::string_view own = bytes_of(kOwn);
  if (!own.empty() && own.size() != size_ * sizeof(float))
    return Damaged("its control variate has another size");
  own_.resize(own.size() / sizeof(float));
  std::memcpy(own_.data(), own.data(), own.size());
  for (const float value : own_) {
    if (!std::isfinite(value)) return Damaged("its control variate is no number");
  }
  Correct();
  return std::string(bytes_of(kModel));
}

void ControlVariates::Correct() {
  correction_.clear();
  const double archives = sums_.back();
  if (own_.empty() || !(archives > 0)) return;
  correction_.resize(size_);
  for (size_t i = 0; i < size_; ++i) correction_[i] = static_cast<float>(sums_[i] / archives - own_[i]);
}

absl::Status ControlVariates::Learn(const TrainingOutcome& outcome) {
  if (outcome.gradient_steps == 0) return absl::OkStatus();
  std::vector<float> learnt;
  learnt.reserve(size_);
  for (const NamedTensor& tensor : trained_) {
    for (const size_t end = learnt.size() + static_cast<size_t>(tensor.size()); learnt.size() < end;) {
      const double mean = outcome.gradient_sum[learnt.size()] / static_cast<double>(outcome.gradient_steps);
      if (!(std::abs(mean) <= kBound)) {
        return absl::OutOfRangeError(
            absl::StrCat("control-above-bound: a mean gradient is larger than control variates may be, so "
                         "that this job cannot "
                         "use scaffold; submit it without: tensor ",
                         tensor.name, ", found ", mean, ", at most ", kBound));
      }
      // float32 of 2^24 quanta and more are whole quanta already.
      learnt.push_back(static_cast<float>(std::nearbyint(static_cast<float>(mean) / quantum_) * quantum_));
    }
  }
  own_ = std::move(learnt);
  learnt_ = true;
  return absl::OkStatus();
}

std::vector<float> ControlVariates::Statistics() const {
  std::vector<float> values = learnt_ ? own_ : std::vector<float>(size_);
  values.push_back(learnt_ ? 1 : 0);
  return values;
}

absl::StatusOr<std::string> ControlVariates::SaveLocal(absl::string_view model) const {
  std::vector<TensorView> views;
  if (!own_.empty()) views.push_back({kOwn, "F32", {static_cast<int64_t>(own_.size())}, BytesOf(own_)});
  if (!model.empty()) views.push_back({kModel, "U8", {static_cast<int64_t>(model.size())}, model});
  return WriteSafetensors(std::move(views), {});
}

std::vector<Segment> ControlVariates::Segments() const {
  std::vector<Segment> segments;
  for (const NamedTensor& tensor : shared_) {
    const bool counts = tensor.name == kArchives;
    segments.push_back(
        {tensor.name, tensor.shape, SegmentKind::kStatistic, counts ? 1 : quantum_, counts ? 1 : kBound});
  }
  return segments;
}

absl::StatusOr<std::string> ControlVariates::AddTo(absl::string_view state) const {
  return WithTensors(state, shared_, sums_);
}

absl::StatusOr<absl::string_view> WithoutControlVariates(absl::string_view state, std::string& storage) {
  if (state.empty()) return state;
  ASSIGN_OR_RETURN(storage, WithoutTensors(state, kSharedPrefix));
  return storage.empty() ? state : absl::string_view(storage);
}

}  // namespace consort::trainer
