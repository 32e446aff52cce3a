// Any bytes as recordings.json: DataLoss, or facts that the trainer can count with.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "node/trainer/collection/collection_state.h"
#include "tests/fuzz/support/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using consort::trainer::CollectionState;
  const consort::testing::MemoryFile file(data, size);
  const auto state = CollectionState::Load(file.path());
  if (!state.ok() && !absl::IsDataLoss(state.status())) std::abort();
  if (!state.ok()) return 0;
  for (const auto& [path, known] : state->files) {
    if (known.problem.empty() && known.facts.sample_rate_hz <= 0) std::abort();  // seconds are frames by rate
  }
  return 0;
}
