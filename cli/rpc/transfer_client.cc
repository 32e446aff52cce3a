#include "cli/rpc/transfer_client.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/rpc/profile_channel.h"
#include "cli/rpc/stall_guard.h"
#include "common/artifact/artifact_store.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/file_digest.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/artifact.grpc.pb.h"

namespace consort::cli {
namespace {

constexpr size_t kChunkBytes = 1 << 20;  // the contract's limit (artifact.proto)

// One streaming call: cancellable, and ended when nothing moves.
class GuardedCall {
 public:
  explicit GuardedCall(CallCanceller& canceller)
      : canceller_(canceller), guard_(kTransferStallLimit, [this] { context_.TryCancel(); }) {
    canceller_.Bind([this] { context_.TryCancel(); });
  }
  ~GuardedCall() { canceller_.Unbind(); }

  grpc::ClientContext& context() { return context_; }
  void Moved() { guard_.Moved(); }
  // What the call's end means.
  absl::Status Explain(const grpc::Status& end) const {
    if (guard_.stalled()) {
      return absl::DeadlineExceededError(absl::StrCat("the transfer stalled: no byte for ",
                                                      absl::FormatDuration(kTransferStallLimit),
                                                      "; run the command again"));
    }
    return FromGrpcStatus(end);
  }

 private:
  CallCanceller& canceller_;
  grpc::ClientContext context_;
  StallGuard guard_;
};

uint64_t BytesOnDisk(const std::string& path) {
  std::error_code error;
  const uint64_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

v1::Resource ArtifactResource(const std::string& digest) {
  v1::Resource resource;
  resource.set_artifact_digest(digest);
  return resource;
}

absl::StatusOr<v1::TransferStatus> StatusOfUpload(v1::TransferService::Stub& stub,
                                                  const std::string& digest) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::TransferStatusRequest request;
  *request.mutable_resource() = ArtifactResource(digest);
  v1::TransferStatus status;
  RETURN_IF_ERROR(FromGrpcStatus(stub.Status(&context, request, &status)));
  return status;
}

// Sends the file from `offset` on; returns what the coordinator has committed then.
absl::StatusOr<v1::TransferStatus> UploadFrom(v1::TransferService::Stub& stub, const FileDescriptor& file,
                                              const std::string& digest, uint64_t total, uint64_t offset,
                                              CallCanceller& canceller, const TransferProgress& progress) {
  GuardedCall call(canceller);
  v1::TransferStatus answer;
  auto writer = stub.Write(&call.context(), &answer);
  v1::WriteChunk chunk;
  *chunk.mutable_resource() = ArtifactResource(digest);
  chunk.set_total_bytes(total);
  chunk.set_digest(digest);
  std::vector<char> buffer(kChunkBytes);
  do {
    ASSIGN_OR_RETURN(const size_t bytes, ReadAt(file, offset, buffer.data(), buffer.size()));
    chunk.set_offset(offset);
    chunk.set_data(buffer.data(), bytes);
    if (!writer->Write(chunk)) break;  // Finish says why
    call.Moved();
    offset += bytes;
    progress(offset, total);
    chunk.Clear();
    if (bytes == 0) break;
  } while (offset < total);
  writer->WritesDone();
  RETURN_IF_ERROR(call.Explain(writer->Finish()));
  return answer;
}

}  // namespace

struct TransferClient::State {
  explicit State(const std::shared_ptr<grpc::Channel>& channel) : stub(channel) {}
  v1::TransferService::Stub stub;
};

TransferClient::TransferClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
TransferClient::~TransferClient() = default;

absl::StatusOr<std::unique_ptr<TransferClient>> TransferClient::Open(const std::string& profile_directory,
                                                                     const Profile& profile) {
  ASSIGN_OR_RETURN(auto channel, OpenProfileChannel(profile_directory, profile));
  return std::unique_ptr<TransferClient>(new TransferClient(std::make_unique<State>(channel)));
}

absl::Status TransferClient::DownloadOnce(const std::string& digest, const std::string& partial,
                                          CallCanceller& canceller, const TransferProgress& progress) {
  GuardedCall call(canceller);
  v1::ReadRequest request;
  request.set_artifact_digest(digest);
  request.set_offset(BytesOnDisk(partial));
  auto reader = state_->stub.Read(&call.context(), request);
  std::unique_ptr<SpoolWriter> writer;
  v1::ReadChunk chunk;
  absl::Status written;
  while (written.ok() && reader->Read(&chunk)) {
    call.Moved();
    if (writer == nullptr) {
      auto opened = SpoolWriter::Open(partial, chunk.total_bytes());
      written = opened.status();
      if (!opened.ok()) break;
      writer = std::move(opened).value();
    }
    written = writer->Append(chunk.offset(), chunk.data());
    if (written.ok()) progress(writer->committed_bytes(), chunk.total_bytes());
  }
  if (!written.ok()) call.context().TryCancel();
  const absl::Status end = call.Explain(reader->Finish());
  RETURN_IF_ERROR(written);
  RETURN_IF_ERROR(end);
  // No chunk came: everything was there already.
  if (writer == nullptr) {
    ASSIGN_OR_RETURN(writer, SpoolWriter::Open(partial, BytesOnDisk(partial)));
  }
  return writer->Finish(digest);
}

absl::Status TransferClient::Download(const std::string& digest, const std::string& path,
                                      CallCanceller& canceller, const TransferProgress& progress) {
  const std::string partial = path + ".partial";
  while (true) {
    const uint64_t before = BytesOnDisk(partial);
    const absl::Status status = DownloadOnce(digest, partial, canceller, progress);
    if (status.ok()) return RenameDurably(partial, path);
    const bool worth_another =
        absl::IsUnavailable(status) && !canceller.cancelled() && BytesOnDisk(partial) > before;
    if (!worth_another) return status;
  }
}

absl::StatusOr<std::string> TransferClient::Upload(const std::string& path, CallCanceller& canceller,
                                                   const TransferProgress& progress) {
  ASSIGN_OR_RETURN(const std::string digest, DigestOfFile(path));
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t total, SizeOfFile(file));
  ASSIGN_OR_RETURN(v1::TransferStatus status, StatusOfUpload(state_->stub, digest));
  while (!status.complete()) {
    const uint64_t before = status.committed_bytes();
    auto sent = UploadFrom(state_->stub, file, digest, total, before, canceller, progress);
    if (sent.ok() && sent->complete()) break;
    if (!sent.ok() && !absl::IsUnavailable(sent.status())) return sent.status();
    ASSIGN_OR_RETURN(status, StatusOfUpload(state_->stub, digest));
    if (!status.complete() && status.committed_bytes() <= before) {
      return sent.ok() ? absl::UnavailableError(absl::StrCat(
                             "the coordinator took no byte of the artifact; try again: artifact ", digest))
                       : sent.status();
    }
  }
  progress(total, total);
  return digest;
}

}  // namespace consort::cli
