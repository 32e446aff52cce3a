#include "node/daemon/update_file.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "node/daemon/failure.h"

namespace consort::node {
namespace {

static_assert(std::endian::native == std::endian::little,
              "payloads are little-endian; values are written as they lie");

constexpr size_t kBlockValues = 256 * 1024;  // 1 MiB: memory does not depend on the model

template <class T>
absl::string_view BytesOf(absl::Span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// Writes the payload and hashes what it writes.
class PayloadWriter {
 public:
  explicit PayloadWriter(FileDescriptor file) : file_(std::move(file)) {}

  absl::Status Add(absl::Span<const uint32_t> ring) {
    const absl::string_view bytes = BytesOf(ring);
    RETURN_IF_ERROR(WriteAt(file_, bytes_, bytes));
    hash_.Update(bytes);
    bytes_ += bytes.size();
    return absl::OkStatus();
  }
  absl::StatusOr<PayloadFacts> Finish() {
    RETURN_IF_ERROR(Sync(file_));
    return PayloadFacts{HexOf(hash_.Finish()), bytes_};
  }

 private:
  FileDescriptor file_;
  Sha256 hash_;
  uint64_t bytes_ = 0;
};

absl::Status EncodeValues(const FileDescriptor& values, RingEncoder& encoder, int64_t count,
                          PayloadWriter& payload) {
  std::vector<float> block(kBlockValues);
  std::vector<uint32_t> ring(kBlockValues);
  for (int64_t done = 0; done < count;) {
    const size_t wanted = std::min<int64_t>(kBlockValues, count - done);
    ASSIGN_OR_RETURN(const size_t bytes,
                     ReadAt(values, static_cast<uint64_t>(done) * sizeof(float),
                            reinterpret_cast<char*>(block.data()), wanted * sizeof(float)));
    if (bytes != wanted * sizeof(float)) return absl::DataLossError("stored training values are cut short");
    RETURN_IF_ERROR(
        encoder.Encode(absl::MakeConstSpan(block).first(wanted), absl::MakeSpan(ring).first(wanted)));
    RETURN_IF_ERROR(payload.Add(absl::MakeConstSpan(ring).first(wanted)));
    done += static_cast<int64_t>(wanted);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ValuesWriter>> ValuesWriter::Create(const std::string& path,
                                                                   const Manifest& manifest) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDWR | O_CREAT | O_TRUNC));
  return std::unique_ptr<ValuesWriter>(new ValuesWriter(std::move(file), manifest));
}

absl::Status ValuesWriter::Add(absl::Span<const float> values) {
  // Checked before it is written: a value that may not leave does not reach the spool either.
  if (const absl::Status usable = meter_.Add(values); !usable.ok()) {
    const bool finite =
        std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    return finite ? usable
                  : FailureStatus(absl::StatusCode::kOutOfRange, kFailureNotFinite, usable.message());
  }
  const absl::string_view bytes = BytesOf(values);
  RETURN_IF_ERROR(WriteAt(file_, bytes_, bytes));
  bytes_ += bytes.size();
  return absl::OkStatus();
}

absl::StatusOr<double> ValuesWriter::Finish() {
  RETURN_IF_ERROR(meter_.Finish());
  return meter_.delta_norm();
}

absl::StatusOr<PayloadFacts> EncodePayload(const std::string& values_path, const std::string& payload_path,
                                           const Manifest& manifest, const EncodeTerms& terms) {
  ASSIGN_OR_RETURN(RingEncoder encoder,
                   RingEncoder::Create(manifest, terms.weight, terms.delta_norm, terms.rounding_key));
  ASSIGN_OR_RETURN(const FileDescriptor values, OpenFile(values_path, O_RDONLY));
  const std::string partial = payload_path + ".partial";
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(partial, O_RDWR | O_CREAT | O_TRUNC));
  PayloadWriter payload(std::move(file));
  RETURN_IF_ERROR(EncodeValues(values, encoder, manifest.coordinates() - 1, payload));
  ASSIGN_OR_RETURN(const uint32_t weight, encoder.Weight());
  RETURN_IF_ERROR(payload.Add({weight}));
  ASSIGN_OR_RETURN(PayloadFacts facts, payload.Finish());
  RETURN_IF_ERROR(RenameDurably(partial, payload_path));
  return facts;
}

}  // namespace consort::node
