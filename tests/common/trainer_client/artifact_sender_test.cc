#include "common/trainer_client/artifact_sender.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;

class ArtifactSenderTest : public ::testing::Test {
 protected:
  // Sends a file of `bytes`; `write_result` is what each write answers.
  absl::Status Send(const std::string& bytes, bool write_result = true) {
    testing::WriteFileOrDie(directory_.Path("artifact"), bytes);
    return SendArtifact("base", directory_.Path("artifact"), [this, write_result](v1::ArtifactPart part) {
      parts_.push_back(std::move(part));
      return write_result;
    });
  }

  testing::TemporaryDirectory directory_;
  std::vector<v1::ArtifactPart> parts_;
};

TEST_F(ArtifactSenderTest, FileIsCutIntoPartsOfAtMostAMebibyte) {
  std::string bytes((1 << 20) + 3, 'x');
  bytes.back() = 'y';
  ASSERT_THAT(Send(bytes), IsOk());
  ASSERT_EQ(parts_.size(), 2u);
  EXPECT_EQ(parts_[0].data().size(), 1u << 20);
  EXPECT_EQ(parts_[1].data(), "xxy");
  EXPECT_EQ(parts_[1].name(), "base");
  EXPECT_EQ(parts_[1].total_bytes(), (1u << 20) + 3);
}

TEST_F(ArtifactSenderTest, EmptyFileIsOneEmptyPart) {
  ASSERT_THAT(Send(""), IsOk());
  ASSERT_EQ(parts_.size(), 1u);
  EXPECT_EQ(parts_[0].total_bytes(), 0u);
}

TEST_F(ArtifactSenderTest, NoPathIsNoArtifact) {
  EXPECT_THAT(SendArtifact("state", "", [](v1::ArtifactPart) { return ADD_FAILURE(), true; }), IsOk());
}

TEST_F(ArtifactSenderTest, BrokenStreamEndsTheSending) {
  EXPECT_THAT(Send(std::string(3 << 20, 'x'), /*write_result=*/false), IsOk());
  EXPECT_EQ(parts_.size(), 1u);
}

TEST_F(ArtifactSenderTest, MissingFileIsNamed) {
  EXPECT_THAT(SendArtifact("base", directory_.Path("absent"), [](v1::ArtifactPart) { return true; }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent")));
}

}  // namespace
}  // namespace consort
