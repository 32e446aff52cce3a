#include "coordinator/rounds/update_inspection.h"

#include <bit>
#include <fstream>
#include <vector>

#include "absl/types/span.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "common/update/ring_codec.h"

namespace consort::coordinator {
namespace {

// Payloads are little-endian; reading them in place needs a machine that is.
static_assert(std::endian::native == std::endian::little);
constexpr size_t kBlockCoordinates =
    256 * 1024;  // 1 MiB: stays in the second-level cache with the manifest's scales

}  // namespace

absl::StatusOr<Inspection> InspectUpdate(const std::string& path, const Manifest& manifest,
                                         uint32_t granted_weight, bool hash) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InternalError("the spool of an update cannot be opened");
  UpdateChecker checker(manifest, granted_weight);
  Inspection inspection;
  Sha256 sha;
  std::vector<uint32_t> block(kBlockCoordinates);
  while (file) {
    file.read(reinterpret_cast<char*>(block.data()),
              static_cast<std::streamsize>(block.size() * sizeof(uint32_t)));
    const auto bytes = static_cast<size_t>(file.gcount());
    if (file.bad()) return absl::InternalError("the spool of an update cannot be read");
    if (bytes == 0) break;
    if (bytes % sizeof(uint32_t) != 0) {
      return absl::InvalidArgumentError(
          "wrong-length: the payload is not a whole number of 4-byte coordinates");
    }
    const absl::Span<const uint32_t> ring(block.data(), bytes / sizeof(uint32_t));
    if (hash) sha.Update({reinterpret_cast<const char*>(ring.data()), bytes});
    RETURN_IF_ERROR(checker.Add(ring));
    inspection.weight = ring.back();
  }
  RETURN_IF_ERROR(checker.Finish());
  inspection.delta_norm = checker.delta_norm();
  if (hash) inspection.digest = HexOf(sha.Finish());
  return inspection;
}

}  // namespace consort::coordinator
