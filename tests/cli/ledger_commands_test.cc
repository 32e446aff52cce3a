// The ledger's commands of the program `consort`, over an exported sample ledger and without a coordinator.
#include "absl/strings/str_cat.h"
#include "common/ledger/export.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/loopback.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::cli {
namespace {

using ::consort::testing::Finished;
using ::consort::testing::IsOk;
using ::consort::testing::kUk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::RunToEnd;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleDigest;
using ::consort::testing::SampleLedger;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::HasSubstr;
using ::testing::Le;

class LedgerCommandsTest : public ::testing::Test {
 protected:
  LedgerCommandsTest() {
    ledger_.AddAll();
    EXPECT_THAT(ledger::WriteExport(ledger_.Source(), Path("ledger")), IsOk());
  }
  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::string LogKey() const { return ledger_.log_key().verifier().ToString(); }
  Finished Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), CONSORT_PROGRAM);
    arguments.insert(arguments.end(), {"--profile", Path("nobody")});
    return RunToEnd({.arguments = std::move(arguments), .environment = {{"no_proxy", "127.0.0.1"}}});
  }

  const TemporaryDirectory directory_;
  SampleLedger ledger_;
};

TEST_F(LedgerCommandsTest, AProofMadeFromAFolderIsSmallAndHolds) {
  const Finished made = Run({"ledger", "proof", "8", "--from", Path("ledger"), "--file", Path("proof"),
                             "--entry", Path("entry"), "-o", "json"});
  ASSERT_EQ(made.exit_code, 0) << made.output;
  EXPECT_EQ(nlohmann::json::parse(made.standard_output)["state"], "sealed");
  EXPECT_EQ(ReadFileOrDie(Path("entry")), ledger_.entries()[8]);
  EXPECT_THAT(ReadFileOrDie(Path("proof")).size(), Le(2048));
  const Finished checked =
      RunToEnd({.arguments = {CONSORT_VERIFY, "proof", Path("proof"), Path("entry"), "--log-key", LogKey()}});
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
}

TEST_F(LedgerCommandsTest, AProofUnderAnOlderCheckpointNeedsThatCheckpoint) {
  const Finished old = Run({"ledger", "proof", "3", "--from", Path("ledger"), "--size", "8"});
  EXPECT_EQ(old.exit_code, 0);
  EXPECT_THAT(old.output, HasSubstr(ledger_.checkpoints()[0]));
  EXPECT_EQ(Run({"ledger", "proof", "8", "--from", Path("ledger"), "--size", "8"}).exit_code, 2);
  EXPECT_EQ(Run({"ledger", "proof", "3", "--from", Path("ledger"), "--size", "9"}).exit_code, 3);
}

TEST_F(LedgerCommandsTest, NoProofIsMadeFromEntriesThatDoNotHashToTheCheckpoint) {
  const std::string bundle = Path("ledger/tile/entries/000.p/17");
  std::string bytes = ReadFileOrDie(bundle);
  bytes.back() ^= 1;
  WriteFileOrDie(bundle, bytes);
  EXPECT_EQ(Run({"ledger", "proof", "8", "--from", Path("ledger")}).exit_code, 6);
}

TEST_F(LedgerCommandsTest, ComparingSaysOneHistoryOrExitsWithSix) {
  WriteFileOrDie(Path("a"), ledger_.checkpoints()[0]);
  WriteFileOrDie(Path("b"), ledger_.checkpoints()[1]);
  EXPECT_EQ(Run({"ledger", "compare", Path("a"), Path("b"), "--from", Path("ledger")}).exit_code, 0);

  SampleLedger forked;  // another round-open: another root at size 8
  forked.AddGood(forked.EnrolCoordinator());
  forked.AddGood(forked.EnrolArchive(kUk));
  while (forked.size() < 8) {
    testing::Draft draft = SampleChanges(forked).Incident();
    draft.predicate["number"] = forked.size();
    ASSERT_THAT(forked.Add(draft), IsOk());
  }
  forked.Seal();
  WriteFileOrDie(Path("c"), forked.checkpoints().back());
  const Finished split = Run({"ledger", "compare", Path("c"), Path("b"), "--from", Path("ledger"),
                              "--evidence", Path("evidence"), "-o", "json"});
  EXPECT_EQ(split.exit_code, 6);
  EXPECT_EQ(nlohmann::json::parse(split.standard_output)["relation"], "split-view");
  EXPECT_THAT(ReadFileOrDie(Path("evidence")), HasSubstr(forked.checkpoints().back()));
}

TEST_F(LedgerCommandsTest, ComparingNeedsSomebodyToTrust) {
  WriteFileOrDie(Path("a"), ledger_.checkpoints()[0]);
  EXPECT_EQ(Run({"ledger", "compare", Path("a"), Path("a")}).exit_code, 2);
}

