#include "common/explain/ledger_pages.h"

#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"

namespace consort::explain {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleDigest;
using ::consort::testing::SampleId;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class LedgerPagesTest : public ::testing::Test {
 protected:
  LedgerPagesTest() {
    SampleLedger ledger;
    ledger.AddAll();
    AddChanges(ledger, SampleChanges(ledger));
    for (uint64_t i = 0; i < ledger.size(); ++i) entries_.push_back({i, ledger.entries()[i]});
    proof_.checkpoint = ledger.checkpoints().back();  // of size 17
    proof_.witnessed_size = 8;
  }
  json Provenance() const { return json::parse(RenderProvenance(entries_).value()); }
  // The members of one thing, which several nodes may add to.
  json About(const std::string& id) const {
    json members = json::object();
    const json whole = Provenance();
    for (const json& node : whole["@graph"]) {
      if (node["@id"] == id) members.update(node);
    }
    return members;
  }
  static std::string Sha256(const std::string& what) { return "urn:x-consort:sha256:" + SampleDigest(what); }

  std::vector<ReportEntry> entries_;
  ReportProof proof_;
};

TEST_F(LedgerPagesTest, HasAPageInEachLanguageAndAReportForEachJob) {
  const auto files = RenderLedgerPages(entries_, proof_, "quorum none\n");
  ASSERT_THAT(files, IsOk());
  const std::string job = "read/job-" + SampleId("job") + ".html";
  ASSERT_TRUE(files->contains(job));
  EXPECT_EQ(files->size(), 4u);
  EXPECT_THAT(files->at("read/en/index.html"), HasSubstr("../job-" + SampleId("job") + ".html"));
  EXPECT_THAT(files->at("read/zh-Hans/index.html"), HasSubstr("../job-" + SampleId("job") + ".html"));
  EXPECT_THAT(files->at("read/en/index.html"), HasSubstr("quorum none"));
  EXPECT_THAT(files->at("read/en/index.html"), Not(HasSubstr("<script")));
}

TEST_F(LedgerPagesTest, SaysHowFarTheLedgerHasCome) {
  const std::string page = RenderLedgerPages(entries_, proof_, "")->at("read/en/index.html");
  EXPECT_THAT(page, HasSubstr("<dt>Entries stored</dt><dd>27</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>Sealed: under a signed checkpoint</dt><dd>17</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>Witnessed by a quorum of archives</dt><dd>8</dd>"));
}

// W3C PROV: the model was derived from what it started from and both updates; each update has its archive.
TEST_F(LedgerPagesTest, ProvenanceLeadsFromTheModelToTheArchives) {
  const json model = About(Sha256("state 1"));
  EXPECT_EQ(model["prov:wasGeneratedBy"]["@id"], "urn:x-consort:leaf:12");
  ASSERT_EQ(model["prov:wasDerivedFrom"].size(), 3u);
  EXPECT_EQ(model["prov:wasDerivedFrom"][0]["@id"], Sha256("state 0"));
  EXPECT_EQ(model["prov:wasDerivedFrom"][1]["@id"], Sha256("update of archive-uk-1"));
  const json update = About(Sha256("update of archive-uk-1"));
  EXPECT_EQ(update["prov:wasAttributedTo"]["@id"], "urn:x-consort:agent:archive-uk-1");
  EXPECT_EQ(update["prov:wasInvalidatedBy"]["@id"], "urn:x-consort:leaf:22");  // the withdrawal
  EXPECT_EQ(About(Sha256("state 1 file"))["prov:wasDerivedFrom"]["@id"], Sha256("state 1"));
}

TEST_F(LedgerPagesTest, AnEntryThatCannotBeReadIsNamed) {
  entries_[5].envelope = "nonsense";
  EXPECT_THAT(RenderProvenance(entries_), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("leaf 5")));
  EXPECT_THAT(RenderLedgerPages(entries_, proof_, ""),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("leaf 5")));
}

}  // namespace
}  // namespace consort::explain
