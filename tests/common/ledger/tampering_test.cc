// Every kind of tampering by name, and the check that catches it.
#include "absl/strings/str_cat.h"
#include "common/ledger/export.h"
#include "common/ledger/verify.h"
#include "tests/common/ledger/ledger_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::CaseFiles;
using ::consort::testing::IsOk;
using ::consort::testing::LedgerCase;
using ::consort::testing::LedgerCases;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class TamperingTest : public ::testing::TestWithParam<LedgerCase> {
 protected:
  // The checks that fail, with their details.
  static std::vector<std::pair<std::string, std::string>> Failures(const CaseFiles& files) {
    VerifyOptions options{.directory = files.folder,
                          .kept_checkpoints = files.kept,
                          .policy = files.policy,
                          .now = absl::FromUnixSeconds(files.now)};
    for (const VerifierKey& key : files.log_keys) options.log_vkeys.push_back(key.ToString());
    for (const VerifierKey& key : files.entry_keys) options.entry_vkeys.push_back(key.ToString());
    std::vector<std::pair<std::string, std::string>> failures;
    const VerifyReport report = VerifyExport(options).value();
    for (const Check& check : report.checks) {
      if (!check.passed) failures.emplace_back(check.id, check.detail);
    }
    return failures;
  }
};

TEST_P(TamperingTest, IsCaughtByItsCheckAndNothingGoodIs) {
  const TemporaryDirectory directory;
  CaseFiles files(directory.path());
  GetParam().build(files);
  const auto failures = Failures(files);
  if (GetParam().caught_by.empty()) {
    EXPECT_THAT(failures, IsEmpty());
  } else {
    EXPECT_THAT(failures, Contains(Pair(GetParam().caught_by, HasSubstr(GetParam().reason))));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TamperingTest, ::testing::ValuesIn(LedgerCases()),
                         [](const auto& info) { return info.param.name; });

// 65,536 bytes do not fit the tiles' length of two bytes: no export of them can be written at all.
TEST(TamperingSizeTest, EntryOf65536BytesFitsNoTile) {
  SampleLedger ledger;
  ledger.AddUntilRoundOpen();
  ledger.AddRaw(std::string(65'536, 'x'));
  ledger.Seal();
  const TemporaryDirectory directory;
  EXPECT_THAT(WriteExport(ledger.Source(), directory.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("65")));
  EXPECT_THAT(OpenEntry(std::string(65'536, 'x'), {}),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::_));
}

}  // namespace
}  // namespace consort::ledger
