#include "node/journal/egress_journal.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "node/journal/journal_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::ReadFileOrDie;
using consort::testing::StatusIs;
using consort::testing::TemporaryDirectory;
using consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::HasSubstr;

JournalRow Update(const std::string& round, uint64_t bytes) {
  JournalRow row;
  row.unix_millis = 1'800'000'000'000;
  row.type = kRowUpdate;
  row.bytes = bytes;
  row.digest = std::string(64, 'a');
  row.job_id = "0123";
  row.round_id = round;
  return row;
}

absl::StatusOr<JournalEnd> Read(const std::string& path) {
  return ReadJournal(path, [](const JournalRow&) { return absl::OkStatus(); });
}

class EgressJournalTest : public ::testing::Test {
 protected:
  std::unique_ptr<EgressJournal> Open() {
    auto journal = EgressJournal::Open(path_);
    EXPECT_THAT(journal, IsOk());
    return std::move(journal).value();
  }
  // Writes two rows and closes the journal.
  void WriteTwoRows() {
    const auto journal = Open();
    ASSERT_THAT(journal->Append(Update("aa", 100)), IsOk());
    ASSERT_THAT(journal->Append(Update("bb", 200)), IsOk());
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("egress.journal");
};

TEST_F(EgressJournalTest, RowIsWrittenInItsDocumentedSpelling) {
  ASSERT_THAT(Open()->Append(Update("aa", 100)), IsOk());
  // By hand, after docs/formats/journal.md.
  EXPECT_EQ(ReadFileOrDie(path_),
            "{\"bytes\":100,\"digest\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
            "\"job\":\"0123\",\"messages\":1,\"number\":1,"
            "\"previous\":\"0000000000000000000000000000000000000000000000000000000000000000\","
            "\"round\":\"aa\",\"time\":1800000000000,\"type\":\"update\"}\n");
}

TEST_F(EgressJournalTest, HeadIsTheSha256OfTheLastLine) {
  // printf '<the line of the test above>' | sha256sum
  const std::string line = FormatRow([] {
    JournalRow row = Update("aa", 100);
    row.number = 1;
    row.previous = JournalStart();
    return row;
  }());
  const auto journal = Open();
  ASSERT_THAT(journal->Append(Update("aa", 100)), IsOk());
  EXPECT_EQ(journal->head(), "1c1f2605bdd2ca13fbd47c84f0c3856d120cc03793b4b022e9299c1b05f58acf");
  EXPECT_EQ(journal->head(), RowHash(line));
}

TEST_F(EgressJournalTest, ReopeningContinuesTheChainAndTheSums) {
  WriteTwoRows();
  const auto journal = Open();
  EXPECT_EQ(journal->rows(), 2);
  EXPECT_EQ(journal->bytes_total(), 300);
  EXPECT_EQ(journal->DerivedBytes("0123"), 300);
  ASSERT_THAT(journal->Append(Update("cc", 1)), IsOk());
  EXPECT_EQ(Read(path_)->rows, 3);
}

TEST_F(EgressJournalTest, PayloadThatIsSentAgainHasOneRow) {
  WriteTwoRows();
  const auto journal = Open();
  ASSERT_THAT(journal->AppendOnce(Update("bb", 200)), IsOk());
  EXPECT_EQ(journal->rows(), 2);
  ASSERT_THAT(journal->AppendOnce(Update("cc", 200)), IsOk());
  EXPECT_EQ(journal->rows(), 3);
}

TEST_F(EgressJournalTest, ControlRowsCountNotAsDerived) {
  const auto journal = Open();
  JournalRow row;
  row.type = kRowControl;
  row.messages = 20;
  row.bytes = 900;
  ASSERT_THAT(journal->Append(row), IsOk());
  EXPECT_EQ(journal->DerivedBytes(""), 0);
  EXPECT_EQ(journal->bytes_total(), 900);
}

TEST_F(EgressJournalTest, RowWhoseWritingWasCutIsDroppedOnOpening) {
  WriteTwoRows();
  const std::string whole = ReadFileOrDie(path_);
  // Every cut inside the second line: a kill or power cut while it was written.
  const size_t second = whole.find('\n') + 1;
  for (size_t cut = second + 1; cut < whole.size(); ++cut) {
    WriteFileOrDie(path_, whole.substr(0, cut));
    const auto journal = Open();
    ASSERT_EQ(journal->rows(), 1) << "cut at " << cut;
    ASSERT_THAT(journal->Append(Update("cc", 1)), IsOk());
    ASSERT_EQ(Read(path_)->rows, 2) << "cut at " << cut;
  }
}

TEST_F(EgressJournalTest, ChangeOfAnyByteBreaksTheChain) {
  WriteTwoRows();
  const auto head = Read(path_)->head;
  const std::string whole = ReadFileOrDie(path_);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    WriteFileOrDie(path_, changed);
    const auto read = Read(path_);
    // In the last row a change that keeps the spelling shows in the head, which is in the ledger.
    ASSERT_TRUE(!read.ok() || read->head != head) << "byte " << i;
  }
}

TEST_F(EgressJournalTest, RemovedRowIsNamed) {
  WriteTwoRows();
  const std::string whole = ReadFileOrDie(path_);
  WriteFileOrDie(path_, whole.substr(whole.find('\n') + 1));
  EXPECT_THAT(Read(path_).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("line 1: its number is 2")));
}

TEST_F(EgressJournalTest, DaemonDoesNotWriteOnADamagedChain) {
  WriteTwoRows();
  std::string whole = ReadFileOrDie(path_);
  whole.replace(whole.find("\"bytes\":100"), 11, "\"bytes\":999");
  WriteFileOrDie(path_, whole);
  EXPECT_THAT(EgressJournal::Open(path_).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("line 2")));
}

TEST_F(EgressJournalTest, MissingJournalIsNotFound) {
  EXPECT_THAT(Read(path_).status(), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST(JournalSumsTest, AddsByTypeAndDerivedRowsByJob) {
  JournalSums sums;
  sums.Add(Update("aa", 100));
  sums.Add(Update("bb", 200));
  JournalRow control;
  control.type = kRowControl;
  control.messages = 7;
  control.bytes = 50;
  sums.Add(control);
  EXPECT_EQ(sums.by_type["update"].bytes, 300);
  EXPECT_EQ(sums.by_type["control"].messages, 7);
  EXPECT_EQ(sums.by_job["0123"].rows, 2);
  EXPECT_EQ(sums.total.bytes, 350);
}

}  // namespace
}  // namespace consort::node
