#include "common/state_dict/model_import.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/artifact/safetensors.h"
#include "common/state_dict/weight_source.h"
#include "common/status/macros.h"

namespace consort {
namespace {

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

bool AllFinite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

std::string TypeAndShape(const StoredTensor& tensor) {
  return absl::StrCat(tensor.dtype, " ", ShapeText(tensor.shape));
}

const StoredTensor* ValuesOf(const WeightSource& source) {
  return source.whole != nullptr ? source.whole : source.directions;
}

// Why a source cannot be the weight; empty if it can.
std::string Misfit(const WeightSource& source, const NamedTensor& weight) {
  const StoredTensor* values = ValuesOf(source);
  if (source.whole == nullptr && (source.directions == nullptr || source.gains == nullptr)) {
    return "half of a weight-norm pair is missing";
  }
  if (!HasFloats(*values) || values->shape != weight.shape) {
    return absl::StrCat(TypeAndShape(*values), ", expected floats ", ShapeText(weight.shape));
  }
  if (source.gains == nullptr) return "";
  std::vector<int64_t> expected(source.gains->shape.size(), 1);
  if (!expected.empty()) expected[0] = weight.shape[0];
  if (HasFloats(*source.gains) && !expected.empty() && source.gains->shape == expected) return "";
  return absl::StrCat("gains ", TypeAndShape(*source.gains), ", expected one for each of ", weight.shape[0]);
}

// Weight norm over dimension 0, in double precision.
std::vector<float> Fold(const std::vector<float>& directions, const std::vector<float>& gains) {
  std::vector<float> folded(directions.size());
  const size_t slice = directions.size() / gains.size();
  for (size_t row = 0; row < gains.size(); ++row) {
    double square = 0;
    for (size_t i = 0; i < slice; ++i) square += std::pow(double{directions[row * slice + i]}, 2);
    const double factor = gains[row] / std::sqrt(square);
    for (size_t i = 0; i < slice; ++i) {
      folded[row * slice + i] = static_cast<float>(factor * directions[row * slice + i]);
    }
  }
  return folded;
}

// The base model's float32 tensors.
class Base {
 public:
  static absl::StatusOr<Base> Open(absl::string_view file, const std::vector<NamedTensor>& layout) {
    Base base;
    if (file.empty()) return base;
    ASSIGN_OR_RETURN(const std::vector<StoredTensor> tensors, ReadStateDict(file));
    for (const StoredTensor& tensor : tensors) base.tensors_.emplace(tensor.name, tensor);
    for (const NamedTensor& weight : layout) {
      const auto found = base.tensors_.find(weight.name);
      if (found == base.tensors_.end() || found->second.shape != weight.shape || !HasFloats(found->second)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "wrong-architecture: the base model lacks a tensor of this architecture: ", weight.name));
      }
    }
    return base;
  }

  bool given() const { return !tensors_.empty(); }
  std::vector<float> Values(const std::string& name) const { return FloatValues(tensors_.at(name)); }

 private:
  std::map<std::string, StoredTensor> tensors_;
};

// What becomes of one weight; `values` are those to be written.
struct Placed {
  ImportLine line;
  std::vector<float> values;
};

Placed Place(const NamedTensor& weight, const WeightSource* source, const Base& base) {
  Placed placed;
  placed.line.tensor = weight.name;
  const std::string misfit = source == nullptr ? "" : Misfit(*source, weight);
  if (source == nullptr || !misfit.empty()) {
    placed.line.outcome = source == nullptr ? ImportOutcome::kMissing : ImportOutcome::kMisshapen;
    placed.line.detail = misfit;
    if (!base.given()) return placed;
    placed.values = base.Values(weight.name);
    placed.line.outcome = AllFinite(placed.values) ? ImportOutcome::kFromBase : ImportOutcome::kNotFinite;
    return placed;
  }
  const StoredTensor& values = *ValuesOf(*source);
  placed.values = FloatValues(values);
  placed.line.detail = values.name == weight.name ? "" : values.name;
  if (source->gains != nullptr) {
    placed.values = Fold(placed.values, FloatValues(*source->gains));
    placed.line.outcome = ImportOutcome::kFolded;
  } else if (values.dtype != "F32") {
    placed.line.outcome = ImportOutcome::kConverted;
    placed.line.detail = absl::StrCat(values.name, " ", values.dtype);
  }
  if (AllFinite(placed.values)) return placed;
  placed.line.outcome = ImportOutcome::kNotFinite;
  return placed;
}

bool Forbids(ImportOutcome outcome) {
  return outcome == ImportOutcome::kMissing || outcome == ImportOutcome::kMisshapen ||
         outcome == ImportOutcome::kNotFinite;
}

absl::StatusOr<std::string> Write(const std::vector<Placed>& placed, const std::vector<NamedTensor>& layout,
                                  absl::string_view architecture) {
  std::vector<TensorView> views;
  for (size_t i = 0; i < layout.size(); ++i) {
    const std::vector<float>& values = placed[i].values;
    views.push_back({layout[i].name,
                     "F32",
                     layout[i].shape,
                     {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}});
  }
  return WriteSafetensors(std::move(views), {{"consort.architecture", std::string(architecture)}});
}

}  // namespace

absl::string_view OutcomeWord(ImportOutcome outcome) {
  switch (outcome) {
    case ImportOutcome::kMatched:
      return "matched";
    case ImportOutcome::kConverted:
      return "converted";
    case ImportOutcome::kFolded:
      return "folded";
    case ImportOutcome::kFromBase:
      return "from-base";
    case ImportOutcome::kMissing:
      return "missing";
    case ImportOutcome::kMisshapen:
      return "misshapen";
    case ImportOutcome::kNotFinite:
      return "not-finite";
    case ImportOutcome::kExtra:
      return "extra";
  }
  return "";
}

absl::StatusOr<ImportedModel> ImportModel(const std::vector<StoredTensor>& tensors,
                                          const std::vector<NamedTensor>& layout,
                                          absl::string_view architecture, absl::string_view base_file) {
  ASSIGN_OR_RETURN(const WeightSources sources, FindSources(tensors, layout));
  if (sources.by_weight.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "wrong-architecture: none of the file's ", tensors.size(), " tensors is one of ", architecture,
        "; its first is ", tensors.empty() ? "" : tensors[0].name, ", expected ", layout[0].name));
  }
  ASSIGN_OR_RETURN(const Base base, Base::Open(base_file, layout));
  ImportedModel model;
  std::vector<Placed> placed;
  bool forbidden = false;
  for (const NamedTensor& weight : layout) {
    const auto source = sources.by_weight.find(weight.name);
    placed.push_back(Place(weight, source == sources.by_weight.end() ? nullptr : &source->second, base));
    model.lines.push_back(placed.back().line);
    forbidden = forbidden || Forbids(placed.back().line.outcome);
  }
  for (const StoredTensor* extra : sources.extra) {
    model.lines.push_back({extra->name, ImportOutcome::kExtra, TypeAndShape(*extra)});
  }
  if (!forbidden) {
    ASSIGN_OR_RETURN(model.file, Write(placed, layout, architecture));
  }
  return model;
}

}  // namespace consort
