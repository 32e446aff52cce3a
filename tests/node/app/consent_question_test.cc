#include "node/app/consent_question.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace consort::node {
namespace {

using ::testing::HasSubstr;

bool Answered(const std::string& answer) {
  std::istringstream in(answer);
  std::ostringstream out;
  return AskForConsent("/srv/audio", {"train.generative"}, in, out);
}

TEST(ConsentQuestionTest, OnlyYesDeclares) {
  EXPECT_TRUE(Answered("yes\n"));
  EXPECT_TRUE(Answered("  YES \n"));
  for (const char* answer : {"", "\n", "y\n", "no\n", "yes please\n", "no\nyes\n"}) {
    EXPECT_FALSE(Answered(answer)) << answer;
  }
}

TEST(ConsentQuestionTest, QuestionSaysWhatIsDeclaredForWhichRecordingsAndPurposes) {
  std::istringstream in("no\n");
  std::ostringstream out;
  AskForConsent("/srv/audio", {"train.generative", "evaluate"}, in, out);
  EXPECT_THAT(out.str(), HasSubstr("lawfully"));
  EXPECT_THAT(out.str(), HasSubstr("/srv/audio"));
  EXPECT_THAT(out.str(), HasSubstr("train.generative, evaluate"));
}

}  // namespace
}  // namespace consort::node
