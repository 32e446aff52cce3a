#include "coordinator/aggregation/model_step.h"

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/artifact/file_digest.h"
#include "common/artifact/safetensors.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "coordinator/aggregation/decode.h"

namespace consort::coordinator {
namespace {

// The same round gives the same names again after a crash, and two rounds at once never share them.
std::string OutputPath(const AggregateRequest& request, absl::string_view what) {
  const std::string round = Sha256Hex(absl::StrJoin(request.spool_paths, "\n")).substr(0, 32);
  return absl::StrCat(request.output_directory, "/", what, "-", round, ".safetensors");
}

std::string MomentName(const Moment& moment, const Segment& segment) {
  return absl::StrCat(moment.name, "/", segment.name);
}

bool IsMomentOf(absl::string_view tensor, const std::vector<Moment>& moments) {
  return std::any_of(moments.begin(), moments.end(), [&](const Moment& moment) {
    return absl::StartsWith(tensor, absl::StrCat(moment.name, "/"));
  });
}

bool IsDelta(const Segment& segment) { return segment.kind == SegmentKind::kDelta; }

}  // namespace

absl::StatusOr<ModelStep> ModelStep::Open(const AggregateRequest& request) {
  ASSIGN_OR_RETURN(std::unique_ptr<ServerStep> step, MakeServerStep(request.optimiser));
  ASSIGN_OR_RETURN(TensorReader state, TensorReader::Open(request.state_path));
  for (const Segment& segment : request.manifest->segments()) {
    if (IsDelta(segment) || state.Has(segment.name)) {
      RETURN_IF_ERROR(state.Require(segment.name, segment.shape));
    }
  }
  const std::map<std::string, std::string> metadata(request.metadata.begin(), request.metadata.end());
  ASSIGN_OR_RETURN(TensorWriter next_state,
                   TensorWriter::Create(OutputPath(request, "state"), state.header().tensors(), metadata));
  ModelStep model(std::move(step), std::move(state), std::move(next_state));
  RETURN_IF_ERROR(model.OpenMoments(request));
  RETURN_IF_ERROR(model.CopyTheRest(*request.manifest));
  return model;
}

absl::Status ModelStep::OpenMoments(const AggregateRequest& request) {
  if (moments_.empty()) return absl::OkStatus();
  if (!request.moments_path.empty()) {
    ASSIGN_OR_RETURN(old_moments_, TensorReader::Open(request.moments_path));
  }
  std::vector<TensorInfo> tensors;
  std::set<std::string> names;
  for (const Moment& moment : moments_) {
    for (const Segment& segment : request.manifest->segments()) {
      if (!IsDelta(segment)) continue;
      const std::string name = MomentName(moment, segment);
      if (OldMomentsHave(name)) RETURN_IF_ERROR(old_moments_->Require(name, segment.shape));
      names.insert(name);
      tensors.push_back(
          {name, "F32", segment.shape, 0, static_cast<uint64_t>(segment.size()) * sizeof(float)});
    }
  }
  // Moments of the segments of other manifests, which have their turn in other rounds, are kept.
  const size_t kept = tensors.size();
  if (old_moments_.has_value()) {
    for (const TensorInfo& tensor : old_moments_->header().tensors()) {
      if (names.count(tensor.name) > 0) continue;
      if (!IsMomentOf(tensor.name, moments_)) {
        return absl::InvalidArgumentError(
            absl::StrCat("the stored moments are not this optimiser's: tensor ", tensor.name));
      }
      tensors.push_back(tensor);
    }
  }
  ASSIGN_OR_RETURN(TensorWriter next_moments,
                   TensorWriter::Create(OutputPath(request, "moments"), tensors, {}));
  next_moments_.emplace(std::move(next_moments));
  for (size_t i = kept; i < tensors.size(); ++i) {
    RETURN_IF_ERROR(next_moments_->Copy(*old_moments_, tensors[i].name));
  }
  return absl::OkStatus();
}

bool ModelStep::OldMomentsHave(const std::string& name) const {
  return old_moments_.has_value() && old_moments_->Has(name);
}

absl::Status ModelStep::CopyTheRest(const Manifest& manifest) {
  std::set<std::string> trained;
  for (const Segment& segment : manifest.segments()) trained.insert(segment.name);
  for (const TensorInfo& tensor : state_.header().tensors()) {
    if (trained.count(tensor.name) == 0) RETURN_IF_ERROR(next_state_.Copy(state_, tensor.name));
  }
  return absl::OkStatus();
}

absl::Status ModelStep::Apply(const Segment& segment, int64_t first, absl::Span<const float> average) {
  values_.resize(average.size());
  RETURN_IF_ERROR(state_.Read(segment.name, first, absl::MakeSpan(values_)));
  RETURN_IF_ERROR(ReadMoments(segment, first, average.size()));
  std::vector<absl::Span<float>> moments;
  for (std::vector<float>& values : moment_values_) moments.push_back(absl::MakeSpan(values));
  step_->Apply(average, absl::MakeSpan(values_), moments);
  bool finite = AllFinite(values_);
  for (const std::vector<float>& values : moment_values_) finite = finite && AllFinite(values);
  if (!finite) {
    return absl::DataLossError(absl::StrCat(
        "the model's next state is not finite; lower the server's learning rate: tensor ", segment.name));
  }
  RETURN_IF_ERROR(next_state_.Write(segment.name, first, values_));
  return WriteMoments(segment, first);
}

absl::Status ModelStep::Replace(const Segment& segment, int64_t first, absl::Span<const double> sums) {
  if (!state_.Has(segment.name)) return absl::OkStatus();
  values_.assign(sums.begin(), sums.end());
  return next_state_.Write(segment.name, first, values_);
}

absl::Status ModelStep::ReadMoments(const Segment& segment, int64_t first, size_t count) {
  for (size_t i = 0; i < moments_.size(); ++i) {
    moment_values_[i].assign(count, moments_[i].initial);
    const std::string name = MomentName(moments_[i], segment);
    if (!OldMomentsHave(name)) continue;
    RETURN_IF_ERROR(old_moments_->Read(name, first, absl::MakeSpan(moment_values_[i])));
  }
  return absl::OkStatus();
}

absl::Status ModelStep::WriteMoments(const Segment& segment, int64_t first) {
  for (size_t i = 0; i < moments_.size(); ++i) {
    RETURN_IF_ERROR(next_moments_->Write(MomentName(moments_[i], segment), first, moment_values_[i]));
  }
  return absl::OkStatus();
}

absl::Status ModelStep::Finish(AggregateResult& result) {
  result.state_path = next_state_.path();
  // Two hashes of the same bytes, side by side: the round waits for them.
  auto tensors =
      std::async(std::launch::async, [&path = result.state_path] { return TensorDigestOfFile(path); });
  absl::StatusOr<std::string> file = DigestOfFile(result.state_path);
  ASSIGN_OR_RETURN(result.state_digest, tensors.get());
  ASSIGN_OR_RETURN(result.state_artifact, std::move(file));
  next_state_.Finish();
  if (!next_moments_.has_value()) return absl::OkStatus();
  result.moments_path = next_moments_->path();
  ASSIGN_OR_RETURN(result.moments_artifact, DigestOfFile(result.moments_path));
  next_moments_->Finish();
  return absl::OkStatus();
}

}  // namespace consort::coordinator
