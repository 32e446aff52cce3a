// adapter_config.json of PEFT, as far as adapters of ours have it.
#ifndef CONSORT_COMMON_ADAPTERS_PEFT_CONFIG_H_
#define CONSORT_COMMON_ADAPTERS_PEFT_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

struct PeftConfig {
  int64_t rank = 0;
  double alpha = 0;  // of ours: what is added is alpha / rank * B * A
  std::string base_model;
  std::vector<std::string> modules;  // that have an adapter
};

std::string WritePeftConfig(const PeftConfig& config);

// Modules and base model are not read. Errors: InvalidArgument "not-an-adapter: ..." naming the member.
absl::StatusOr<PeftConfig> ReadPeftConfig(absl::string_view json);

}  // namespace consort

#endif  // CONSORT_COMMON_ADAPTERS_PEFT_CONFIG_H_
