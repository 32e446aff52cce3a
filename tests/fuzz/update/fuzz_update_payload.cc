// Any bytes as the payload of an update: accepted only with the manifest's length, a weight of at least 1
// that is no more than was granted, and no statistic above its bound.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "common/update/ring_codec.h"
#include "tests/common/update/example_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const manifest = new consort::Manifest(consort::testing::ExampleManifest());
  constexpr uint32_t kGranted = 3;
  std::vector<uint32_t> ring(size / sizeof(uint32_t));
  if (!ring.empty()) std::memcpy(ring.data(), data, ring.size() * sizeof(uint32_t));

  consort::UpdateChecker checker(*manifest, kGranted);
  const size_t cut = ring.empty() ? 0 : data[0] % ring.size();  // blocks of any length
  const absl::Span<const uint32_t> whole(ring);
  absl::Status status = checker.Add(whole.subspan(0, cut));
  if (status.ok()) status = checker.Add(whole.subspan(cut));
  if (status.ok()) status = checker.Finish();
  if (!status.ok()) return 0;
  if (ring.size() != static_cast<size_t>(manifest->coordinates())) std::abort();
  if (ring.back() < 1 || ring.back() > kGranted || !std::isfinite(checker.delta_norm())) std::abort();
  const auto statistic = static_cast<int32_t>(ring[ring.size() - 2]);
  if (std::abs(int64_t{statistic}) > 4 / 0.5) std::abort();  // the example's bound and quantum
  return 0;
}
