// Parts of artifacts in any order and of any size: refused, or put together to exactly what they announced.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "node/trainer/rpc/artifact_intake.h"
#include "tests/fuzz/support/chunks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  consort::trainer::ArtifactIntake intake;
  std::map<std::string, std::string> taken;
  std::map<std::string, uint64_t> announced;
  for (const absl::string_view chunk : consort::testing::Chunks(data, size)) {
    consort::v1::ArtifactPart part;
    if (!part.ParseFromArray(chunk.data(), static_cast<int>(chunk.size()))) continue;
    if (part.total_bytes() > 1 << 20)
      part.set_total_bytes(part.total_bytes() % (1 << 20));  // memory is reserved
    if (!intake.Add(part).ok()) continue;
    taken[part.name()] += part.data();
    announced[part.name()] = part.total_bytes();
  }
  bool complete = taken.size() <= consort::trainer::ArtifactIntake::kMaxArtifacts;
  for (const auto& [name, bytes] : taken) {
    if (intake.Get(name) != bytes || bytes.size() > announced[name]) std::abort();
    complete = complete && bytes.size() == announced[name];
  }
  if (intake.CheckComplete().ok() != complete) std::abort();
  return 0;
}
