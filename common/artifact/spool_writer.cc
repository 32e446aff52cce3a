#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/artifact_store.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/file_digest.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr uint64_t kWriteOutBytes = 8 << 20;  // between two hints to start writing out

}  // namespace

struct SpoolWriter::State {
  std::string path;
  FileDescriptor file;
  uint64_t total_bytes = 0;
  uint64_t committed_bytes = 0;
  uint64_t written_out_bytes = 0;
  Sha256 hash;
  std::string digest;  // once finished
};

SpoolWriter::SpoolWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpoolWriter::~SpoolWriter() = default;

absl::StatusOr<std::unique_ptr<SpoolWriter>> SpoolWriter::Open(const std::string& path,
                                                               uint64_t total_bytes) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->total_bytes = total_bytes;
  ASSIGN_OR_RETURN(state->file, OpenFile(path, O_RDWR | O_CREAT));
  // A sender that reconnects may come back before its cut connection has been noticed here.
  if (flock(state->file.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::UnavailableError("another transfer is still writing this file; try again");
  }
  ASSIGN_OR_RETURN(state->committed_bytes, SizeOfFile(state->file));
  if (state->committed_bytes > total_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a partial file is longer than the whole; start it over: has ", state->committed_bytes,
                     " bytes, expected ", total_bytes));
  }
  RETURN_IF_ERROR(HashRange(state->file, 0, state->committed_bytes, state->hash));
  return std::unique_ptr<SpoolWriter>(new SpoolWriter(std::move(state)));
}

const std::string& SpoolWriter::path() const { return state_->path; }
uint64_t SpoolWriter::committed_bytes() const { return state_->committed_bytes; }

absl::Status SpoolWriter::Append(uint64_t offset, absl::string_view bytes) {
  State& state = *state_;
  if (offset != state.committed_bytes) {
    return absl::OutOfRangeError(
        absl::StrCat("a transfer must go on where it stopped; ask for its status: offset ", offset,
                     ", expected ", state.committed_bytes));
  }
  if (bytes.size() > state.total_bytes - offset) {
    return absl::InvalidArgumentError(absl::StrCat("a transfer has more bytes than announced: ",
                                                   offset + bytes.size(), ", expected ", state.total_bytes));
  }
  if (absl::Status written = WriteAt(state.file, offset, bytes); !written.ok()) {
    // The length is the resume point: bytes of a write that failed half-way must not count.
    if (ftruncate(state.file.get(), static_cast<off_t>(offset)) != 0) {
      return StatusOfErrno(errno, "cannot take back a failed write");
    }
    return written;
  }
  state.hash.Update(bytes);
  state.committed_bytes += bytes.size();
  if (state.committed_bytes - state.written_out_bytes >= kWriteOutBytes) {
    StartWriteOut(state.file, state.written_out_bytes, state.committed_bytes - state.written_out_bytes);
    state.written_out_bytes = state.committed_bytes;
  }
  return absl::OkStatus();
}

absl::Status SpoolWriter::Finish(const std::string& digest_hex) {
  State& state = *state_;
  if (state.committed_bytes != state.total_bytes) {
    return absl::FailedPreconditionError(absl::StrCat("a transfer is not complete; send the rest: has ",
                                                      state.committed_bytes, " bytes, expected ",
                                                      state.total_bytes));
  }
  if (state.digest.empty()) state.digest = HexOf(state.hash.Finish());
  if (state.digest != digest_hex) {
    unlink(state.path.c_str());
    return absl::DataLossError(
        absl::StrCat("a complete transfer has another digest; send it again from the start: ", state.digest,
                     ", expected ", digest_hex));
  }
  RETURN_IF_ERROR(Sync(state.file));
  return SyncDirectoryOf(state.path);
}

}  // namespace consort
