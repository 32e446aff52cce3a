// Enrolment of an archive, as its operator sees it. Nobody sits at a terminal here.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ArchiveEnrolmentTest : public ::testing::Test {
 protected:
  // Invites and enrols archive `name` with further arguments; its folder is Path(name).
  Finished Enrol(const std::string& name, std::vector<std::string> further) {
    const Finished invited = federation_.Consort({"invite", "archive", name, "-o", "json"});
    std::vector<std::string> arguments = {CONSORT_NODE,
                                          "enrol",
                                          JsonField(invited.standard_output, "/invitation"),
                                          "--directory",
                                          federation_.Path(name),
                                          "--recordings",
                                          federation_.directory(),
                                          "--trainer",
                                          CONSORT_NULL_TRAINER};
    arguments.insert(arguments.end(), further.begin(), further.end());
    return RunToEnd({arguments});
  }
  std::string TrainerFile(const std::string& name) {
    return ReadFileOrDie(federation_.Path(name + "/trainer/trainer.toml"));
  }

  Federation federation_{FederationOptions{{}, {}}};
};

TEST_F(ArchiveEnrolmentTest, WithoutTheOperatorsWordItSucceedsAndConsentIsNotDeclared) {
  const Finished enrolled = Enrol("archive-uk-1", {});
  EXPECT_EQ(enrolled.exit_code, 0) << enrolled.output;
  EXPECT_THAT(TrainerFile("archive-uk-1"), HasSubstr("\n# consent = \"declared-by-operator\"\n"));
  EXPECT_THAT(enrolled.output, HasSubstr("consent is not declared"));
  EXPECT_THAT(enrolled.output, HasSubstr("/trainer/trainer.toml"));
}

TEST_F(ArchiveEnrolmentTest, FlagDeclaresConsent) {
  const Finished enrolled = Enrol("archive-uk-1", {"--consent", "declared-by-operator"});
  EXPECT_EQ(enrolled.exit_code, 0) << enrolled.output;
  EXPECT_THAT(TrainerFile("archive-uk-1"), HasSubstr("\nconsent = \"declared-by-operator\"\n"));
  EXPECT_THAT(enrolled.output, Not(HasSubstr("consent is not declared")));
}

TEST_F(ArchiveEnrolmentTest, AnyOtherDeclarationIsRefusedBeforeTheInvitationIsUsed) {
  EXPECT_EQ(Enrol("archive-uk-1", {"--consent", "yes"}).exit_code, 2);
  EXPECT_EQ(Enrol("archive-uk-1", {"--consent", "declared-by-operator"}).exit_code, 0);
}

}  // namespace
}  // namespace consort::testing
