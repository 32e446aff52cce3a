// Every command of the auditor's guides, as an auditor types it: in a folder that was copied from somewhere,
// with nothing but consort-verify to be found.
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "common/ledger/policy.h"
#include "common/ledger/tlog_proof.h"
#include "gmock/gmock.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::cli {
namespace {

namespace fs = std::filesystem;
using ::consort::testing::Finished;
using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kUk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::RunToEnd;
using ::consort::testing::SampleLedger;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::HasSubstr;
using ::testing::Not;

// The lines of the guide's fenced blocks.
std::vector<std::string> CommandsOf(const std::string& guide) {
  std::vector<std::string> commands;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(ReadFileOrDie(guide), '\n')) {
    if (absl::StartsWith(line, "```")) {
      inside = line == "```sh";
    } else if (inside) {
      commands.emplace_back(line);
    }
  }
  return commands;
}

class AuditorGuideTest : public ::testing::TestWithParam<const char*> {
 protected:
  AuditorGuideTest() {
    for (const char* name : {"university.example/witness", "library.example/witness"})
      outside_.push_back(SigningKey::Generate(name, KeyAlgorithm::kCosignatureV1));
    ledger_.AddUntilRelease();
    ledger_.Seal();  // at 16, after the one at 8
    std::vector<VerifierKey> witnesses = {ledger_.archive(kUk).mirror.verifier(),
                                          ledger_.archive(kCn).mirror.verifier()};
    for (const SigningKey& key : outside_) witnesses.push_back(key.verifier());
    // Three of four: any two quorums share two.
    policy_ = ledger::MajorityPolicy(ledger_.log_key().verifier(), witnesses, 1).value();
    FillStick();
    fs::create_directories(made_.Path("bin"));
    fs::copy_file(CONSORT_VERIFY, made_.Path("bin/consort-verify"));
    fs::copy(made_.Path("stick"), copied_.Path("stick"), fs::copy_options::recursive);
  }

  void FillStick() {
    ledger::ExportSource source = ledger_.Source();
    source.keys.policy = policy_;
    for (const SigningKey& key : outside_) source.keys.witness_vkeys.push_back(key.verifier().ToString());
    source.checkpoints.back() = Cosigned(source.checkpoints.back());
    EXPECT_THAT(ledger::WriteExport(source, made_.Path("stick/ledger")), IsOk());
    WriteFileOrDie(made_.Path("stick/my-policy"), policy_);
    WriteFileOrDie(made_.Path("stick/mine"), source.checkpoints.front());
    WriteFileOrDie(made_.Path("stick/theirs"), source.checkpoints.front());
    ledger::MemoryTree tree;
    for (const std::string& entry : ledger_.entries()) tree.Append(ledger::LeafHash(entry));
    WriteFileOrDie(made_.Path("stick/entry-12.json"), ledger_.entries()[12]);
    WriteFileOrDie(made_.Path("stick/entry-12.tlog-proof"),
                   ledger::MakeTlogProof(12, source.checkpoints.back(),
                                         ledger::Policy::Parse(policy_).value(), tree.Reader())
                       .value());
  }
  // By both archives and the library, now: the university is silent.
  std::string Cosigned(const std::string& note) const {
    const std::string text = ledger::ParseNote(note)->text;
    std::vector<std::string> lines;
    for (const SigningKey* key :
         {&ledger_.archive(kUk).mirror, &ledger_.archive(kCn).mirror, &outside_.back()})
      lines.push_back(ledger::CosignatureLine(text, *key, absl::Now()));
    return ledger::WithSignatures(note, lines).value();
  }
  // In the copied folder; nothing of this computer's PATH is left.
  Finished Type(const std::string& line) const {
    return RunToEnd(
        {.arguments = {"/bin/sh", "-c",
                       absl::StrCat("cd ", copied_.Path("stick"),
                                    " && exec /usr/bin/env -i PATH=", made_.Path("bin"), " ", line)}});
  }

  SampleLedger ledger_;
  std::vector<SigningKey> outside_;
  std::string policy_;
  const TemporaryDirectory made_;
  const TemporaryDirectory copied_;
};

TEST_P(AuditorGuideTest, EveryCommandHoldsOnAGoodLedger) {
  const std::vector<std::string> commands =
      CommandsOf(absl::StrCat(CONSORT_SOURCE_DIR, "/docs/guides/", GetParam()));
  ASSERT_EQ(commands.size(), 8u);  // the reading has eyes
  for (const std::string& command : commands) {
    ASSERT_TRUE(absl::StartsWith(command, "consort-verify ")) << command;
    const Finished result = Type(command);
    EXPECT_EQ(result.exit_code, 0) << command << "\n" << result.output;
  }
}

TEST_P(AuditorGuideTest, ALedgerThatWasChangedOnTheStickFailsWhereTheGuideSaysSo) {
  const std::string bundle = copied_.Path("stick/ledger/tile/entries/000.p/16");
  std::string bytes = ReadFileOrDie(bundle);
  bytes[bytes.size() / 2] ^= 1;
  WriteFileOrDie(bundle, bytes);
  int failed = 0;
  for (const std::string& command :
       CommandsOf(absl::StrCat(CONSORT_SOURCE_DIR, "/docs/guides/", GetParam()))) {
    if (!absl::StrContains(command, "verify ledger")) continue;
    EXPECT_EQ(Type(command).exit_code, 6) << command;
    ++failed;
  }
  EXPECT_EQ(failed, 4);
}

INSTANTIATE_TEST_SUITE_P(Languages, AuditorGuideTest, ::testing::Values("auditor.md", "auditor.zh.md"),
                         [](const auto& info) {
                           return absl::StrContains(info.param, "zh") ? std::string("Chinese")
                                                                      : std::string("English");
                         });

}  // namespace
}  // namespace consort::cli
