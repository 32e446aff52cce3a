// Two verifiers that share no code with this project read what WriteExport writes. Their sources are in the
// folder that CONSORT_LEDGER_VERIFY names; without it, or without Go, there is nothing to run.
#include <cstdlib>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/ledger/compare.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/export.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"
#include "common/ledger/tlog_proof.h"
#include "common/ledger/verify.h"
#include "tests/common/ledger/ledger_cases.h"
#include "tests/common/ledger/random_policy.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::CaseFiles;
using ::consort::testing::Draft;
using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kUk;
using ::consort::testing::Layer;
using ::consort::testing::LedgerCase;
using ::consort::testing::LedgerCases;
using ::consort::testing::RandomPolicy;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleLedger;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;

bool Runs(const std::string& command) {
  return std::system(absl::StrCat(command, " >/dev/null 2>&1").c_str()) == 0;
}

// Builds the verifier once for all tests, in a folder that goes with the program.
class IndependentVerifierTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* sources = std::getenv("CONSORT_LEDGER_VERIFY");
    if (sources == nullptr || !Runs("command -v go")) return;
    sources_ = sources;
    built_ = new TemporaryDirectory();
    ASSERT_TRUE(Runs(absl::StrCat("GOCACHE='", built_->Path("cache"), "' sh '", sources_, "/build.sh' '",
                                  built_->Path("bin"), "'")))
        << "the verifier did not build; install golang-golang-x-mod-dev";
  }
  static void TearDownTestSuite() {
    delete built_;
    built_ = nullptr;
  }
  void SetUp() override {
    if (built_ == nullptr) GTEST_SKIP() << "CONSORT_LEDGER_VERIFY is not set or go is not installed";
  }

  void Export() { ASSERT_THAT(WriteExport(ledger_.Source(), directory_.path()), IsOk()); }
  // Fills the ledger up to `size` with entries of the coordinator.
  void GrowTo(uint64_t size) {
    while (ledger_.size() < size) {
      Draft draft = SampleChanges(ledger_).Incident();
      draft.predicate["number"] = ledger_.size();
      ASSERT_THAT(ledger_.Add(draft), IsOk());
    }
    ledger_.Seal();
  }

  bool GoAccepts() const {
    const std::string& d = directory_.path();
    return Runs(absl::StrCat(built_->Path("bin/ledger-verify"), " audit -dir ", d, " -vkey @", d,
                             "/keys/log.vkey",
                             " -dsse -canonical -unique -entry-min 1 -max-entry 16384 -entry-key @", d,
                             "/keys/entries.vkeys -old ", d, "/checkpoints"));
  }
  // With a majority policy over both archives' mirror keys.
  bool GoCallsWitnessed(int64_t now) const {
    return Runs(absl::StrCat(built_->Path("bin/ledger-verify"), " audit -dir ", directory_.Path("export"),
                             " -policy ", directory_.Path("export/keys/policy"), " -now ", now));
  }
  bool PythonAccepts() const {
    const std::string& d = directory_.path();
    return Runs(absl::StrCat("python3 ", sources_, "/ledger_verify.py audit ", d, " ", d,
                             "/keys/log.vkey --old ", d, "/checkpoints"));
  }
  // Whether two quorums of a policy always share more than `faulty` witnesses.
  bool GoCallsSafe(const std::string& policy, int faulty) const {
    WriteFileOrDie(directory_.Path("policy"), policy);
    return Runs(absl::StrCat(built_->Path("bin/ledger-verify"), " policy -policy ", directory_.Path("policy"),
                             " -faulty ", faulty));
  }
  // Changes one byte at about `places` places of a file, one after the other; counts those that `accepts`
  // lets pass.
  template <class Accepts>
  int Overlooked(const std::string& file, size_t places, Accepts accepts) const {
    const std::string good = ReadFileOrDie(file);
    int overlooked = 0;
    for (size_t byte = 0; byte < good.size(); byte += 1 + good.size() / places) {
      std::string changed = good;
      changed[byte] = static_cast<char>(changed[byte] ^ 0x10);
      WriteFileOrDie(file, changed);
      if (accepts()) ++overlooked;
    }
    WriteFileOrDie(file, good);
    return overlooked;
  }
  std::vector<std::string> SignedFiles() const {
    std::vector<std::string> files = {directory_.Path("checkpoint")};
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory_.Path("tile"))) {
      if (file.is_regular_file()) files.push_back(file.path().string());
    }
    return files;
  }

  static inline std::string sources_;
  static inline TemporaryDirectory* built_ = nullptr;
  SampleLedger ledger_;
  TemporaryDirectory directory_;
};

