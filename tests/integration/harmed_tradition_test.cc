// A tradition that gets worse is said to be harmed wherever results are shown, whatever the others gain.
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr absl::Duration kJobLimit = absl::Seconds(90);

// Two archives with a tradition each: english-folk gains much, jiangnan loses less than that.
class HarmedTraditionTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    FederationOptions options;
    options.of_archive["archive-uk-1"] = {{"CONSORT_NULL_TRADITION", "english-folk"},
                                          {"CONSORT_NULL_SCORE_AFTER", "0.5"}};
    options.of_archive["archive-cn-1"] = {{"CONSORT_NULL_TRADITION", "jiangnan"},
                                          {"CONSORT_NULL_SCORE_AFTER", "1.25"}};
    federation_ = new Federation(options);
    federation_->StartNodes();
    job_ = federation_->SubmitJob({.evaluate_every_rounds = 1});
    watched_ = federation_->Consort({"job", "watch", job_}, kJobLimit);
  }
  static void TearDownTestSuite() { delete federation_; }

  // One language's half of the report.
  static std::string Article(const std::string& language) {
    const std::string path = federation_->Path("report.html");
    const Finished explained = federation_->Consort({"explain", "job", job_, "--file", path});
    EXPECT_EQ(explained.exit_code, 0) << explained.output;
    const std::string html = ReadFileOrDie(path);
    const size_t begin = html.find("<article class=\"" + language + "\"");
    return html.substr(begin, html.find("</article>", begin) - begin);
  }

  static inline Federation* federation_ = nullptr;
  static inline std::string job_;
  static inline Finished watched_;
};

TEST_F(HarmedTraditionTest, WatchCompletesAndEndsWithTheHarmedTradition) {
  EXPECT_EQ(watched_.exit_code, 0) << watched_.output;  // the job did what it was asked
  EXPECT_THAT(watched_.output,
              HasSubstr("round 1 jiangnan: 1.0000 -> 1.2500 (0.2500 [0.2500, 0.2500]) harmed"));
  EXPECT_THAT(watched_.output, HasSubstr("the model got worse for: jiangnan"));
}

TEST_F(HarmedTraditionTest, ShowNamesItInTheRecordAndItsRow) {
  const nlohmann::json job = federation_->ShowJob(job_);
  EXPECT_EQ(job["harmed"], nlohmann::json::array({"jiangnan"}));
  std::map<std::string, std::string> verdicts;
  for (const nlohmann::json& result : job["results"]) verdicts[result["tradition"]] = result["verdict"];
  EXPECT_EQ(verdicts["jiangnan"], "harmed");
  EXPECT_EQ(verdicts["english-folk"], "improved");
}

TEST_F(HarmedTraditionTest, ReportShowsItInRedInBothLanguages) {
  for (const char* language : {"en", "zh"}) {
    const std::string article = Article(language);
    EXPECT_THAT(article, HasSubstr("<div class=\"verdict harmed\">")) << language;
    const size_t row = article.find("<tr class=\"harmed\">");
    ASSERT_NE(row, std::string::npos) << language;
    EXPECT_THAT(article.substr(row, article.find("</tr>", row) - row), HasSubstr(">jiangnan</td>"))
        << language;
    EXPECT_THAT(article, HasSubstr("<span class=\"mark harmed\">")) << language;
  }
  EXPECT_THAT(Article("en"), HasSubstr("The model got worse for: jiangnan."));
  EXPECT_THAT(Article("zh"), HasSubstr("模型对以下传统的表现变差：jiangnan。"));
  // What the class means to a reader.
  EXPECT_THAT(ReadFileOrDie(federation_->Path("report.html")),
              AllOf(HasSubstr("--harmed:#b3261e"),
                    HasSubstr("tr.harmed td{background:#fdf1ef;color:var(--harmed)}")));
}

}  // namespace
}  // namespace consort::testing
