#include "common/ledger/verify.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "tests/common/ledger/sample_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::Draft;
using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kUk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::HasSubstr;

class VerifyTest : public ::testing::Test {
 protected:
  void Export() { ASSERT_THAT(WriteExport(ledger_.Source(), directory_.path()), IsOk()); }
  // Appends entries whatever the rules say, seals and exports: a coordinator that cheats and signs it all.
  void ExportWith(const Draft& bad) {
    ledger_.Add(bad).IgnoreError();
    ledger_.Seal();
    Export();
  }
  VerifyReport Verify(VerifyOptions options = {}) {
    options.directory = directory_.path();
    return VerifyExport(options).value();
  }
  // The detail of a check that failed; empty if it passed.
  std::string Failure(const std::string& id, const VerifyOptions& options = {}) {
    for (const Check& check : Verify(options).checks) {
      if (check.id == id) return check.passed ? "" : check.detail;
    }
    return "no such check";
  }

  SampleLedger ledger_;
  TemporaryDirectory directory_;
};

TEST_F(VerifyTest, WholeLedgerPassesEveryCheck) {
  ledger_.AddAll();
  Export();
  VerifyOptions options{.log_vkeys = {ledger_.log_key().verifier().ToString()},
                        .kept_checkpoints = {ledger_.checkpoints()[0]}};
  const VerifyReport report = Verify(options);
  for (const Check& check : report.checks) EXPECT_TRUE(check.passed) << check.id << ": " << check.detail;
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.checks.size(), 12u);
  EXPECT_EQ(report.origin, "ledger.demo/music");
  EXPECT_EQ(report.size, 17u);
}

TEST_F(VerifyTest, CoordinatorsKeyIsEnoughBecauseArchivesAreEnrolledInTheLedger) {
  ledger_.AddAll();
  Export();
  const VerifyReport report = Verify({.entry_vkeys = {ledger_.coordinator_key().verifier().ToString()}});
  EXPECT_TRUE(report.passed());
  EXPECT_THAT(report.checks[4].detail, HasSubstr("2 are known from the entry that names them alone"));
}

TEST_F(VerifyTest, SaysThatAKeyFromTheExportProvesLess) {
  ledger_.AddAll();
  Export();
  EXPECT_THAT(Verify().checks[0].detail, HasSubstr("key read from the export"));
}