// What an auditor of these files would type.
class JudgedCase {
 public:
  JudgedCase(const LedgerCase& each, const std::string& directory)
      : files_(directory + "/ledger"), pins_(directory + "/pins") {
    each.build(files_);
    std::filesystem::create_directories(pins_ + "/old");
    WriteFileOrDie(pins_ + "/log", Lines(files_.log_keys));
    WriteFileOrDie(pins_ + "/entries", Lines(files_.entry_keys));
    if (!files_.policy.empty()) {
      WriteFileOrDie(pins_ + "/policy", files_.policy);
      WriteFileOrDie(pins_ + "/witnesses", Lines(Policy::Parse(files_.policy)->witness_keys()));
    }
    for (size_t i = 0; i < files_.kept.size(); ++i)
      WriteFileOrDie(absl::StrCat(pins_, "/old/", i), files_.kept[i]);
  }
  std::string GoArguments() const {
    const std::string trust = files_.policy.empty() ? absl::StrCat(" -vkey @", pins_, "/log")
                                                    : absl::StrCat(" -policy ", pins_, "/policy");
    return absl::StrCat(" audit -dir ", files_.folder, trust, " -old ", pins_, "/old -now ", files_.now,
                        " -dsse -canonical -unique -entry-min 1 -max-entry 16384 -entry-key @", pins_,
                        "/entries");
  }
  std::string PythonArguments() const {
    return absl::StrCat(" audit ", files_.folder, " ", pins_, "/log --old ", pins_, "/old",
                        files_.policy.empty()
                            ? ""
                            : absl::StrCat(" --witness ", pins_, "/witnesses --quorum ", files_.quorum));
  }

 private:
  static std::string Lines(const std::vector<VerifierKey>& keys) {
    std::string lines;
    for (const VerifierKey& key : keys) absl::StrAppend(&lines, key.ToString(), "\n");
    return lines;
  }

  CaseFiles files_;
  const std::string pins_;
};

// Good and bad ledgers of tampering_test. Neither judges what entries may say (Layer::kRulesOfState); the
// Python one opens no entries and asks no clocks.
TEST_F(IndependentVerifierTest, BothGiveTheSameVerdictOnEveryLedgerOfTheTests) {
  const std::set<std::string> without_clocks = {"ClocksAheadOfAllButOne"};
  int good = 0, bad_to_go = 0, bad_to_python = 0;
  for (const LedgerCase& each : LedgerCases()) {
    const TemporaryDirectory directory;
    const JudgedCase judged(each, directory.path());
    const bool is_good = each.caught_by.empty();
    const bool go_sees = is_good || each.layer != Layer::kRulesOfState;
    const bool python_sees = is_good || (each.layer == Layer::kTree && !without_clocks.contains(each.name));
    EXPECT_EQ(Runs(built_->Path("bin/ledger-verify") + judged.GoArguments()), is_good || !go_sees)
        << each.name;
    EXPECT_EQ(Runs(absl::StrCat("python3 ", sources_, "/ledger_verify.py", judged.PythonArguments())),
              is_good || !python_sees)
        << each.name;
    good += is_good ? 1 : 0;
    bad_to_go += !is_good && go_sees ? 1 : 0;
    bad_to_python += !is_good && python_sees ? 1 : 0;
  }
  // By the table: nothing was left out by mistake.
  EXPECT_EQ(good, 5);
  EXPECT_EQ(bad_to_go, 24);
  EXPECT_EQ(bad_to_python, 15);
}

TEST_F(IndependentVerifierTest, BothAcceptAWholeLedger) {
  ledger_.AddAll();
  Export();
  EXPECT_TRUE(GoAccepts());
  EXPECT_TRUE(PythonAccepts());
}

