// Templates and explanations: only their form is judged, by docs/formats/ledger.md.
#include "common/crypto/digest.h"
#include "common/ledger/rules.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::Draft;
using ::consort::testing::IsOk;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleDigest;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::nlohmann::json;
using ::testing::HasSubstr;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class RulesExplanationsTest : public ::testing::Test {
 protected:
  RulesExplanationsTest() { ledger_.AddAll(); }  // leaves 0 to 16
  // With the subject that its texts ask for.
  static Draft WithTexts(Draft draft, const char* member, const json& texts) {
    draft.predicate[member] = texts;
    draft.subjects[0].sha256 = Sha256Hex(CanonicalJson(texts).value());
    return draft;
  }
  Draft Explanation() {
    if (ledger_.size() == 17) ledger_.AddGood(changes_.Templates());
    return changes_.Explanation(17);
  }
  void ExpectRefused(const Draft& draft, absl::StatusCode code, const char* why) {
    EXPECT_THAT(ledger_.Add(draft), StatusIs(code, HasSubstr(why)));
  }

  SampleLedger ledger_;
  SampleChanges changes_{ledger_};
};

TEST_F(RulesExplanationsTest, BothAreTakenInTheirForm) {
  EXPECT_THAT(ledger_.Add(changes_.Templates()), IsOk());
  EXPECT_THAT(ledger_.Add(changes_.Explanation(17)), IsOk());
}

TEST_F(RulesExplanationsTest, ATemplateHasBothLanguages) {
  ExpectRefused(WithTexts(changes_.Templates(), "texts", {{"a", {{"en", "text"}}}}), kInvalid, "zh-Hans: a");
}

TEST_F(RulesExplanationsTest, ATemplatesLanguagesHaveTheSameParameters) {
  ExpectRefused(
      WithTexts(changes_.Templates(), "texts", {{"a", {{"en", "{x} and {y}"}, {"zh-Hans", "{x} 与 {z}"}}}}),
      kInvalid, "different parameters: a");
}

TEST_F(RulesExplanationsTest, TemplatesNameTheirTextsDigest) {
  Draft draft = changes_.Templates();
  draft.subjects[0].sha256 = SampleDigest("other texts");
  ExpectRefused(draft, kInvalid, "subjects");
}

TEST_F(RulesExplanationsTest, AnExplanationUsesTemplatesThatStandInTheLedger) {
  Draft draft = Explanation();
  ExpectRefused(changes_.Explanation(3), kPrecondition, "no earlier entry states");
  draft.predicate["template"] = "unheard.of.v1";
  ExpectRefused(draft, kPrecondition, "unheard.of.v1");
}

TEST_F(RulesExplanationsTest, ItsInputsAreEarlierLeaves) {
  Draft draft = Explanation();
  draft.predicate["inputs"] = json::array();
  ExpectRefused(draft, kInvalid, "no inputs");
  draft.predicate["inputs"] = {ledger_.size()};  // its own
  ExpectRefused(draft, kInvalid, "leaves before it");
}

TEST_F(RulesExplanationsTest, AnUncertainNumberHasAWholeInterval) {
  Draft draft = Explanation();
  draft.predicate["params"] = {{"delta", {{"value", "0.013"}, {"unit", "dB"}, {"lo", "0.004"}}}};
  ExpectRefused(draft, kInvalid, "delta");
  draft.predicate["params"] = {{"delta", {{"value", "0.013"}}}};
  ExpectRefused(draft, kInvalid, "delta");
}

TEST_F(RulesExplanationsTest, MembersFitTheClass) {
  Draft draft = Explanation();
  draft.predicate["class"] = "A";  // with evidence
  ExpectRefused(draft, kInvalid, "class");
  draft.predicate["class"] = "C";  // nobody attests
  ExpectRefused(draft, kInvalid, "class");
  draft.predicate["class"] = "D";
  ExpectRefused(draft, kInvalid, "class");
  draft.predicate["class"] = "B";
  draft.predicate.erase("method");
  ExpectRefused(draft, kInvalid, "class");
  draft.predicate["class"] = "C";
  draft.predicate["attested_by"] = "archive-uk-1";
  EXPECT_THAT(ledger_.Add(draft), IsOk());
}

TEST_F(RulesExplanationsTest, APieceOfEvidenceHasOneDigest) {
  Draft draft = Explanation();
  draft.predicate["evidence"][0]["commitment"] = SampleChanges::Commitment();
  ExpectRefused(draft, kInvalid, "either sha256 or commitment");
  draft.predicate["evidence"] = json::array({{{"type", "text/plain"}, {"custodian", "nobody"}}});
  ExpectRefused(draft, kInvalid, "either sha256 or commitment");
}

TEST_F(RulesExplanationsTest, NoExplanationRestsOnWhatWasErased) {
  ledger_.AddGood(changes_.Templates());  // 17
  ledger_.AddGood(changes_.Incident());   // 18 commits
  ledger_.AddGood(changes_.Erasure(18));  // 19
  Draft draft = changes_.Explanation(17);
  draft.predicate["evidence"][0].erase("sha256");
  draft.predicate["evidence"][0]["commitment"] = SampleChanges::Commitment();
  ExpectRefused(draft, kPrecondition, "after its erasure");
}

}  // namespace
}  // namespace consort::ledger
