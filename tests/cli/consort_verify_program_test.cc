// Runs the program `consort-verify` over the sample ledger, as an auditor would, and reads what it is linked
// with.
#include <sys/stat.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/key_file.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "common/ledger/policy.h"
#include "common/ledger/tlog_proof.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::cli {
namespace {

using ::consort::testing::Finished;
using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kNoon;
using ::consort::testing::kOrigin;
using ::consort::testing::kUk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::RunToEnd;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleLedger;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ConsortVerifyProgramTest : public ::testing::Test {
 protected:
  ConsortVerifyProgramTest() {
    ledger_.AddAll();
    const std::vector<VerifierKey> mirrors = {ledger_.archive(kUk).mirror.verifier(),
                                              ledger_.archive(kCn).mirror.verifier()};
    policy_ = ledger::MajorityPolicy(ledger_.log_key().verifier(), mirrors, 0).value();
    WriteFileOrDie(Path("policy"), policy_);
    WriteFileOrDie(Path("a"), ledger_.checkpoints()[0]);  // size 8
    WriteFileOrDie(Path("b"), ledger_.checkpoints()[1]);  // size 17
    EXPECT_THAT(ledger::WriteExport(ledger_.Source(), Path("ledger")), IsOk());
  }

  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::string LogKey() const { return ledger_.log_key().verifier().ToString(); }
  static Finished Verify(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CONSORT_VERIFY);
    return RunToEnd({.arguments = std::move(arguments)});
  }
  // The newest checkpoint with cosignatures of these archives at kNoon.
  std::string Cosigned(const std::vector<std::string>& archives) const {
    const std::string& note = ledger_.checkpoints().back();
    std::vector<std::string> lines;
    for (const std::string& archive : archives) {
      lines.push_back(ledger::CosignatureLine(ledger::ParseNote(note)->text, ledger_.archive(archive).mirror,
                                              absl::FromUnixSeconds(kNoon)));
    }
    return ledger::WithSignatures(note, lines).value();
  }
  void WriteProof(uint64_t index, const std::vector<std::string>& witnesses) {
    ledger::MemoryTree tree;
    for (const std::string& entry : ledger_.entries()) tree.Append(ledger::LeafHash(entry));
    WriteFileOrDie(Path("proof"), ledger::MakeTlogProof(index, Cosigned(witnesses),
                                                        ledger::Policy::Parse(policy_).value(), tree.Reader())
                                      .value());
    WriteFileOrDie(Path("entry"), ledger_.entries()[index]);
  }

  const TemporaryDirectory directory_;
  SampleLedger ledger_;
  std::string policy_;
};

TEST_F(ConsortVerifyProgramTest, ItNeedsNoLibraryOfANetworkOrOfATrainer) {
  const Finished read = RunToEnd({.arguments = {"readelf", "-d", CONSORT_VERIFY}});
  ASSERT_EQ(read.exit_code, 0) << read.output;
  std::set<std::string> strangers;
  int needed = 0;
  for (const absl::string_view line : absl::StrSplit(read.standard_output, '\n')) {
    if (!absl::StrContains(line, "(NEEDED)")) continue;
    ++needed;
    const std::string name(line.substr(line.find('[') + 1, line.rfind(']') - line.find('[') - 1));
    const auto is = [&name](absl::string_view prefix) { return absl::StartsWith(name, prefix); };
    if (!is("libabsl_") && !is("libcrypto.") && !is("libstdc++.") && !is("libgcc_s.") && !is("libm.") &&
        !is("libc.") && !is("ld-linux"))
      strangers.insert(name);
  }
  EXPECT_GT(needed, 2);  // the test has eyes
  EXPECT_THAT(strangers, IsEmpty());
}

TEST_F(ConsortVerifyProgramTest, EveryHelpHasAnExampleAndTheExitCodes) {
  for (const char* command : {"ledger", "proof", "compare", "policy"}) {
    const Finished help = Verify({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.output, HasSubstr(absl::StrCat("consort-verify ", command, " "))) << command;
    EXPECT_THAT(help.output, HasSubstr("130 interrupted")) << command;
  }
  EXPECT_EQ(Verify({}).exit_code, 2);
  EXPECT_EQ(Verify({"ledger", "--nonsense"}).exit_code, 2);
}

TEST_F(ConsortVerifyProgramTest, AGoodLedgerPassesAndAChangedByteIsNamed) {
  const Finished good = Verify({"ledger", Path("ledger"), "--log-key", LogKey(), "-o", "json"});
  EXPECT_EQ(good.exit_code, 0) << good.output;
  EXPECT_EQ(nlohmann::json::parse(good.standard_output)["size"], 17);

  const std::string bundle = Path("ledger/tile/entries/000.p/17");
  std::string bytes = ReadFileOrDie(bundle);
  bytes[10] ^= 1;
  WriteFileOrDie(bundle, bytes);
  const Finished bad = Verify({"ledger", Path("ledger"), "--log-key", LogKey()});
  EXPECT_EQ(bad.exit_code, 6);
  EXPECT_THAT(bad.output, HasSubstr("entry 0: "));
}

TEST_F(ConsortVerifyProgramTest, AKeyOfAnotherLogIsRefused) {
  const std::string other = SampleChanges(ledger_).new_log().verifier().ToString();
  const Finished result = Verify({"ledger", Path("ledger"), "--log-key", other});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.output, HasSubstr("checkpoint"));
  WriteFileOrDie(Path("keys"), LogKey() + "\n");
  EXPECT_EQ(Verify({"ledger", Path("ledger"), "--log-key", "@" + Path("keys")}).exit_code, 0);
}

