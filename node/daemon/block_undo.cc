#include "node/daemon/block_undo.h"

#include <fcntl.h>

#include "common/status/macros.h"

namespace consort::node {

absl::StatusOr<BlockUndo> BlockUndo::Open(const std::string& path) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDWR | O_CREAT));
  return BlockUndo(std::move(file));
}

absl::StatusOr<uint64_t> BlockUndo::Restore(const FileDescriptor& file, uint64_t block_bytes) {
  Header header;
  ASSIGN_OR_RETURN(const size_t got, ReadAt(file_, 0, reinterpret_cast<char*>(&header), sizeof(header)));
  if (got != sizeof(header)) return 0;
  if (header.bytes == 0) return header.block;
  std::string old(header.bytes, '\0');
  ASSIGN_OR_RETURN(const size_t kept, ReadAt(file_, sizeof(header), old.data(), old.size()));
  if (kept != old.size()) return absl::DataLossError("the kept bytes of a block are cut short");
  RETURN_IF_ERROR(WriteAt(file, header.block * block_bytes, old));
  return header.block;
}

absl::Status BlockUndo::Keep(uint64_t block, absl::string_view bytes) {
  RETURN_IF_ERROR(WriteHeader({block, 0}));
  RETURN_IF_ERROR(WriteAt(file_, sizeof(Header), bytes));
  return WriteHeader({block, bytes.size()});
}

// One small write within a page: a kill does not tear it.
absl::Status BlockUndo::WriteHeader(const Header& header) {
  return WriteAt(file_, 0, {reinterpret_cast<const char*>(&header), sizeof(header)});
}

}  // namespace consort::node
