#include "node/daemon/update_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/artifact/file_digest.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "node/daemon/block_undo.h"
#include "node/daemon/failure.h"

namespace consort::node {
namespace {

static_assert(std::endian::native == std::endian::little,
              "payloads are little-endian; values are written as they lie");

constexpr uint64_t kBlockValues = kEncodedBlockBytes / sizeof(float);

template <class T>
absl::string_view BytesOf(absl::Span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string UndoPath(const std::string& values_path) { return values_path + ".undo"; }

// One file that holds ring steps up to a block and values from there on.
class PayloadFile {
 public:
  PayloadFile(FileDescriptor file, BlockUndo undo) : file_(std::move(file)), undo_(std::move(undo)) {}

  // Finds out how far an earlier process came, and takes what it wrote into the digest.
  absl::Status Resume(RingEncoder& encoder) {
    ASSIGN_OR_RETURN(const uint64_t block, undo_.Restore(file_, kEncodedBlockBytes));
    done_bytes_ = block * kEncodedBlockBytes;
    RETURN_IF_ERROR(encoder.Skip(static_cast<int64_t>(block * kBlockValues)));
    return HashRange(file_, 0, done_bytes_, hash_);
  }

  // Turns the next `count` values, at most a block, into ring steps.
  absl::Status EncodeNext(size_t count, RingEncoder& encoder) {
    values_.resize(count);
    ring_.resize(count);
    const size_t wanted = count * sizeof(float);
    ASSIGN_OR_RETURN(const size_t bytes,
                     ReadAt(file_, done_bytes_, reinterpret_cast<char*>(values_.data()), wanted));
    if (bytes != wanted) return absl::DataLossError("stored training values are cut short");
    RETURN_IF_ERROR(undo_.Keep(done_bytes_ / kEncodedBlockBytes, BytesOf(absl::MakeConstSpan(values_))));
    RETURN_IF_ERROR(encoder.Encode(values_, absl::MakeSpan(ring_)));
    return Write(ring_);
  }

  absl::Status Write(absl::Span<const uint32_t> ring) {
    const absl::string_view bytes = BytesOf(ring);
    RETURN_IF_ERROR(WriteAt(file_, done_bytes_, bytes));
    StartWriteOut(file_, done_bytes_, bytes.size());
    hash_.Update(bytes);
    done_bytes_ += bytes.size();
    return absl::OkStatus();
  }

  absl::StatusOr<PayloadFacts> Finish() {
    RETURN_IF_ERROR(Sync(file_));
    return PayloadFacts{HexOf(hash_.Finish()), done_bytes_};
  }

  int64_t done_values() const { return static_cast<int64_t>(done_bytes_ / sizeof(float)); }

 private:
  FileDescriptor file_;
  BlockUndo undo_;
  Sha256 hash_;
  uint64_t done_bytes_ = 0;
  std::vector<float> values_;
  std::vector<uint32_t> ring_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ValuesWriter>> ValuesWriter::Create(const std::string& path,
                                                                   const Manifest& manifest) {
  unlink(UndoPath(path).c_str());  // of values that are about to go
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDWR | O_CREAT));
  ASSIGN_OR_RETURN(const uint64_t bytes, SizeOfFile(file));
  if (bytes > manifest.payload_bytes() && ftruncate(file.get(), 0) != 0) {
    return StatusOfErrno(errno, absl::StrCat("emptying ", path));
  }
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
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(values_path, O_RDWR));
  ASSIGN_OR_RETURN(BlockUndo undo, BlockUndo::Open(UndoPath(values_path)));
  PayloadFile payload(std::move(file), std::move(undo));
  RETURN_IF_ERROR(payload.Resume(encoder));
  const int64_t values = manifest.coordinates() - 1;
  while (payload.done_values() < values) {
    const int64_t count = std::min<int64_t>(kBlockValues, values - payload.done_values());
    RETURN_IF_ERROR(payload.EncodeNext(static_cast<size_t>(count), encoder));
  }
  ASSIGN_OR_RETURN(const uint32_t weight, encoder.Weight());
  RETURN_IF_ERROR(payload.Write({weight}));
  ASSIGN_OR_RETURN(PayloadFacts facts, payload.Finish());
  RETURN_IF_ERROR(RenameDurably(values_path, payload_path));
  unlink(UndoPath(values_path).c_str());  // one that stays goes with the task's folder
  return facts;
}

absl::StatusOr<PayloadFacts> StoredPayload(const std::string& payload_path, const Manifest& manifest) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(payload_path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t bytes, SizeOfFile(file));
  if (bytes != manifest.payload_bytes()) return absl::NotFoundError("no payload of the manifest's length");
  Sha256 hash;
  RETURN_IF_ERROR(HashRange(file, 0, bytes, hash));
  return PayloadFacts{HexOf(hash.Finish()), bytes};
}

}  // namespace consort::node