TEST_F(IndependentVerifierTest, BothAcceptLedgersOfSeveralTilesThatHaveGrown) {
  ledger_.AddAll();
  for (const uint64_t size : {255, 256, 257, 600}) {
    GrowTo(size);
    Export();
    EXPECT_TRUE(GoAccepts()) << size;
  }
  EXPECT_TRUE(PythonAccepts());
}

TEST_F(IndependentVerifierTest, GoFindsTheSameSmallestOverlapOfQuorums) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    const RandomPolicy random(seed, 10);
    const auto policy = Policy::Parse(random.text());
    ASSERT_THAT(policy, IsOk());
    const int overlap = policy->SmallestOverlap().witnesses;
    EXPECT_FALSE(GoCallsSafe(random.text(), overlap)) << random.text();
    if (overlap > 0) {
      EXPECT_TRUE(GoCallsSafe(random.text(), overlap - 1)) << random.text();
    }
  }
}

TEST_F(IndependentVerifierTest, GoJudgesCosignaturesAndClocksAlike) {
  ledger_.AddAll();
  constexpr int64_t kNoon = 1'800'000'000;
  ExportSource source = ledger_.Source();
  std::vector<VerifierKey> mirrors;
  for (const char* name : {kUk, kCn}) mirrors.push_back(ledger_.archive(name).mirror.verifier());
  source.keys.policy = MajorityPolicy(ledger_.log_key().verifier(), mirrors, 0).value();
  const std::string sealed = source.checkpoints.back();
  const std::string text = sealed.substr(0, sealed.find("\n\n") + 1);
  for (const auto& [uk, cn] : {std::pair<int64_t, int64_t>{kNoon, kNoon},
                               {kNoon, kNoon + 300},
                               {kNoon, kNoon + 301},
                               {kNoon, 0},
                               {kNoon + 86'400, kNoon}}) {
    std::vector<std::string> lines = {
        CosignatureLine(text, ledger_.archive(kUk).mirror, absl::FromUnixSeconds(uk))};
    if (cn != 0)
      lines.push_back(CosignatureLine(text, ledger_.archive(kCn).mirror, absl::FromUnixSeconds(cn)));
    source.checkpoints.back() = WithSignatures(sealed, lines).value();
    std::filesystem::remove_all(directory_.Path("export"));
    ASSERT_THAT(WriteExport(source, directory_.Path("export")), IsOk());
    const ClockRule clock{.now = absl::FromUnixSeconds(kNoon)};
    const auto judged =
        OpenJudged(source.checkpoints.back(), Policy::Parse(source.keys.policy).value(), clock);
    ASSERT_THAT(judged, IsOk());
    EXPECT_EQ(judged->judgement.quorum, GoCallsWitnessed(kNoon)) << uk << " " << cn;
  }
}

TEST_F(IndependentVerifierTest, GoChecksProofFilesWithCosignaturesAlike) {
  ledger_.AddAll();
  std::vector<VerifierKey> mirrors;
  for (const char* name : {kUk, kCn}) mirrors.push_back(ledger_.archive(name).mirror.verifier());
  const std::string policy = MajorityPolicy(ledger_.log_key().verifier(), mirrors, 0).value();
  WriteFileOrDie(directory_.Path("policy"), policy);
  const std::string sealed = ledger_.checkpoints().back();
  const std::string text = sealed.substr(0, sealed.find("\n\n") + 1);
  std::vector<std::string> lines;
  for (const char* name : {kUk, kCn})
    lines.push_back(CosignatureLine(text, ledger_.archive(name).mirror, absl::FromUnixSeconds(1)));
  const std::string note = WithSignatures(sealed, lines).value();
  MemoryTree tree;
  for (const std::string& entry : ledger_.entries()) tree.Append(LeafHash(entry));
  for (uint64_t index = 0; index < ledger_.size(); ++index) {
    const auto file = MakeTlogProof(index, note, Policy::Parse(policy).value(), tree.Reader());
    ASSERT_THAT(file, IsOk());
    WriteFileOrDie(directory_.Path("proof"), *file);
    for (const uint64_t other : {index, (index + 1) % ledger_.size()}) {
      WriteFileOrDie(directory_.Path("entry"), ledger_.entries()[other]);
      EXPECT_EQ(
          Runs(absl::StrCat(built_->Path("bin/ledger-verify"), " proof -file ", directory_.Path("proof"),
                            " -entry ", directory_.Path("entry"), " -policy ", directory_.Path("policy"))),
          index == other)
          << index << " " << other;
    }
  }
}

TEST_F(IndependentVerifierTest, GoFindsTheSameSplitViews) {
  SampleLedger forked;
  for (SampleLedger* ledger : {&ledger_, &forked}) {
    ledger->AddUntilRoundOpen();  // sealed at 8
    ASSERT_THAT(ledger->Add(ledger->Contribution(ledger == &forked ? kCn : kUk)), IsOk());
    ledger->Seal();  // 9: the two differ in leaf 8
    ASSERT_THAT(ledger->Add(SampleChanges(*ledger).Incident()), IsOk());
    ledger->Seal();
  }
  Export();  // the tiles of ledger_
  MemoryTree tree;
  for (const std::string& entry : ledger_.entries()) tree.Append(LeafHash(entry));
  // Go looks for tiles of just the larger size: those of the newest checkpoint.
  const std::string& newest = ledger_.checkpoints().back();
  WriteFileOrDie(directory_.Path("b"), newest);
  std::vector<Relation> relations;
  for (const std::string& note : forked.checkpoints()) {
    const auto found = CompareHistories(note, newest, {ledger_.log_key().verifier()}, tree.Reader());
    ASSERT_THAT(found, IsOk());
    relations.push_back(found->relation);
    WriteFileOrDie(directory_.Path("a"), note);
    EXPECT_EQ(Runs(absl::StrCat(built_->Path("bin/ledger-verify"), " compare -a ", directory_.Path("a"),
                                " -b ", directory_.Path("b"), " -vkey ",
                                ledger_.log_key().verifier().ToString(), " -dir ", directory_.path())),
              found->relation != Relation::kSplitView)
        << found->detail;
  }
  EXPECT_EQ(relations, (std::vector{Relation::kExtends, Relation::kSplitView, Relation::kSplitView}));
}

// Every byte, in memory: a process for each would take many minutes.
TEST_F(IndependentVerifierTest, GoRejectsEveryChangedByteOfCheckpointAndTiles) {
  ledger_.AddAll();
  Export();
  const TemporaryDirectory folder;
  ASSERT_TRUE(Runs(absl::StrCat("cp '", sources_, "'/verify/*.go '", folder.path(), "' && rm -f '",
                                folder.path(), "'/*_test.go && cp '", CONSORT_SOURCE_DIR,
                                "/tests/common/ledger/independent_verifier/every_byte_test.go' '",
                                folder.path(), "'")));
  const std::string go = absl::StrCat("cd '", folder.path(),
                                      "' && GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= ", "GOCACHE='",
                                      built_->Path("cache"), "' LEDGER_DIR='", directory_.path(), "' ");
  ASSERT_TRUE(Runs(go + "go test -c -o every_byte .")) << "the verifier and every_byte_test.go do not fit";
  EXPECT_EQ(std::system((go + "./every_byte -test.v").c_str()), 0);
}

TEST_F(IndependentVerifierTest, BothRejectChangedBytesOnTheDisk) {
  ledger_.AddAll();
  Export();
  for (const std::string& file : SignedFiles()) {
    EXPECT_EQ(Overlooked(file, 8, [this] { return GoAccepts(); }), 0) << file;
    EXPECT_EQ(Overlooked(file, 8, [this] { return PythonAccepts(); }), 0) << file;
  }
  EXPECT_TRUE(GoAccepts());
}

TEST_F(IndependentVerifierTest, ChangedByteOfAnyOfManyTilesIsRejected) {
  ledger_.AddAll();
  GrowTo(600);
  Export();
  const std::vector<std::string> files = SignedFiles();
  EXPECT_EQ(files.size(), 8u);  // by hand: checkpoint, 3 + 3 tiles of level 0 and entries, 1 of level 1
  for (const std::string& file : files) {
    EXPECT_EQ(Overlooked(file, 4, [this] { return GoAccepts(); }), 0) << file;
  }
}

}  // namespace
}  // namespace consort::ledger
