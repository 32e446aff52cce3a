#include "coordinator/aggregation/spool_set.h"

#include <fcntl.h>

#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

// Payloads are little-endian and are added as they lie.
static_assert(std::endian::native == std::endian::little);

absl::Status ReadCoordinates(const FileDescriptor& file, int64_t begin, size_t count, uint32_t* out) {
  const size_t bytes = count * sizeof(uint32_t);
  ASSIGN_OR_RETURN(const size_t got, ReadAt(file, static_cast<uint64_t>(begin) * sizeof(uint32_t),
                                            reinterpret_cast<char*>(out), bytes));
  if (got != bytes) return absl::DataLossError("an update's spool became shorter while it was read");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SpoolSet> SpoolSet::Open(const std::vector<std::string>& paths, const Manifest& manifest) {
  if (paths.empty() || paths.size() > manifest.terms().cohort_bound) {
    return absl::InvalidArgumentError(absl::StrCat("an aggregate needs 1 to ", manifest.terms().cohort_bound,
                                                   " updates, the manifest's cohort bound; found ",
                                                   paths.size()));
  }
  std::vector<FileDescriptor> files;
  for (size_t i = 0; i < paths.size(); ++i) {
    ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(paths[i], O_RDONLY));
    ASSIGN_OR_RETURN(const uint64_t bytes, SizeOfFile(file));
    if (bytes != manifest.payload_bytes()) {
      return absl::InvalidArgumentError(absl::StrCat("wrong-length: update ", i, " in roster order has ",
                                                     bytes, " bytes, its manifest has ",
                                                     manifest.payload_bytes()));
    }
    files.push_back(std::move(file));
  }
  SpoolSet spools(std::move(files));
  RETURN_IF_ERROR(spools.ReadWeights(manifest));
  return spools;
}

absl::Status SpoolSet::ReadWeights(const Manifest& manifest) {
  for (size_t i = 0; i < files_.size(); ++i) {
    uint32_t weight = 0;
    RETURN_IF_ERROR(ReadCoordinates(files_[i], manifest.coordinates() - 1, 1, &weight));
    if (weight < 1 || weight > manifest.terms().max_weight) {
      return absl::InvalidArgumentError(absl::StrCat("update ", i, " in roster order has weight ", weight,
                                                     ", the job allows 1 to ", manifest.terms().max_weight));
    }
    weight_total_ += weight;
  }
  return absl::OkStatus();
}

absl::Status SpoolSet::SumBlock(int64_t begin, int64_t size, RingSum& sum) {
  RETURN_IF_ERROR(sum.Restart(size));
  block_.resize(static_cast<size_t>(size));
  for (const FileDescriptor& file : files_) {
    RETURN_IF_ERROR(ReadCoordinates(file, begin, block_.size(), block_.data()));
    RETURN_IF_ERROR(sum.Add(block_));
  }
  return absl::OkStatus();
}

}  // namespace consort::coordinator
