#include "coordinator/rpc/upload.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/error_detail.h"
#include "common/status/macros.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {

void Upload::Begin() { Read(); }

void Upload::Read() {
  UnlessEnded([this] { StartRead(&chunk_); });
}

void Upload::OnReadDone(bool ok) {
  OnWorker([this, ok] {
    if (ended()) return;
    if (ok) {
      Take();
    } else {
      Conclude();
    }
  });
}

void Upload::Take() {
  const absl::Status status = target_ == nullptr ? Open() : Store();
  if (target_ != nullptr && absl::IsResourceExhausted(status)) {
    spdlog::error("{} from {} cannot be stored: {}", target_->name(), peer().member.ToSpiffeId(),
                  std::string(status.message()));
    target_->OnFull(status);
  }
  if (!status.ok()) return End(status);
  if (target_->Stored()) return End(CloseStored());
  Moved();
  Read();
}

absl::Status Upload::CloseStored() {
  response_->set_complete(true);
  response_->set_committed_bytes(total_bytes_);
  response_->set_total_bytes(total_bytes_);
  return absl::OkStatus();
}

// The first chunk says what is sent, and may carry bytes already.
absl::Status Upload::Open() {
  ASSIGN_OR_RETURN(target_, MakeUploadTarget(shared_.stores, peer(), chunk_));
  total_bytes_ = chunk_.total_bytes();
  if (target_->Stored()) return absl::OkStatus();
  const std::weak_ptr<BulkStream> weak = weak_from_this();
  ASSIGN_OR_RETURN(slot_, shared_.slots.Claim(target_->name(), peer().member.ToSpiffeId(), [weak] {
    if (const auto stream = weak.lock()) {
      stream->End(absl::AbortedError("a newer transfer of the same bytes has taken over"));
    }
  }));
  RETURN_IF_ERROR(slot_->Use([this](std::unique_ptr<SpoolWriter>& writer) -> absl::Status {
    ASSIGN_OR_RETURN(writer, target_->Open());
    committed_bytes_ = writer->committed_bytes();
    return absl::OkStatus();
  }));
  return chunk_.data().empty() ? absl::OkStatus() : Store();
}

absl::Status Upload::Store() {
  if (chunk_.data().size() > kMaxChunkBytes) {
    return absl::InvalidArgumentError(absl::StrCat("chunk is too long; send at most ", kMaxChunkBytes,
                                                   " bytes: found ", chunk_.data().size(), " (",
                                                   target_->name(), ")"));
  }
  RETURN_IF_ERROR(slot_->Use([this](std::unique_ptr<SpoolWriter>& writer) -> absl::Status {
    RETURN_IF_ERROR(writer->Append(chunk_.offset(), chunk_.data()));
    committed_bytes_ = writer->committed_bytes();
    return absl::OkStatus();
  }));
  target_->OnBytes(committed_bytes_);
  shared_.on_received(chunk_.data().size());
  return absl::OkStatus();
}

// The peer has said all it had to say, or is gone.
void Upload::Conclude() {
  if (context_->IsCancelled()) return End(absl::CancelledError("peer went away"));
  if (target_ == nullptr) return End(absl::InvalidArgumentError("transfer ended before its first chunk"));
  if (committed_bytes_ == total_bytes_) {
    const absl::Status status = slot_->Use(
        [this](std::unique_ptr<SpoolWriter>& writer) { return target_->Finish(std::move(writer)); });
    if (!status.ok()) return End(WithDetail(status, "transfer-not-finished", target_->name()));
    response_->set_complete(true);
  }
  response_->set_committed_bytes(committed_bytes_);
  response_->set_total_bytes(total_bytes_);
  End(absl::OkStatus());
}

}  // namespace consort::coordinator
