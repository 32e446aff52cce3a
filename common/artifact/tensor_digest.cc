#include <fcntl.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/file_digest.h"
#include "common/artifact/safetensors.h"
#include "common/artifact/safetensors_file.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"

namespace consort {
namespace {

// Adds the bytes [begin, end) of the file to the hash.
using HashBytes = std::function<absl::Status(uint64_t begin, uint64_t end, Sha256& hash)>;

absl::StatusOr<std::string> DigestTensors(const SafetensorsHeader& header, const HashBytes& hash_bytes) {
  Sha256 hash;
  for (const TensorInfo& tensor : header.tensors()) {
    hash.Update(absl::StrCat(tensor.name, "\n", tensor.dtype, "\n", absl::StrJoin(tensor.shape, ","), "\n"));
    RETURN_IF_ERROR(hash_bytes(header.data_offset() + tensor.begin, header.data_offset() + tensor.end, hash));
  }
  return HexOf(hash.Finish());
}

}  // namespace

absl::StatusOr<std::string> TensorDigest(absl::string_view file) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, SafetensorsHeader::Parse(file, file.size()));
  return DigestTensors(header, [file](uint64_t begin, uint64_t end, Sha256& hash) {
    hash.Update(file.substr(begin, end - begin));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::string> TensorDigestOfFile(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const SafetensorsHeader header, ReadSafetensorsHeader(file));
  return DigestTensors(header, [&file](uint64_t begin, uint64_t end, Sha256& hash) {
    return HashRange(file, begin, end, hash);
  });
}

}  // namespace consort