TEST_F(VerifyTest, FolderWithoutALedgerIsNotFoundAndBadKeysAreNamed) {
  EXPECT_THAT(VerifyExport({.directory = directory_.path()}).status(),
              StatusIs(absl::StatusCode::kNotFound, _));
  ledger_.AddAll();
  Export();
  EXPECT_THAT(VerifyExport({.directory = directory_.path(), .log_vkeys = {"no key"}}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

// ---- what is stored was changed

TEST_F(VerifyTest, EveryByteOfCheckpointAndTilesCounts) {
  ledger_.AddAll();
  Export();
  std::vector<std::string> files = {directory_.Path("checkpoint")};
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory_.Path("tile"))) {
    if (file.is_regular_file()) files.push_back(file.path().string());
  }
  ASSERT_EQ(files.size(), 3u);
  for (const std::string& file : files) {
    const std::string good = ReadFileOrDie(file);
    for (size_t byte = 0; byte < good.size(); byte += 1 + good.size() / 100) {  // some 100 places a file
      std::string changed = good;
      changed[byte] = static_cast<char>(changed[byte] ^ 0x04);
      WriteFileOrDie(file, changed);
      EXPECT_FALSE(Verify().passed()) << file << " byte " << byte;
    }
    WriteFileOrDie(file, good);
  }
  EXPECT_TRUE(Verify().passed());
}

TEST_F(VerifyTest, EditedEntryIsNamed) {
  ledger_.AddAll();
  Export();
  const std::string path = directory_.Path("tile/entries/000.p/17");
  const std::string& good = ledger_.entries()[9];
  std::string edited = good;
  edited[20] = edited[20] == 'A' ? 'B' : 'A';
  WriteFileOrDie(path, absl::StrReplaceAll(ReadFileOrDie(path), {{good, edited}}));
  EXPECT_THAT(Failure("root"), HasSubstr("entries hash to"));
  EXPECT_THAT(Failure("signatures"), HasSubstr("entry 9:"));
  EXPECT_THAT(Failure("tiles"), HasSubstr("tile/0/000.p/17"));
  EXPECT_EQ(Failure("checkpoint"), "");
}

TEST_F(VerifyTest, FlippedBitOfAHashTileIsNamed) {
  ledger_.AddAll();
  Export();
  const std::string path = directory_.Path("tile/0/000.p/17");
  std::string tile = ReadFileOrDie(path);
  tile[33] = static_cast<char>(tile[33] ^ 1);
  WriteFileOrDie(path, tile);
  EXPECT_THAT(Failure("tiles"), HasSubstr("tile/0/000.p/17 differs"));
  EXPECT_EQ(Failure("root"), "");
  std::filesystem::remove(path);
  EXPECT_THAT(Failure("tiles"), HasSubstr("tile/0/000.p/17 is missing"));
}

TEST_F(VerifyTest, RemovedEntryIsNoticed) {
  ledger_.AddAll();
  Export();
  const std::string path = directory_.Path("tile/entries/000.p/17");
  const std::string& entry = ledger_.entries()[9];
  const std::string framed = absl::StrCat(std::string(1, static_cast<char>(entry.size() >> 8)),
                                          std::string(1, static_cast<char>(entry.size() & 0xFF)), entry);
  WriteFileOrDie(path, absl::StrReplaceAll(ReadFileOrDie(path), {{framed, ""}}));
  EXPECT_THAT(Failure("entries"), HasSubstr("holds 16 entries, expected 17"));
  EXPECT_THAT(Failure("root"), HasSubstr("could be read"));
}

TEST_F(VerifyTest, LedgerCutOffBehindAKeptCheckpointIsNoticed) {
  ledger_.AddAll();
  ExportSource source = ledger_.Source();
  const std::string kept = source.checkpoints.back();
  source.checkpoints.pop_back();
  ASSERT_THAT(WriteExport(source, directory_.path()), IsOk());
  EXPECT_TRUE(Verify().passed());
  EXPECT_THAT(Failure("consistency", {.kept_checkpoints = {kept}}),
              HasSubstr("covers 17 entries, this ledger has 8"));
}

TEST_F(VerifyTest, AnotherHistoryThanTheKeptOneIsNoticed) {
  SampleLedger other;
  ASSERT_THAT(other.Add(other.EnrolCoordinator()), IsOk());
  ASSERT_THAT(other.Add(other.EnrolArchive(kCn)), IsOk());
  other.Seal();
  ledger_.AddAll();
  Export();
  EXPECT_THAT(Failure("consistency", {.kept_checkpoints = {other.checkpoints()[0]}}), HasSubstr("at size 2"));
  EXPECT_THAT(Failure("consistency", {.kept_checkpoints = {"no note"}}), HasSubstr("kept checkpoint 1"));
}

TEST_F(VerifyTest, OldCheckpointOfTheExportThatDoesNotFitIsNamed) {
  ledger_.AddAll();
  Export();
  WriteFileOrDie(directory_.Path("checkpoints/8"),
                 SignCheckpoint({testing::kOrigin, 8, EmptyRoot()}, ledger_.log_key()));
  EXPECT_THAT(Failure("consistency"), HasSubstr("checkpoints/8"));
}

// ---- what was signed is false

TEST_F(VerifyTest, LedgerSignedByAForeignKeyOfTheSameNameFails) {
  ledger_.AddAll();
  Export();
  const std::string foreign = SigningKey::Generate(testing::kOrigin).verifier().ToString();
  EXPECT_THAT(Failure("checkpoint", {.log_vkeys = {foreign}}), HasSubstr("no signature of a trusted key"));
}

TEST_F(VerifyTest, EntryOfAForeignKeyOfTheSameNameFails) {
  ledger_.AddUntilRoundOpen();
  const SigningKey foreign = SigningKey::Generate("archive-uk-1.demo/entries");
  Draft draft = ledger_.Contribution(kUk);
  draft.signer = &foreign;
  ExportWith(draft);
  EXPECT_THAT(Failure("signatures"), HasSubstr("entry 8: ledger entry is signed by a key that is not known"));
  EXPECT_EQ(Failure("root"), "");
}

TEST_F(VerifyTest, EntryOfAnotherArchivesKeyFails) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Contribution(kUk);
  draft.signer = &ledger_.archive(kCn).entries;
  ExportWith(draft);
  EXPECT_EQ(Failure("signatures"), "");
  EXPECT_THAT(Failure("rules"), HasSubstr("entry 8: entry speaks for archive archive-uk-1"));
}

TEST_F(VerifyTest, EntryAfterItsKeysRevocationFails) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(ledger_.Revoke(kUk)), IsOk());
  ExportWith(ledger_.Contribution(kUk));
  EXPECT_THAT(Failure("rules"), HasSubstr("entry 9: entry is signed by a key after its key-revoke"));
}

