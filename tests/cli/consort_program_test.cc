// Runs the program `consort` as a person would, without a coordinator.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/temporary_directory.h"

namespace consort::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Result {
  int exit_code = -1;
  std::string out;
  std::string err;
};

class ConsortProgramTest : public ::testing::Test {
 protected:
  Result Run(const std::string& arguments) {
    const std::string err_path = directory_.path() + "/err";
    Result result;
    FILE* pipe = popen(absl::StrCat(CONSORT_PROGRAM, " ", arguments, " 2> ", err_path).c_str(), "r");
    std::array<char, 4096> buffer;
    while (const size_t bytes = fread(buffer.data(), 1, buffer.size(), pipe))
      result.out.append(buffer.data(), bytes);
    const int status = pclose(pipe);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::stringstream err;
    err << std::ifstream(err_path).rdbuf();
    result.err = err.str();
    return result;
  }
  std::string NoProfile() const { return "--profile " + directory_.path() + "/nobody"; }

  const consort::testing::TemporaryDirectory directory_;
};

TEST_F(ConsortProgramTest, EveryHelpHasAnExampleAndTheExitCodes) {
  for (const char* command : {"enrol",
                              "invite",
                              "federation status",
                              "node list",
                              "node show",
                              "node revoke",
                              "job submit",
                              "job plan",
                              "job list",
                              "job show",
                              "job watch",
                              "job pause",
                              "job resume",
                              "job cancel",
                              "model list",
                              "model show",
                              "model pull",
                              "model import",
                              "model export-adapter",
                              "model import-adapter",
                              "artifact put",
                              "artifact get",
                              "artifact gc",
                              "ledger show",
                              "ledger verify",
                              "ledger proof",
                              "ledger compare",
                              "ledger export",
                              "ledger incidents",
                              "ledger revoke-key",
                              "ledger erase",
                              "explain job",
                              "explain contribution"}) {
    const Result help = Run(absl::StrCat(command, " --help"));
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr(absl::StrCat("consort ", command))) << command;
    EXPECT_THAT(help.out, HasSubstr("130 interrupted")) << command;
    EXPECT_THAT(help.out, HasSubstr("--output")) << command;
  }
}

TEST_F(ConsortProgramTest, AWrongOptionIsAUsageErrorOnStderr) {
  const Result result = Run("job list --nonsense");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("--nonsense"));
}

TEST_F(ConsortProgramTest, NoCommandIsAUsageError) { EXPECT_EQ(Run("").exit_code, 2); }

TEST_F(ConsortProgramTest, WithoutAProfileItSaysToEnrol) {
  const Result result = Run("job list " + NoProfile());
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("consort enrol"));
}

TEST_F(ConsortProgramTest, ABadInvitationIsAUsageErrorAndIsNotRepeated) {
  const Result result = Run("enrol consort-invite-1.c2VjcmV0 " + NoProfile());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, ::testing::Not(HasSubstr("c2VjcmV0")));
}

TEST_F(ConsortProgramTest, AJobFilesErrorComesBeforeAnyConnection) {
  const std::string path = directory_.path() + "/job.toml";
  std::ofstream(path) << "[job]\nname = 7\n";
  const Result result = Run(absl::StrCat("job submit ", path, " ", NoProfile()));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("job.toml:2"));
}

TEST_F(ConsortProgramTest, VerifyingAFolderWithoutALedgerIsNotFound) {
  EXPECT_EQ(Run("ledger verify " + directory_.path()).exit_code, 3);
}

TEST_F(ConsortProgramTest, VersionGoesToStdout) { EXPECT_THAT(Run("--version").out, StartsWith("0.")); }

}  // namespace
}  // namespace consort::cli
