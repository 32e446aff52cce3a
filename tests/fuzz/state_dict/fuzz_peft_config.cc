// Any bytes as adapter_config.json: refused with a status, or a rank and a scale that can be used.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/adapters/peft_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<consort::PeftConfig> config =
      consort::ReadPeftConfig(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!config.ok()) return 0;
  if (config->rank < 1 || config->rank > 64 || !std::isfinite(config->alpha)) std::abort();
  return 0;
}
