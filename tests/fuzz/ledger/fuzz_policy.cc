// Policy files as any operator may write them or a log may state them.
#include <cstdint>
#include <cstdlib>

#include "common/ledger/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto policy = consort::ledger::Policy::Parse({reinterpret_cast<const char*>(data), size});
  if (!policy.ok()) return 0;
  std::set<std::string> all;
  for (const auto& witness : policy->witnesses()) all.insert(witness.key.KeyId());
  // Thresholds never ask for more than there are, so that everybody together is a quorum.
  if (!policy->IsQuorum(all) || !policy->IsQuorum(policy->SmallestQuorum(all))) std::abort();
  const auto overlap = policy->SmallestOverlap();
  if (overlap.witnesses > policy->SmallestShare(all)) std::abort();
  if (policy->CheckSafe(overlap.witnesses).ok()) std::abort();
  if (overlap.witnesses > 0 && !policy->CheckSafe(overlap.witnesses - 1).ok()) std::abort();
  return 0;
}
