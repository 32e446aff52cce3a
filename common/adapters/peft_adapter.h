// Low-rank adapters in the file form of Hugging Face's PEFT: adapter_model.safetensors and
// adapter_config.json.
#ifndef CONSORT_COMMON_ADAPTERS_PEFT_ADAPTER_H_
#define CONSORT_COMMON_ADAPTERS_PEFT_ADAPTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/architectures/named_tensor.h"

namespace consort {

inline constexpr char kPeftModelFile[] = "adapter_model.safetensors";
inline constexpr char kPeftConfigFile[] = "adapter_config.json";

struct PeftAdapter {
  std::string model;   // bytes of kPeftModelFile
  std::string config;  // bytes of kPeftConfigFile
};

// A job's adapters: W = W0 + (alpha / rank) * B * A on weights reshaped to [dim 0, everything else].
struct AdapterState {
  std::string
      file;  // safetensors of `<weight>.lora_A` [rank, columns] and `<weight>.lora_B` [rows, rank], F32
  int64_t rank = 0;  // of all of them; 1 to 64
  double alpha = 0;  // finite, not 0
};

// `state`: AdapterState's file. For each adapter `base_model.model.<weight's module>.lora_A.weight` [rank,
// then as the weight after its first dimension] and `.lora_B.weight` [rows, rank, then ones]: what PEFT has
// for Linear and Conv1d. PEFT cannot load those of transposed convolutions, for which it has no adapter, and
// computes those of dilated ones without dilation (docs/formats/adapters.md). `base_model`: its name or path,
// for the config.
// Errors: InvalidArgument "artifact-damaged: ..." or "wrong-architecture: ..." naming the tensor, if the
// state is not of this layout, holds but one factor, or has no adapter or several ranks; "not-an-adapter:
// ..." for an alpha that is no number or 0.
absl::StatusOr<PeftAdapter> ToPeft(absl::string_view state, double alpha,
                                   const std::vector<NamedTensor>& layout, absl::string_view base_model);

// Reads what ToPeft or PEFT wrote, of float32 values. The scale of rsLoRA, alpha / sqrt(rank), becomes an
// alpha of ours. Errors: as ToPeft; InvalidArgument "not-an-adapter: ..." for a config of another kind, or
// with members that change what is computed: bias, DoRA, ranks or alphas by pattern, transposed weights,
// modules saved whole.
absl::StatusOr<AdapterState> FromPeft(const PeftAdapter& adapter, const std::vector<NamedTensor>& layout);

}  // namespace consort

#endif  // CONSORT_COMMON_ADAPTERS_PEFT_ADAPTER_H_