TEST_F(ConsortVerifyProgramTest, AFolderWithoutALedgerIsNotFound) {
  EXPECT_EQ(Verify({"ledger", directory_.path()}).exit_code, 3);
}

TEST_F(ConsortVerifyProgramTest, TheResultIsSaidInChineseToo) {
  const Finished result = Verify({"ledger", Path("ledger"), "--lang", "zh-Hans"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("账本成立：共 17 个条目"));
  EXPECT_THAT(result.output, HasSubstr("通过"));
}

TEST_F(ConsortVerifyProgramTest, AProofIsWitnessedOnlyByAQuorum) {
  WriteProof(8, {kUk, kCn});
  const std::vector<std::string> arguments = {"proof",        Path("proof"), Path("entry"),       "--policy",
                                              Path("policy"), "--now",       absl::StrCat(kNoon), "-o",
                                              "json"};
  const Finished both = Verify(arguments);
  EXPECT_EQ(both.exit_code, 0) << both.output;
  const nlohmann::json record = nlohmann::json::parse(both.standard_output);
  EXPECT_EQ(record["state"], "witnessed");
  EXPECT_EQ(record["kind"], "contribution");
  EXPECT_EQ(record["index"], 8);
  EXPECT_EQ(record["cosigned_by"].size(), 2u);

  WriteProof(8, {kUk});
  const Finished one = Verify(arguments);
  EXPECT_EQ(one.exit_code, 6);
  EXPECT_THAT(one.output, HasSubstr(std::string(kCn) + ".demo/mirror"));
}

TEST_F(ConsortVerifyProgramTest, AProofHoldsForItsOwnEntryAlone) {
  WriteProof(8, {});
  EXPECT_EQ(Verify({"proof", Path("proof"), Path("entry"), "--log-key", LogKey()}).exit_code, 0);
  WriteFileOrDie(Path("entry"), ledger_.entries()[10]);
  EXPECT_EQ(Verify({"proof", Path("proof"), Path("entry"), "--log-key", LogKey()}).exit_code, 6);
}

TEST_F(ConsortVerifyProgramTest, AProofNeedsSomebodyToTrust) {
  WriteProof(8, {});
  const Finished result = Verify({"proof", Path("proof"), Path("entry")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("--log-key"));
}

TEST_F(ConsortVerifyProgramTest, ACosignatureFromTheFutureDoesNotCount) {
  WriteProof(8, {kUk, kCn});
  EXPECT_EQ(Verify({"proof", Path("proof"), Path("entry"), "--policy", Path("policy"), "--now",
                    absl::StrCat(kNoon - 301)})
                .exit_code,
            6);
  EXPECT_EQ(Verify({"proof", Path("proof"), Path("entry"), "--policy", Path("policy"), "--now",
                    absl::StrCat(kNoon + 7200), "--max-age", "1"})
                .exit_code,
            6);
}

TEST_F(ConsortVerifyProgramTest, OneHistoryIsSeenThroughTheFolder) {
  EXPECT_EQ(Verify({"compare", Path("a"), Path("b"), Path("ledger")}).exit_code, 0);
  const Finished without = Verify({"compare", Path("a"), Path("b"), "--log-key", LogKey()});
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.output, HasSubstr("give the folder"));
}

TEST_F(ConsortVerifyProgramTest, ASplitViewIsShownWithItsEvidence) {
  SampleLedger forked;
  forked.AddUntilRoundOpen();
  while (forked.size() < 17) {
    testing::Draft draft = SampleChanges(forked).Incident();
    draft.predicate["number"] = forked.size();
    ASSERT_THAT(forked.Add(draft), IsOk());
  }
  forked.Seal();
  WriteFileOrDie(Path("c"), forked.checkpoints().back());
  const Finished result =
      Verify({"compare", Path("b"), Path("c"), "--log-key", LogKey(), "--evidence", Path("evidence")});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.output, HasSubstr("SPLIT VIEW"));
  const std::string evidence = ReadFileOrDie(Path("evidence"));
  EXPECT_THAT(evidence, HasSubstr(ledger_.checkpoints().back()));
  EXPECT_THAT(evidence, HasSubstr(forked.checkpoints().back()));
}

// By hand: two of two share two; "one of two here, one of two there" share none.
TEST_F(ConsortVerifyProgramTest, APolicyThatAllowsTwoHistoriesIsNotSafe) {
  const Finished safe = Verify({"policy", Path("policy"), "--faulty", "1", "-o", "json"});
  EXPECT_EQ(safe.exit_code, 0) << safe.output;
  EXPECT_EQ(nlohmann::json::parse(safe.standard_output)["smallest_overlap"], 2);
  EXPECT_EQ(Verify({"policy", Path("policy"), "--faulty", "2"}).exit_code, 6);
  EXPECT_EQ(Verify({"policy", Path("policy"), "--faulty", "two"}).exit_code, 2);

  std::string any = absl::StrCat("log ", LogKey(), "\n");
  absl::StrAppend(&any, "witness uk ", ledger_.archive(kUk).mirror.verifier().ToString(), "\n");
  absl::StrAppend(&any, "witness cn ", ledger_.archive(kCn).mirror.verifier().ToString(), "\n");
  WriteFileOrDie(Path("any"), any + "group either any uk cn\nquorum either\n");
  const Finished unsafe = Verify({"policy", Path("any"), "--faulty", "0"});
  EXPECT_EQ(unsafe.exit_code, 6);
  EXPECT_THAT(unsafe.output, HasSubstr("NOT safe"));
}

}  // namespace
}  // namespace consort::cli