TEST_F(LedgerCommandsTest, AContributionsReachIsReadFromAFolderInBothLanguages) {
  const Finished json = Run({"explain", "contribution", "8", "--from", Path("ledger"), "-o", "json"});
  ASSERT_EQ(json.exit_code, 0) << json.output;
  const nlohmann::json record = nlohmann::json::parse(json.standard_output);
  EXPECT_EQ(record["class"], "A");
  EXPECT_EQ(record["decision"]["entry"], 9);
  ASSERT_EQ(record["held_by"].size(), 2u);
  EXPECT_EQ(record["held_by"][0]["entry"], 12);
  EXPECT_EQ(record["held_by"][1]["artifact"], SampleDigest("state 1 file"));
  const Finished chinese =
      Run({"explain", "contribution", "8", "--from", Path("ledger"), "--lang", "zh-Hans"});
  EXPECT_THAT(chinese.output, HasSubstr("完全由账本推算（A 类）"));
  EXPECT_EQ(Run({"explain", "contribution", "9", "--from", Path("ledger")}).exit_code, 3);
}

TEST_F(LedgerCommandsTest, ALedgerOnAWebServerIsFetchedAndVerified) {
  const int port = testing::FreePort();
  testing::Process server({.arguments = {"python3", "-u", "-m", "http.server", absl::StrCat(port), "--bind",
                                         "127.0.0.1", "--directory", Path("ledger")}});
  ASSERT_TRUE(server.WaitForOutput("Serving HTTP", absl::Seconds(30)));
  const std::string url = absl::StrCat("http://127.0.0.1:", port);
  const Finished good = Run({"ledger", "verify", url, "--log-key", LogKey(), "-o", "json"});
  EXPECT_EQ(good.exit_code, 0) << good.output;
  EXPECT_EQ(nlohmann::json::parse(good.standard_output)["size"], 17);

  std::string bytes = ReadFileOrDie(Path("ledger/tile/0/000.p/17"));
  bytes[40] ^= 1;
  WriteFileOrDie(Path("ledger/tile/0/000.p/17"), bytes);
  const Finished bad = Run({"ledger", "verify", url, "--log-key", LogKey(), "--into", Path("kept")});
  EXPECT_EQ(bad.exit_code, 6);
  EXPECT_THAT(bad.output, HasSubstr("tile/0/000.p/17 differs"));
  EXPECT_EQ(ReadFileOrDie(Path("kept/checkpoint")), ledger_.checkpoints().back());

  EXPECT_EQ(Run({"ledger", "verify", url + "/nothing"}).exit_code, 3);
}

TEST_F(LedgerCommandsTest, OnlyWebAddressesAreFetched) {
  EXPECT_EQ(Run({"ledger", "verify", "file://" + Path("ledger")}).exit_code, 2);
  EXPECT_EQ(Run({"ledger", "verify"}).exit_code, 2);
  EXPECT_EQ(Run({"ledger", "verify", absl::StrCat("http://127.0.0.1:", testing::FreePort())}).exit_code, 5);
}

TEST_F(LedgerCommandsTest, AnArchivesMirrorIsFoundByItsConfiguration) {
  EXPECT_THAT(ledger::WriteExport(ledger_.Source(), Path("state/ledger/mirror")), IsOk());
  WriteFileOrDie(Path("node.toml"), absl::StrCat("[state]\ndirectory = '", Path("state"), "'\n"));
  const Finished result = Run({"ledger", "verify", "--mirror", Path("node.toml"), "--log-key", LogKey()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

TEST_F(LedgerCommandsTest, AKeyIsNotRevokedWithoutYes) {
  const Finished preview = Run({"ledger", "revoke-key", LogKey(), "--reason", "lost-key"});
  EXPECT_EQ(preview.exit_code, 0) << preview.output;
  EXPECT_THAT(preview.output, HasSubstr("nothing is changed"));
  EXPECT_EQ(Run({"ledger", "revoke-key", "no key", "--reason", "lost-key"}).exit_code, 2);
  EXPECT_EQ(Run({"ledger", "revoke-key", LogKey()}).exit_code, 2);  // no reason
  // With --yes it asks the coordinator: nobody has enrolled here.
  EXPECT_EQ(Run({"ledger", "revoke-key", LogKey(), "--reason", "lost-key", "--yes"}).exit_code, 3);
}

TEST_F(LedgerCommandsTest, AnErasureNeedsACommitmentAndAGround) {
  EXPECT_EQ(Run({"ledger", "erase", "abc", "--ground", "gdpr-17"}).exit_code, 2);
  EXPECT_EQ(Run({"ledger", "erase", SampleDigest("x"), "--ground", "because"}).exit_code, 2);
  EXPECT_EQ(Run({"ledger", "erase", SampleDigest("x"), "--ground", "gdpr-17"}).exit_code, 3);
}

}  // namespace
}  // namespace consort::cli
