// Any bytes as a job spec: refused with its problems, or a spec that has none.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "coordinator/jobs/spec_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace consort::coordinator;
  const auto spec = ParseSpec({reinterpret_cast<const char*>(data), size});
  if (!spec.ok()) return 0;
  if (size > kMaxSpecBytes || !ProblemsOf(*spec).empty()) std::abort();
  if (ScoresPerTradition(*spec) < 1 || ScoresPerTradition(*spec) > kMaxScoresPerTradition) std::abort();
  if (!EvaluatesAfter(*spec, spec->rounds())) std::abort();
  return 0;
}
