// A bundle of entries and a list of keys in an export of anybody's. An accepted bundle is exactly its
// entries.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ledger/export.h"
#include "common/ledger/export_layout.h"

namespace {

// One folder a process, on a file system of memory where there is one.
const std::string& Directory() {
  static const auto* const directory = [] {
    auto* made = new std::string(absl::StrCat(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp",
                                              "/consort-fuzz-bundle-", getpid()));
    std::filesystem::create_directories(*made + "/tile/entries/000.p");
    std::atexit([] { std::filesystem::remove_all(Directory()); });
    return made;
  }();
  return *directory;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace consort::ledger;
  if (size == 0) return 0;
  const uint64_t entries = data[0] % 8 + 1;  // files of a few widths only
  const std::string bundle(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::ofstream(absl::StrCat(Directory(), "/", TilePath("entries", 0, static_cast<int>(entries))),
                std::ios::binary)
      << bundle;
  std::string taken;
  const auto read = ReadEntryBundles(Directory(), entries, [&](uint64_t, absl::string_view entry) {
    taken.push_back(static_cast<char>(entry.size() >> 8));
    taken.push_back(static_cast<char>(entry.size() & 0xff));
    absl::StrAppend(&taken, entry);
    return absl::OkStatus();
  });
  if (read.ok() && taken != bundle) std::abort();
  ParseVerifierKeys(absl::StrSplit(bundle, '\n')).status().IgnoreError();
  return 0;
}
