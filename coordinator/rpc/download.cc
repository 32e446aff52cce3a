#include "coordinator/rpc/download.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "coordinator/rpc/upload.h"

namespace consort::coordinator {

void Download::Begin() {
  const absl::Status digest =
      DigestFromHex(digest_).status();  // it becomes a path: checked before anything else
  if (!digest.ok()) return End(digest);
  const absl::StatusOr<uint64_t> size = shared_.artifacts.SizeOf(digest_);
  if (!size.ok()) return End(size.status());
  total_bytes_ = *size;
  if (offset_ > total_bytes_) {
    return End(
        absl::OutOfRangeError(absl::StrCat("offset lies past the artifact's end; start over: offset ",
                                           offset_, ", size ", total_bytes_, " (artifact ", digest_, ")")));
  }
  Send();
}

void Download::Send() {
  chunk_.set_offset(offset_);
  chunk_.set_total_bytes(total_bytes_);
  chunk_.clear_data();
  if (offset_ < total_bytes_) {
    absl::StatusOr<std::string> data = shared_.artifacts.Read(digest_, offset_, kMaxChunkBytes);
    if (!data.ok()) return End(data.status());
    if (data->empty())
      return End(absl::DataLossError(absl::StrCat("artifact is shorter than it was: ", digest_)));
    *chunk_.mutable_data() = *std::move(data);
  }
  offset_ += chunk_.data().size();
  UnlessEnded([this] { StartWrite(&chunk_); });
}

void Download::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("peer went away"));
  Moved();
  shared_.on_sent(chunk_.data().size());
  if (offset_ == total_bytes_) return End(absl::OkStatus());
  OnWorker([this] { Send(); });
}

}  // namespace consort::coordinator
