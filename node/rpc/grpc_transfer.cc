#include "node/rpc/grpc_transfer.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "common/sync/mutex.h"
#include "consort/v1/artifact.grpc.pb.h"
#include "node/rpc/transfer_call.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

// Whether the same call may do better later. ResourceExhausted from the coordinator: too many transfers at
// once.
bool WorthRetrying(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsOutOfRange(status) ||
         absl::IsAborted(status);
}

// Waits before another attempt, unless called off.
void Pause(absl::Duration wait, Cancellation& cancellation) {
  Mutex mutex;
  CondVar called_off;
  bool cancelled = false;
  cancellation.OnCancel([&] {
    MutexLock lock(mutex);
    cancelled = true;
    called_off.NotifyAll();
  });
  {
    MutexLock lock(mutex);
    const absl::Time until = absl::Now() + wait;
    while (!cancelled && absl::Now() < until) {
      called_off.WaitFor(mutex, absl::ToChronoNanoseconds(until - absl::Now()));
    }
  }
  cancellation.OnCancel(nullptr);
}

}  // namespace

struct GrpcTransfer::Stubs {
  std::unique_ptr<v1::TransferService::Stub> transfer;
};

GrpcTransfer::GrpcTransfer(std::shared_ptr<grpc::Channel> channel, std::function<double()> uniform)
    : stubs_(std::make_unique<Stubs>()), uniform_(std::move(uniform)) {
  stubs_->transfer = v1::TransferService::NewStub(channel);
}

GrpcTransfer::~GrpcTransfer() = default;

absl::Status GrpcTransfer::Fetch(const std::string& digest, ArtifactStore& store, Cancellation& cancellation,
                                 const Progress& progress) {
  if (store.Contains(digest)) return absl::OkStatus();
  return Persist(cancellation,
                 [&](bool& moved) { return FetchOnce(digest, store, cancellation, progress, moved); });
}

absl::Status GrpcTransfer::Upload(const std::string& participation_id, const std::string& path,
                                  const PayloadFacts& payload, Cancellation& cancellation,
                                  const Progress& progress) {
  return Persist(cancellation, [&](bool& moved) {
    return UploadOnce(participation_id, path, payload, cancellation, progress, moved);
  });
}

absl::Status GrpcTransfer::Persist(Cancellation& cancellation,
                                   const std::function<absl::Status(bool& moved)>& attempt) {
  Backoff backoff(uniform_, kFirstRetry, kLongestRetry);
  for (int idle = 0; idle < kMaxIdleAttempts; ++idle) {
    if (cancellation.cancelled()) return absl::CancelledError("the transfer was called off");
    bool moved = false;
    const absl::Status status = attempt(moved);
    if (!WorthRetrying(status)) return status;
    spdlog::warn("transfer interrupted, it goes on where it stopped: {}", std::string(status.message()));
    if (moved) {
      idle = 0;
      backoff.Reset();
    }
    Pause(backoff.Next(), cancellation);
  }
  return absl::UnavailableError(
      "the transfer made no progress in many attempts; check the connection with doctor");
}

absl::Status GrpcTransfer::FetchOnce(const std::string& digest, ArtifactStore& store,
                                     Cancellation& cancellation, const Progress& progress, bool& moved) {
  TransferCall call(cancellation);
  v1::ReadRequest request;
  request.set_artifact_digest(digest);
  request.set_offset(store.PartialBytes(digest));
  const auto reader = stubs_->transfer->PrepareAsyncRead(&call.context(), request, &call.queue());
  reader->StartCall(call.tag());
  std::unique_ptr<SpoolWriter> writer;
  absl::Status local;
  uint64_t total = 0;
  v1::ReadChunk chunk;
  for (bool ok = call.Step(); ok;) {
    reader->Read(&chunk, call.tag());
    ok = call.Step();
    if (!ok) break;
    if (writer == nullptr) {
      total = chunk.total_bytes();
      auto opened = store.OpenPartial(digest, total);
      local = opened.status();
      if (!local.ok()) break;
      writer = *std::move(opened);
    }
    local = writer->Append(chunk.offset(), chunk.data());
    if (!local.ok()) break;
    moved = moved || !chunk.data().empty();
    progress(writer->committed_bytes(), total);
  }
  if (!local.ok()) return local;
  grpc::Status grpc_status;
  reader->Finish(&grpc_status, call.tag());
  call.Step();
  RETURN_IF_ERROR(call.Explain(FromGrpcStatus(grpc_status)));
  if (writer == nullptr) return absl::UnavailableError("the coordinator sent no byte of an artifact");
  return store.Adopt(std::move(writer), digest);
}

absl::Status GrpcTransfer::UploadOnce(const std::string& participation_id, const std::string& path,
                                      const PayloadFacts& payload, Cancellation& cancellation,
                                      const Progress& progress, bool& moved) {
  v1::TransferStatus committed;
  {
    grpc::ClientContext context;
    SetDeadline(context);
    context.set_wait_for_ready(true);
    cancellation.OnCancel([&context] { context.TryCancel(); });
    v1::TransferStatusRequest request;
    request.mutable_resource()->set_participation_id(participation_id);
    const grpc::Status status = stubs_->transfer->Status(&context, request, &committed);
    cancellation.OnCancel(nullptr);
    RETURN_IF_ERROR(FromGrpcStatus(status));
  }
  if (committed.complete()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  TransferCall call(cancellation);
  v1::TransferStatus answer;
  const auto writer = stubs_->transfer->PrepareAsyncWrite(&call.context(), &answer, &call.queue());
  writer->StartCall(call.tag());
  bool ok = call.Step();
  v1::WriteChunk chunk;
  chunk.mutable_resource()->set_participation_id(participation_id);
  chunk.set_total_bytes(payload.bytes);
  chunk.set_digest(payload.digest);
  // The first chunk goes out even when every byte is there already: its header is what the coordinator needs
  // to check and close a spool whose end was lost with a connection or a process.
  uint64_t offset = committed.committed_bytes();
  for (bool header = true; ok && (header || offset < payload.bytes); header = false) {
    std::string& data = *chunk.mutable_data();
    data.resize(std::min<uint64_t>(kChunkBytes, payload.bytes - offset));
    ASSIGN_OR_RETURN(const size_t count, ReadAt(file, offset, data.data(), data.size()));
    if (count != data.size()) return absl::DataLossError("the stored payload is shorter than it was");
    chunk.set_offset(offset);
    writer->Write(chunk, call.tag());
    ok = call.Step();
    if (!ok) break;
    offset += count;
    moved = moved || count > 0;
    progress(offset, payload.bytes);
    chunk.clear_resource();
    chunk.clear_total_bytes();
    chunk.clear_digest();
  }
  if (ok) {
    writer->WritesDone(call.tag());
    call.Step();
  }
  grpc::Status grpc_status;
  writer->Finish(&grpc_status, call.tag());
  call.Step();
  RETURN_IF_ERROR(call.Explain(FromGrpcStatus(grpc_status)));
  if (answer.complete()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the coordinator has ", answer.committed_bytes(), " of ", payload.bytes, " bytes so far"));
}

}  // namespace consort::node
