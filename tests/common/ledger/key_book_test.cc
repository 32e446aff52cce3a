#include "common/ledger/key_book.h"

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsNull;

VerifierKey Key(const std::string& name, char seed, KeyAlgorithm algorithm = KeyAlgorithm::kEd25519) {
  return SigningKey::FromSeed(name, algorithm, std::string(32, seed)).value().verifier();
}
VerifierKey Mirror(char seed) { return Key("a.demo/mirror", seed, KeyAlgorithm::kCosignatureV1); }

TEST(KeyBookTest, PurposesHaveNames) {
  for (const char* name : {"log", "entries", "mirror", "approval"})
    EXPECT_EQ(PurposeName(PurposeFromName(name).value()), name);
  EXPECT_THAT(PurposeFromName("Log").status(), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

TEST(KeyBookTest, NewestThatIsNotRevokedIsInForce) {
  KeyBook book;
  EXPECT_THAT(book.InForce("a", KeyPurpose::kEntries), IsNull());
  book.Enrol("a", KeyPurpose::kEntries, Key("a.demo/entries", 1), 1);
  book.Rotate("a", KeyPurpose::kEntries, Key("a.demo/entries", 2), 5);
  EXPECT_EQ(book.InForce("a", KeyPurpose::kEntries)->key, Key("a.demo/entries", 2));
  EXPECT_EQ(book.Find(Key("a.demo/entries", 1).KeyId())->replaced, 5u);
  // What was replaced does not come back when its successor goes.
  book.Revoke(Key("a.demo/entries", 2).KeyId(), 7);
  EXPECT_THAT(book.InForce("a", KeyPurpose::kEntries), IsNull());
  EXPECT_TRUE(book.HasPublicKey(Key("other.demo/approval", 2)));
  EXPECT_FALSE(book.HasPublicKey(Key("a.demo/entries", 3)));
}

TEST(KeyBookTest, ReplacedLogKeyIsInForceUntilItsRevocation) {
  KeyBook book;
  book.Enrol("coordinator", KeyPurpose::kLog, Key("log", 1), 0);
  book.Rotate("coordinator", KeyPurpose::kLog, Key("log", 2), 5);
  EXPECT_TRUE(book.Find(Key("log", 1).KeyId())->in_force());
  // The stolen successor goes: its elder still counts.
  book.Revoke(Key("log", 2).KeyId(), 9);
  EXPECT_EQ(book.InForce("coordinator", KeyPurpose::kLog)->key, Key("log", 1));
  EXPECT_THAT(book.LogKeysAt(5), ElementsAre(Key("log", 1)));
  EXPECT_THAT(book.LogKeysAt(6), ElementsAre(Key("log", 1), Key("log", 2)));
  EXPECT_THAT(book.LogKeysAt(9), ElementsAre(Key("log", 1), Key("log", 2)));
  EXPECT_THAT(book.LogKeysAt(10), ElementsAre(Key("log", 1)));
}

TEST(KeyBookTest, ArchiveThatLeavesTakesItsKeysAndMayComeBackWithThem) {
  KeyBook book;
  book.Enrol("a", KeyPurpose::kMirror, Mirror(1), 1);
  book.Enrol("a", KeyPurpose::kApproval, Key("a.demo/approval", 2), 1);
  book.RevokeAll("a", 4);
  EXPECT_THAT(book.InForce("a", KeyPurpose::kApproval), IsNull());
  EXPECT_THAT(book.WitnessKeysAt(4), ElementsAre(Mirror(1)));
  EXPECT_THAT(book.WitnessKeysAt(5), IsEmpty());
  book.Enrol("a", KeyPurpose::kMirror, Mirror(1), 8);
  EXPECT_THAT(book.WitnessKeysAt(8), IsEmpty());
  EXPECT_THAT(book.WitnessKeysAt(9), ElementsAre(Mirror(1)));
}

TEST(KeyBookTest, ExportListsEveryKeyThatThereWasOnce) {
  KeyBook book;
  book.Enrol("a", KeyPurpose::kMirror, Mirror(1), 1);
  book.Enrol("a", KeyPurpose::kMirror, Mirror(1), 8);
  book.Rotate("a", KeyPurpose::kMirror, Mirror(2), 9);
  book.Enrol("a", KeyPurpose::kApproval, Key("a.demo/approval", 3), 9);
  book.Enrol("a", KeyPurpose::kEntries, Key("a.demo/entries", 4), 9);
  EXPECT_EQ(book.Lines(KeyPurpose::kMirror),
            absl::StrCat(Mirror(1).ToString(), "\n", Mirror(2).ToString(), "\n"));
  EXPECT_EQ(book.Lines(KeyPurpose::kLog), "");
  EXPECT_THAT(book.EntryKeys(), ElementsAre(Key("a.demo/approval", 3), Key("a.demo/entries", 4)));
}

}  // namespace
}  // namespace consort::ledger