TEST_F(VerifyTest, ReplayedNodeSeqFails) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Contribution(kUk);
  draft.predicate["node_seq"] = 1;
  ExportWith(draft);
  EXPECT_THAT(Failure("rules"), HasSubstr("entry 8: node_seq 1 of archive archive-uk-1 was used before"));
}

TEST_F(VerifyTest, RepeatedEntryFails) {
  ledger_.AddUntilRoundOpen();
  ledger_.AddRaw(ledger_.entries()[4]);
  ledger_.Seal();
  Export();
  EXPECT_THAT(Failure("replay"), HasSubstr("entry 8 repeats entry 4"));
}

TEST_F(VerifyTest, ContributionToARoundThatWasNeverOpenedFails) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Contribution(kUk);
  draft.predicate["round_id"] = testing::SampleId("no round");
  ExportWith(draft);
  EXPECT_THAT(Failure("rules"), HasSubstr("entry 8: entry names a round that no earlier round-open states"));
}

TEST_F(VerifyTest, RejectedNonsenseIsCountedAndSpoilsNothing) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Contribution(kUk);
  draft.predicate["round_id"] = testing::SampleId("no round");
  ASSERT_THAT(ledger_.Add(draft), IsOk());
  draft = ledger_.Decision(kUk, 8);
  draft.predicate["outcome"] = "rejected";
  ExportWith(draft);
  const VerifyReport report = Verify();
  EXPECT_TRUE(report.passed());
  EXPECT_THAT(report.checks[6].detail,
              HasSubstr("1 claims of archives have no effect, the first is entry 8"));
}

TEST_F(VerifyTest, DecisionAboutNoContributionFails) {
  ledger_.AddUntilRoundOpen();
  ExportWith(ledger_.Decision(kUk, 7));
  EXPECT_THAT(Failure("rules"), HasSubstr("entry 8: decision names no such contribution"));
}

// An envelope of any payload and spelling, well signed and sealed.
class SpelledTest : public VerifyTest {
 protected:
  std::string FailureOf(const std::string& from, const std::string& to) {
    ledger_.AddUntilRoundOpen();
    const auto envelope = ledger_.Add(ledger_.Contribution(kUk));
    std::string payload =
        Base64Decode(ledger_.entries()[8].substr(12, ledger_.entries()[8].find('"', 12) - 12)).value();
    const std::string changed = absl::StrReplaceAll(payload, {{from, to}});
    EXPECT_NE(changed, payload);
    const std::string type = "application/vnd.in-toto+json";
    const std::string signature = Base64Encode(ledger_.archive(kUk).entries.Sign(
        absl::StrCat("DSSEv1 ", type.size(), " ", type, " ", changed.size(), " ", changed)));
    ledger_.AddRaw(absl::StrCat("{\"payload\":\"", Base64Encode(changed), "\",\"payloadType\":\"", type,
                                "\",\"signatures\":[{\"keyid\":\"",
                                ledger_.archive(kUk).entries.verifier().KeyId(), "\",\"sig\":\"", signature,
                                "\"}]}"));
    ledger_.Seal();
    Export();
    return Failure("signatures");
  }
};

TEST_F(SpelledTest, FloatFails) {
  EXPECT_THAT(FailureOf("\"weight\":420", "\"weight\":420.5"), HasSubstr("entry 9: "));
}
TEST_F(SpelledTest, DuplicateNameFails) {
  EXPECT_THAT(FailureOf("\"weight\":420", "\"weight\":420,\"weight\":420"),
              HasSubstr("entry 9: JSON object repeats"));
}
TEST_F(SpelledTest, LoneSurrogateFails) {
  EXPECT_THAT(FailureOf("\"mode\":\"plain\"", "\"mode\":\"\\udc00\""), HasSubstr("entry 9: "));
}
TEST_F(SpelledTest, SpaceFails) {
  EXPECT_THAT(FailureOf("\"round\":1", "\"round\": 1"), HasSubstr("RFC 8785"));
}

TEST_F(VerifyTest, NonCanonicalBase64Fails) {
  ledger_.AddUntilRoundOpen();
  std::string envelope = ledger_.entries()[4];
  const size_t end = envelope.rfind("==\"");
  ASSERT_NE(end, std::string::npos);
  envelope[end - 1] =
      static_cast<char>(envelope[end - 1] + 1);  // stray bits: the same signature in other letters
  ledger_.AddRaw(envelope);
  ledger_.Seal();
  Export();
  EXPECT_THAT(Failure("signatures"), HasSubstr("entry 8: base64 text is not in its one canonical spelling"));
}

}  // namespace
}  // namespace consort::ledger
