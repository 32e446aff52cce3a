#include "common/adapters/peft_adapter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/adapters/peft_config.h"
#include "common/architectures/latent_tensors.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr absl::string_view kPrefix = "base_model.model.";
constexpr absl::string_view kWeight = ".weight";
constexpr absl::string_view kFactorA = ".lora_A", kFactorB = ".lora_B";

// A factor of a weight's adapter: its names and shapes in both files.
struct FactorForms {
  std::string state_name, peft_name;
  std::vector<int64_t> state_shape, peft_shape;
};

FactorForms FormsOf(const NamedTensor& weight, bool is_a, int64_t rank) {
  const absl::string_view factor = is_a ? kFactorA : kFactorB;
  const int64_t rows = weight.shape[0];
  FactorForms forms;
  forms.state_name = absl::StrCat(weight.name, factor);
  forms.peft_name = absl::StrCat(kPrefix, absl::StripSuffix(weight.name, kWeight), factor, kWeight);
  forms.state_shape =
      is_a ? std::vector<int64_t>{rank, weight.size() / rows} : std::vector<int64_t>{rows, rank};
  forms.peft_shape = weight.shape;
  if (is_a) {
    forms.peft_shape[0] = rank;
  } else {
    forms.peft_shape.assign(weight.shape.size(), 1);
    forms.peft_shape[0] = rows;
    forms.peft_shape[1] = rank;
  }
  return forms;
}

absl::Status WrongArchitecture(absl::string_view what, absl::string_view tensor) {
  return absl::InvalidArgumentError(absl::StrCat("wrong-architecture: ", what, ": ", tensor));
}

absl::StatusOr<SafetensorsHeader> Open(absl::string_view file) {
  absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(file, file.size());
  if (header.ok()) return header;
  return absl::InvalidArgumentError(absl::StrCat("artifact-damaged: ", header.status().message()));
}

// Renames and reshapes the adapters of a file; the values stay as they are. `to_peft`: from the state's form.
absl::StatusOr<std::string> Translate(absl::string_view file, const std::vector<NamedTensor>& layout,
                                      int64_t rank, bool to_peft, std::vector<std::string>* modules) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, Open(file));
  std::vector<TensorView> views;
  for (const NamedTensor& weight : layout) {
    const size_t before = views.size();
    for (const bool is_a : {true, false}) {
      const FactorForms forms = FormsOf(weight, is_a, rank);
      const TensorInfo* found = header.Find(to_peft ? forms.state_name : forms.peft_name);
      if (found == nullptr) continue;
      if (found->dtype != "F32" || found->shape != (to_peft ? forms.state_shape : forms.peft_shape)) {
        return WrongArchitecture(
            absl::StrCat("an adapter has another type, shape or rank, ", found->dtype, " [",
                         absl::StrJoin(found->shape, ", "), "], expected rank ", rank),
            found->name);
      }
      views.push_back({to_peft ? forms.peft_name : forms.state_name, "F32",
                       to_peft ? forms.peft_shape : forms.state_shape,
                       file.substr(header.data_offset() + found->begin, found->end - found->begin)});
    }
    if (views.size() - before == 1)
      return WrongArchitecture("an adapter lacks one of its factors", weight.name);
    if (views.size() > before) modules->push_back(std::string(absl::StripSuffix(weight.name, kWeight)));
  }
  // What a job learnt about the model's latents stays with its state.
  const auto latent = [](const TensorInfo& tensor) { return IsLatentTensor(tensor.name); };
  const auto& tensors = header.tensors();
  const auto beside = static_cast<size_t>(std::count_if(tensors.begin(), tensors.end(), latent));
  if (views.size() + beside != tensors.size() || views.empty()) {
    for (const TensorInfo& tensor : tensors) {
      if (latent(tensor)) continue;
      const bool taken = std::any_of(views.begin(), views.end(), [&](const TensorView& view) {
        return view.data.data() == file.data() + header.data_offset() + tensor.begin;
      });
      if (!taken) return WrongArchitecture("a tensor is no adapter of this architecture", tensor.name);
    }
    return WrongArchitecture("the file has no adapter of this architecture", layout[0].name);
  }
  // The one member that readers of PEFT's form ask for.
  const std::map<std::string, std::string> metadata = {{"format", "pt"}};
  return WriteSafetensors(std::move(views), to_peft ? metadata : std::map<std::string, std::string>());
}

// That of the first adapter; Translate holds the others against it.
absl::StatusOr<int64_t> RankOf(absl::string_view state) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, Open(state));
  for (const TensorInfo& tensor : header.tensors()) {
    if (absl::EndsWith(tensor.name, kFactorA) && tensor.shape.size() == 2) return tensor.shape[0];
  }
  return absl::InvalidArgumentError(
      "not-an-adapter: the file has no factor A; take the state of a job that trains adapters");
}

}  // namespace

absl::StatusOr<PeftAdapter> ToPeft(absl::string_view state, double alpha,
                                   const std::vector<NamedTensor>& layout, absl::string_view base_model) {
  if (!std::isfinite(alpha) || alpha == 0) {
    return absl::InvalidArgumentError("not-an-adapter: alpha must be a number other than 0");
  }
  ASSIGN_OR_RETURN(const int64_t rank, RankOf(state));
  PeftConfig config = {.rank = rank, .alpha = alpha, .base_model = std::string(base_model)};
  PeftAdapter adapter;
  ASSIGN_OR_RETURN(adapter.model, Translate(state, layout, rank, /*to_peft=*/true, &config.modules));
  adapter.config = WritePeftConfig(config);
  return adapter;
}

absl::StatusOr<AdapterState> FromPeft(const PeftAdapter& adapter, const std::vector<NamedTensor>& layout) {
  ASSIGN_OR_RETURN(const PeftConfig config, ReadPeftConfig(adapter.config));
  AdapterState state = {.rank = config.rank, .alpha = config.alpha};
  std::vector<std::string> modules;
  ASSIGN_OR_RETURN(state.file, Translate(adapter.model, layout, config.rank, /*to_peft=*/false, &modules));
  return state;
}

}  // namespace consort
