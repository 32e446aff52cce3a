// Lets a file be rewritten in place, block by block, and the work go on after the process was killed in its
// middle.
#ifndef CONSORT_NODE_DAEMON_BLOCK_UNDO_H_
#define CONSORT_NODE_DAEMON_BLOCK_UNDO_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/artifact/durable_file.h"

namespace consort::node {

// Keeps the old bytes of the one block that is being rewritten, in a small file beside the large one. Neither
// is synced: this outlives a process, not a power cut. Not thread-safe.
class BlockUndo {
 public:
  // Opens the file that an earlier process left at `path`, or makes it. Errors: the disk's.
  static absl::StatusOr<BlockUndo> Open(const std::string& path);

  // Puts the block that was being rewritten back into `file` and returns its number: all before it are new,
  // it and all after it are old. `block_bytes`: of every block but the last. 0 if nothing was rewritten.
  // Errors: the disk's.
  absl::StatusOr<uint64_t> Restore(const FileDescriptor& file, uint64_t block_bytes);

  // Keeps the old bytes of a block, before its first new byte is written. Errors: the disk's.
  absl::Status Keep(uint64_t block, absl::string_view bytes);

 private:
  // What the kept bytes are good for. They follow it in the file.
  struct Header {
    uint64_t block = 0;
    uint64_t bytes = 0;  // 0 while they are being written: the block itself is still old
  };

  explicit BlockUndo(FileDescriptor file) : file_(std::move(file)) {}
  absl::Status WriteHeader(const Header& header);

  FileDescriptor file_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_BLOCK_UNDO_H_
