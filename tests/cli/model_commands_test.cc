// Importing models and exchanging adapters with the program `consort`, without a coordinator.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/architectures/layouts.h"
#include "common/artifact/safetensors.h"
#include "gmock/gmock.h"
#include "tests/support/temporary_directory.h"

namespace consort::cli {
namespace {

using ::consort::testing::ReadFileOrDie;
using ::consort::testing::WriteFileOrDie;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kArchitecture[] = "rave-tiny";

struct Result {
  int exit_code = -1;
  std::string out;  // of both streams
};

class ModelCommandsTest : public ::testing::Test {
 protected:
  Result Run(const std::string& arguments) {
    Result result;
    FILE* pipe = popen(absl::StrCat(CONSORT_PROGRAM, " model ", arguments, " 2>&1").c_str(), "r");
    std::array<char, 4096> buffer;
    while (const size_t bytes = fread(buffer.data(), 1, buffer.size(), pipe)) {
      result.out.append(buffer.data(), bytes);
    }
    const int status = pclose(pipe);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
  }
  std::string Path(const std::string& name) const { return directory_.Path(name); }

  // A model of zeros with this in front of each name, without the last `left_out` weights.
  void WriteModel(const std::string& name, const std::string& prefix, size_t left_out) {
    std::vector<NamedTensor> layout = LayoutOf(kArchitecture).value();
    layout.resize(layout.size() - left_out);
    std::vector<std::string> data;
    for (const NamedTensor& weight : layout) data.emplace_back(weight.size() * sizeof(float), '\0');
    std::vector<TensorView> views;
    for (size_t i = 0; i < layout.size(); ++i) {
      views.push_back({prefix + layout[i].name, "F32", layout[i].shape, data[i]});
    }
    WriteFileOrDie(Path(name), WriteSafetensors(views, {}).value());
  }

  const consort::testing::TemporaryDirectory directory_;
};

TEST_F(ModelCommandsTest, ImportWritesTheModelAndSaysWhatMatched) {
  WriteModel("theirs", "model.", 0);
  WriteModel("expected", "", 0);
  const Result result =
      Run(absl::StrCat("import ", Path("theirs"), " ", Path("ours"), " --architecture rave-tiny"));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("model.encoder.stem.weight"));
  EXPECT_EQ(TensorDigestOfFile(Path("ours")).value(), TensorDigestOfFile(Path("expected")).value());
}

TEST_F(ModelCommandsTest, ImportOfHalfAModelWritesNothingUnlessABaseFillsIt) {
  WriteModel("half", "", 2);
  WriteModel("whole", "", 0);
  const std::string import =
      absl::StrCat("import ", Path("half"), " ", Path("ours"), " --architecture rave-tiny");
  const Result refused = Run(import);
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.out, AllOf(HasSubstr("2 missing"), HasSubstr("--fill-from")));
  EXPECT_NE(access(Path("ours").c_str(), F_OK), 0);
  const Result filled = Run(absl::StrCat(import, " --fill-from ", Path("whole")));
  EXPECT_EQ(filled.exit_code, 0) << filled.out;
  EXPECT_THAT(filled.out, HasSubstr("2 from-base"));
  EXPECT_EQ(TensorDigestOfFile(Path("ours")).value(), TensorDigestOfFile(Path("whole")).value());
}

TEST_F(ModelCommandsTest, ImportOfABrokenFileSaysSo) {
  WriteFileOrDie(Path("theirs"), std::string("\xff\0\0\0\0\0\0\0{", 9));
  const Result result =
      Run(absl::StrCat("import ", Path("theirs"), " ", Path("ours"), " --architecture rave-tiny"));
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("artifact-damaged"));
}

TEST_F(ModelCommandsTest, AdaptersGoToPeftsFormAndBack) {
  const std::string a(2 * 16 * 7 * sizeof(float), '\1'), b(16 * 2 * sizeof(float), '\2');
  const std::string state = WriteSafetensors({{"encoder.stem.weight.lora_A", "F32", {2, 16 * 7}, a},
                                              {"encoder.stem.weight.lora_B", "F32", {16, 2}, b}},
                                             {})
                                .value();
  WriteFileOrDie(Path("state"), state);
  const std::string architecture = " --architecture rave-tiny";
  EXPECT_EQ(
      Run(absl::StrCat("export-adapter ", Path("state"), " ", Path("adapter"), architecture, " --alpha 4"))
          .exit_code,
      0);
  EXPECT_THAT(ReadFileOrDie(Path("adapter/adapter_config.json")), HasSubstr("\"lora_alpha\": 4.0"));
  const Result back = Run(absl::StrCat("import-adapter ", Path("adapter"), " ", Path("again"), architecture));
  EXPECT_EQ(back.exit_code, 0) << back.out;
  EXPECT_EQ(ReadFileOrDie(Path("again")), state);
}

}  // namespace
}  // namespace consort::cli
