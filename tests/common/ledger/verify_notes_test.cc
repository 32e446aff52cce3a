// What the verifier says of checkpoints: whose signatures count, which policy is met, what a kept one saves;
// and that threads change nothing.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/note.h"
#include "common/ledger/verify.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::AddChanges;
using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kNoon;
using ::consort::testing::kOrigin;
using ::consort::testing::kUk;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const absl::Time kNow = absl::FromUnixSeconds(kNoon);

class VerifyNotesTest : public ::testing::Test {
 protected:
  void Export() { ASSERT_THAT(WriteExport(ledger_.Source(), directory_.path()), IsOk()); }
  VerifyReport Verify(VerifyOptions options = {}) {
    options.directory = directory_.path();
    return VerifyExport(options).value();
  }
  static Check Of(const VerifyReport& report, const std::string& id) {
    for (const Check& check : report.checks) {
      if (check.id == id) return check;
    }
    return {id, false, "no such check"};
  }
  // The detail of a check that must fail.
  std::string Failure(const std::string& id, const VerifyOptions& options = {}) {
    const Check check = Of(Verify(options), id);
    return check.passed ? "passed: " + check.detail : check.detail;
  }
  std::string Success(const std::string& id, const VerifyOptions& options = {}) {
    const VerifyReport report = Verify(options);
    for (const Check& check : report.checks) EXPECT_TRUE(check.passed) << check.id << ": " << check.detail;
    return Of(report, id).detail;
  }
  static std::string Vkey(const SigningKey& key) { return key.verifier().ToString(); }

  SampleLedger ledger_;
  SampleChanges changes_{ledger_};
  TemporaryDirectory directory_;
};

// ---- log keys

TEST_F(VerifyNotesTest, LogKeyIsFollowedThroughTheLedgersOwnRotation) {
  ledger_.AddAll();
  AddChanges(ledger_, changes_);
  ledger_.Seal(changes_.new_log());
  Export();
  EXPECT_THAT(
      Success("checkpoint", {.log_vkeys = {Vkey(ledger_.log_key())}}),
      AllOf(HasSubstr(changes_.new_log().verifier().KeyId()), HasSubstr("by the rotation at entry 18")));
  // Whoever pinned the new one needs no rotation; older checkpoints are prefixes of what it signed.
  EXPECT_THAT(Success("checkpoint", {.log_vkeys = {Vkey(changes_.new_log())}}), Not(HasSubstr("rotation")));
}

TEST_F(VerifyNotesTest, RevokedLogKeySignsNothingThatCoversItsRevocation) {
  ledger_.AddAll();
  AddChanges(ledger_, changes_);
  ledger_.Seal(ledger_.log_key());  // stolen, after entry 21 has revoked it
  ExportSource source = ledger_.Source();
  ASSERT_THAT(WriteExport(source, directory_.path()), IsOk());
  EXPECT_THAT(Failure("checkpoint", {.log_vkeys = {Vkey(ledger_.log_key())}}),
              HasSubstr("which entry 21 revoked"));
  EXPECT_THAT(Failure("consistency", {.log_vkeys = {Vkey(ledger_.log_key())}}),
              AllOf(StartsWith("checkpoints/27"), HasSubstr("which entry 21 revoked")));
}

TEST_F(VerifyNotesTest, BothLogKeysCountWhileTheyOverlap) {
  for (const SigningKey* key : {&ledger_.log_key(), &changes_.new_log()}) {
    TemporaryDirectory directory;
    SampleLedger ledger;
    ledger.AddUntilRoundOpen();
    const SampleChanges changes(ledger);
    ledger.AddGood(changes.RotateLog());
    ledger.Seal(*key);
    ExportSource source = ledger.Source();
    source.keys.log_vkeys.push_back(Vkey(changes.new_log()));
    ASSERT_THAT(WriteExport(source, directory.path()), IsOk());
    VerifyOptions options{.directory = directory.path(), .log_vkeys = {Vkey(ledger.log_key())}};
    EXPECT_TRUE(VerifyExport(options)->passed());
  }
}

