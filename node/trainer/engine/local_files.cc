#include "node/trainer/engine/local_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::trainer {

uint32_t LocalFiles::NewestUpTo(uint32_t round) const {
  std::error_code ignored;
  while (round > 0 && !std::filesystem::exists(PathOf(round), ignored)) --round;
  return round;
}

std::string LocalFiles::Read(uint32_t round) const {
  std::ifstream stream(PathOf(round), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

absl::Status LocalFiles::Write(uint32_t round, uint32_t read, absl::string_view bytes) const {
  RETURN_IF_ERROR(WriteFileDurably(PathOf(round), bytes));
  std::error_code ignored;
  for (uint32_t earlier = 1; earlier < read; ++earlier) std::filesystem::remove(PathOf(earlier), ignored);
  return absl::OkStatus();
}

std::string LocalFiles::PathOf(uint32_t round) const { return absl::StrCat(prefix_, "-", round); }

}  // namespace consort::trainer
