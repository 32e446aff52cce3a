// The verifier on several threads says what it says on one.
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/ledger/verify.h"
#include "gmock/gmock.h"
#include "tests/common/ledger/ledger_cases.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::CaseFiles;
using ::consort::testing::TemporaryDirectory;

std::string Text(const VerifyReport& report) {
  std::string text = absl::StrCat(report.origin, " ", report.size, " ", report.root, "\n");
  for (const Check& check : report.checks)
    absl::StrAppend(&text, check.id, " ", check.passed ? "ok " : "FAILED ", check.detail, "\n");
  return text;
}

void ExpectSameWithThreads(VerifyOptions options) {
  options.threads = 1;
  const std::string alone = Text(VerifyExport(options).value());
  for (const int threads : {2, 4}) {
    options.threads = threads;
    EXPECT_EQ(Text(VerifyExport(options).value()), alone) << threads;
  }
}

class ThreadsTest : public ::testing::TestWithParam<testing::LedgerCase> {};

TEST_P(ThreadsTest, ReportDoesNotDependOnThem) {
  TemporaryDirectory directory;
  CaseFiles files(directory.path());
  GetParam().build(files);
  VerifyOptions options{.directory = files.folder, .kept_checkpoints = files.kept, .policy = files.policy};
  for (const VerifierKey& key : files.log_keys) options.log_vkeys.push_back(key.ToString());
  ExpectSameWithThreads(options);
}

INSTANTIATE_TEST_SUITE_P(Cases, ThreadsTest, ::testing::ValuesIn(testing::LedgerCases()),
                         [](const auto& info) { return info.param.name; });

// Keys that an entry shortly before names, faults in later bundles, a bundle that is missing.
TEST(ManyBundlesTest, ReportDoesNotDependOnThreads) {
  TemporaryDirectory directory;
  CaseFiles files(directory.path());
  files.ledger.AddAll();
  files.GrowTo(1400);
  const VerifyOptions options{.directory = directory.path(),
                              .entry_vkeys = {files.ledger.coordinator_key().verifier().ToString()}};
  EXPECT_TRUE(VerifyExport(options)->passed());
  ExpectSameWithThreads(options);
  std::string bundle = files.Read("tile/entries/003");
  for (const size_t at : {size_t{5000}, bundle.size() / 2}) bundle[at] = bundle[at] == 'A' ? 'B' : 'A';
  files.Write("tile/entries/003", bundle);
  EXPECT_FALSE(VerifyExport(options)->passed());
  ExpectSameWithThreads(options);
  std::filesystem::remove(directory.Path("tile/entries/004"));
  ExpectSameWithThreads(options);
}

}  // namespace
}  // namespace consort::ledger