TEST_F(VerifyNotesTest, KeyThatTheEntriesDoNotNameIsOfAnotherLog) {
  ledger_.AddUntilRoundOpen();
  Export();
  const SigningKey other = SigningKey::Generate(kOrigin);
  EXPECT_THAT(Failure("checkpoint", {.log_vkeys = {Vkey(other)}}),
              HasSubstr("the entries name none of the trusted log keys"));
  const SigningKey elsewhere = SigningKey::Generate("ledger.demo/archive");
  EXPECT_THAT(Failure("origin", {.log_vkeys = {Vkey(elsewhere)}}), HasSubstr("expected ledger.demo/archive"));
}

// ---- policy, quorum, clock

class WitnessedTest : public VerifyNotesTest {
 protected:
  WitnessedTest() {
    ledger_.AddAll();
    std::vector<VerifierKey> keys = {ledger_.archive(kUk).mirror.verifier(), university_.verifier()};
    keys.push_back(library_.verifier());
    policy_ = MajorityPolicy(ledger_.log_key().verifier(), keys, 0).value();  // two of three
  }
  // The last checkpoint with the cosignatures of some witnesses, each at its time.
  ExportSource Cosigned(const std::vector<std::pair<const SigningKey*, int64_t>>& witnesses) {
    ExportSource source = ledger_.Source();
    std::string& note = source.checkpoints.back();
    std::vector<std::string> lines;
    for (const auto& [key, seconds] : witnesses)
      lines.push_back(CosignatureLine(ParseNote(note)->text, *key, absl::FromUnixSeconds(seconds)));
    note = WithSignatures(note, lines).value();
    return source;
  }
  void Publish(const std::vector<std::pair<const SigningKey*, int64_t>>& witnesses) {
    ASSERT_THAT(WriteExport(Cosigned(witnesses), directory_.path()), IsOk());
  }
  VerifyOptions Given() { return {.policy = policy_, .now = kNow}; }
  const SigningKey& uk() { return ledger_.archive(kUk).mirror; }

  SigningKey university_ = SigningKey::Generate("university.example/witness", KeyAlgorithm::kCosignatureV1);
  SigningKey library_ = SigningKey::Generate("library.example/witness", KeyAlgorithm::kCosignatureV1);
  std::string policy_;
};

TEST_F(WitnessedTest, PolicyThatIsBroughtMustBeMetByTheNewestCheckpoint) {
  Publish({{&uk(), kNoon - 60}, {&university_, kNoon - 30}});
  EXPECT_THAT(Success("quorum", Given()), HasSubstr("all 17 entries are witnessed: 2 of 3"));
  EXPECT_THAT(Success("clock", Given()), HasSubstr("2027-01-15T07:59:30Z"));  // `date -ud @1799999970`
  EXPECT_EQ(Verify(Given()).witnessed_size, 17u);
}

TEST_F(WitnessedTest, TooFewCosignaturesFailAndTheMissingAreNamed) {
  Publish({{&uk(), kNoon}});
  EXPECT_THAT(Failure("quorum", Given()),
              AllOf(HasSubstr("1 count"), HasSubstr("library.example/witness+"), HasSubstr("university")));
  EXPECT_EQ(Verify(Given()).witnessed_size, 0u);
}

