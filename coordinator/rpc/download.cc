#include "coordinator/rpc/download.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "coordinator/rpc/upload.h"

namespace consort::coordinator {

void Download::Begin() {
  const absl::Status digest =
      DigestFromHex(digest_).status();  // it becomes a path: checked before anything else
  if (!digest.ok()) return End(digest);
  if (const absl::Status opened = Open(); !opened.ok()) return End(opened);
  if (offset_ > total_bytes_) {
    return End(
        absl::OutOfRangeError(absl::StrCat("offset lies past the artifact's end; start over: offset ",
                                           offset_, ", size ", total_bytes_, " (artifact ", digest_, ")")));
  }
  Send();
}

absl::Status Download::Open() {
  ASSIGN_OR_RETURN(const std::string path, shared_.artifacts.PathOf(digest_));
  ASSIGN_OR_RETURN(file_, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(total_bytes_, SizeOfFile(file_));
  return absl::OkStatus();
}

void Download::Send() {
  if (const absl::Status filled = FillChunk(); !filled.ok()) return End(filled);
  offset_ += chunk_.data().size();
  UnlessEnded([this] { StartWrite(&chunk_); });
}

absl::Status Download::FillChunk() {
  chunk_.set_offset(offset_);
  chunk_.set_total_bytes(total_bytes_);
  std::string& data =
      *chunk_.mutable_data();  // as long as the last one: nothing is cleared before it is read
  data.resize(std::min<uint64_t>(kMaxChunkBytes, total_bytes_ - offset_));
  ASSIGN_OR_RETURN(const size_t got, ReadAt(file_, offset_, data.data(), data.size()));
  if (got == data.size()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("artifact is shorter than it was: ", digest_));
}

void Download::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("peer went away"));
  Moved();
  shared_.on_sent(chunk_.data().size());
  if (offset_ == total_bytes_) return End(absl::OkStatus());
  OnWorker([this] { Send(); });
}

}  // namespace consort::coordinator
