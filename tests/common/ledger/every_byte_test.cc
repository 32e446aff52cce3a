// No byte of an exported ledger can be changed without its verification failing.
#include <filesystem>

#include "common/ledger/export.h"
#include "common/ledger/verify.h"
#include "tests/common/ledger/sample_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::SampleLedger;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;

TEST(EveryByteTest, OfCheckpointAndTilesCounts) {
  SampleLedger ledger;
  ledger.AddUntilRoundOpen();
  const TemporaryDirectory directory;
  ASSERT_THAT(WriteExport(ledger.Source(), directory.path()), IsOk());
  const auto holds = [&directory] { return VerifyExport({.directory = directory.path()}).value().passed(); };
  ASSERT_TRUE(holds());
  std::vector<std::string> files = {directory.Path("checkpoint")};
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory.Path("tile"))) {
    if (file.is_regular_file()) files.push_back(file.path().string());
  }
  ASSERT_EQ(files.size(), 3u);  // by hand: the checkpoint, one tile of hashes, one of entries
  for (const std::string& file : files) {
    const std::string good = ReadFileOrDie(file);
    for (size_t byte = 0; byte < good.size(); ++byte) {
      std::string changed = good;
      changed[byte] = static_cast<char>(changed[byte] ^ (1 << (byte % 8)));
      WriteFileOrDie(file, changed);
      EXPECT_FALSE(holds()) << file << " byte " << byte;
    }
    WriteFileOrDie(file, good);
  }
  EXPECT_TRUE(holds());
}

}  // namespace
}  // namespace consort::ledger