TEST_F(WitnessedTest, OneClockADayAheadDropsThatWitnessOnly) {
  Publish({{&uk(), kNoon}, {&university_, kNoon + 86'400}, {&library_, kNoon + 299}});
  EXPECT_THAT(Success("clock", Given()), HasSubstr("300 s ahead: university.example/witness+"));
  Publish({{&uk(), kNoon}, {&university_, kNoon + 86'400}, {&library_, kNoon + 301}});
  EXPECT_THAT(Failure("quorum", Given()), HasSubstr("300 s ahead: "));
}

TEST_F(WitnessedTest, NewestCosignatureMustNotBeOlderThanAskedFor) {
  Publish({{&uk(), kNoon - 7200}, {&university_, kNoon - 3601}});
  VerifyOptions options = Given();
  options.max_age = absl::Hours(1);
  EXPECT_THAT(Failure("clock", options), HasSubstr("too old"));
  options.max_age = absl::Seconds(3601);
  Success("clock", options);
  options.now = absl::InfiniteFuture();
  options.directory = directory_.path();
  EXPECT_THAT(VerifyExport(options).status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("age")));
}

TEST_F(WitnessedTest, LinesThatStandBesideTheCheckpointCount) {
  Publish({{&uk(), kNoon}});
  const std::string text = ParseNote(ledger_.checkpoints().back())->text;
  std::filesystem::create_directory(directory_.Path("cosignatures"));
  testing::WriteFileOrDie(directory_.Path("cosignatures/17"),
                          CosignatureLine(text, library_, absl::FromUnixSeconds(kNoon)));
  EXPECT_THAT(Success("quorum", Given()), HasSubstr("2 of 3"));
}

TEST_F(WitnessedTest, BadCosignatureOfAWitnessFails) {
  ExportSource source = Cosigned({{&uk(), kNoon}});
  const std::string other = CosignatureLine("another text\n", library_, absl::FromUnixSeconds(kNoon));
  source.checkpoints.back() = WithSignatures(source.checkpoints.back(), {other}).value();
  ASSERT_THAT(WriteExport(source, directory_.path()), IsOk());
  EXPECT_THAT(Failure("quorum", Given()), HasSubstr("library.example/witness"));
  EXPECT_THAT(Failure("checkpoint", Given()), HasSubstr("library.example/witness"));
}

TEST_F(WitnessedTest, ExportsOwnPolicySaysHowFarItIsWitnessed) {
  ExportSource source = ledger_.Source();
  source.keys.policy = policy_;
  std::string& older = source.checkpoints[0];  // of size 8
  older = WithSignatures(older, {CosignatureLine(ParseNote(older)->text, uk(), kNow),
                                 CosignatureLine(ParseNote(older)->text, library_, kNow)})
              .value();
  ASSERT_THAT(WriteExport(source, directory_.path()), IsOk());
  EXPECT_THAT(Success("quorum"), AllOf(HasSubstr("8 of 17"), HasSubstr("policy read from the export")));
  EXPECT_EQ(Verify().witnessed_size, 8u);
  EXPECT_EQ(Verify(Given()).witnessed_size, 8u);
  EXPECT_FALSE(Verify(Given()).passed());
}

TEST_F(WitnessedTest, RevokedArchivesCosignatureDoesNotCount) {
  // Entry 16 has revoked archive-cn-1, whose key may be in other hands.
  const SigningKey& cn = ledger_.archive(kCn).mirror;
  policy_ = MajorityPolicy(ledger_.log_key().verifier(), {uk().verifier(), cn.verifier()}, 0).value();
  Publish({{&uk(), kNoon}, {&cn, kNoon}});
  EXPECT_THAT(Failure("quorum", Given()), HasSubstr("missing: archive-cn-1.demo/mirror"));
}

TEST_F(WitnessedTest, PolicyFileMustBeTheTextOfTheNewestPolicyChange) {
  AddChanges(ledger_, changes_);
  ledger_.Seal(changes_.new_log());
  Export();
  EXPECT_THAT(Success("policy"), HasSubstr("as entry 20 states it"));
  EXPECT_THAT(Verify(Given()).checks[9].detail, HasSubstr("the policy that was given is another"));
  testing::WriteFileOrDie(directory_.Path("keys/policy"), policy_);
  EXPECT_THAT(Failure("policy"), HasSubstr("not the policy that entry 20 states"));
  testing::WriteFileOrDie(directory_.Path("keys/policy"), "quorum 1 of\n");
  EXPECT_THAT(Failure("policy"), HasSubstr("keys/policy: "));
}

TEST_F(WitnessedTest, PolicyThatCannotBeReadIsTheCallersMistake) {
  Export();
  EXPECT_THAT(VerifyExport({.directory = directory_.path(), .policy = "quorum"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(VerifyExport({.directory = directory_.path(), .since = "no note"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

// ---- from a kept checkpoint on

// Entry 4 with a signature that is not its signer's, in a tree that the log has signed.
void AddWithForgedApproval(SampleLedger& forged) {
  SampleLedger good;
  good.AddUntilRoundOpen();
  for (uint64_t i = 0; i < good.size(); ++i) {
    std::string entry = good.entries()[i];
    const size_t sig = entry.find("\"sig\":\"") + 10;
    if (i == 4) entry[sig] = entry[sig] == 'A' ? 'B' : 'A';
    forged.AddRaw(entry);
    if (i == 5) forged.Seal();
  }
  forged.Seal();
}

TEST_F(VerifyNotesTest, KeptCheckpointSavesTheSignaturesBelowItAndNothingElse) {
  SampleLedger forged;
  AddWithForgedApproval(forged);
  ASSERT_THAT(WriteExport(forged.Source(), directory_.path()), IsOk());
  EXPECT_THAT(Failure("signatures"), HasSubstr("entry 4: ledger entry has a bad signature"));
  VerifyOptions options{.since = forged.checkpoints()[0]};
  EXPECT_THAT(Success("signatures", options), HasSubstr("the first 6 were taken on the trust"));
  // Bytes, hashes and rules are judged from the first entry on.
  const std::string tile = directory_.Path("tile/0/000.p/8");
  std::string bytes = testing::ReadFileOrDie(tile);
  bytes[2] = static_cast<char>(bytes[2] ^ 1);
  testing::WriteFileOrDie(tile, bytes);
  EXPECT_THAT(Failure("tiles", options), HasSubstr("tile/0/000.p/8"));
}

TEST_F(VerifyNotesTest, KeptCheckpointOfAnotherHistoryIsNoGroundForTrust) {
  SampleLedger forged;
  AddWithForgedApproval(forged);
  ASSERT_THAT(WriteExport(forged.Source(), directory_.path()), IsOk());
  ledger_.AddUntilRoundOpen();  // of size 8, with the good entry 4
  VerifyOptions options{.since = ledger_.checkpoints()[0]};
  EXPECT_THAT(Failure("consistency", options), HasSubstr("root at size 8 is not this ledger's"));
  EXPECT_THAT(Failure("signatures", options), HasSubstr("entries below 8 were taken on the trust"));
  options.since = SignCheckpoint({kOrigin, 6, ReadCheckpoint(forged.checkpoints()[0])->root},
                                 SigningKey::Generate(kOrigin));
  EXPECT_THAT(Failure("consistency", options), HasSubstr("no signature of a trusted key"));
  ledger_.AddGood(ledger_.Contribution(kUk));
  ledger_.Seal();
  EXPECT_THAT(Failure("consistency", {.since = ledger_.checkpoints()[1]}), HasSubstr("was cut off"));
}

// ---- the tree alone

TEST_F(VerifyNotesTest, TreeAloneReadsNoEntry) {
  ledger_.AddUntilRoundOpen();
  ledger_.AddRaw("no entry at all");
  ledger_.Seal();
  Export();
  EXPECT_THAT(Failure("signatures"), HasSubstr("entry 8"));
  const VerifyReport report = Verify({.signatures = false});
  EXPECT_TRUE(report.passed());
  std::vector<std::string> ids;
  for (const Check& check : report.checks) ids.push_back(check.id);
  EXPECT_THAT(
      ids, ElementsAre("checkpoint", "entries", "root", "tiles", "consistency", "origin", "quorum", "clock"));
  const std::string bundle = directory_.Path("tile/entries/000.p/9");
  std::string bytes = testing::ReadFileOrDie(bundle);
  bytes.back() = 'L';
  testing::WriteFileOrDie(bundle, bytes);
  EXPECT_THAT(Failure("root", {.signatures = false}), HasSubstr("entries hash to"));
}

}  // namespace
}  // namespace consort::ledger
