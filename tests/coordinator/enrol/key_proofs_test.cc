#include "coordinator/enrol/key_proofs.h"

#include "common/crypto/digest.h"
#include "gtest/gtest.h"
#include "tests/coordinator/enrol/test_enrolment.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using testing::ArchiveKeySet;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::RequestFor;
using testing::StatusIs;

class KeyProofsTest : public ::testing::Test {
 protected:
  KeyProofsTest() {
    invitation_.name = "archive-uk-1";
    invitation_.token = "token";
    request_ = RequestFor(invitation_, {}, keys_);
  }
  absl::Status Check() {
    return CheckKeyProofs(request_.keys(), "example.org", "archive-uk-1", Sha256Hex("token")).status();
  }

  Invitation invitation_;
  ArchiveKeySet keys_ = ArchiveKeySet::Generate("archive-uk-1", "example.org");
  v1::EnrolRequest request_;
};

TEST_F(KeyProofsTest, GoodProofsGiveTheThreeNamedKeys) {
  const auto keys = CheckKeyProofs(request_.keys(), "example.org", "archive-uk-1", Sha256Hex("token"));
  ASSERT_THAT(keys, IsOk());
  EXPECT_EQ(keys->entries.name(), "archive-uk-1.example.org/entries");
  EXPECT_EQ(keys->mirror.name(), "archive-uk-1.example.org/mirror");
  EXPECT_EQ(keys->mirror.algorithm(), KeyAlgorithm::kCosignatureV1);
  EXPECT_EQ(keys->approval.name(), "archive-uk-1.example.org/approval");
}

TEST_F(KeyProofsTest, AProofForAnotherInvitationIsRefused) {
  EXPECT_THAT(CheckKeyProofs(request_.keys(), "example.org", "archive-uk-1", Sha256Hex("other")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no good proof")));
  EXPECT_THAT(CheckKeyProofs(request_.keys(), "example.org", "archive-uk-2", Sha256Hex("token")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no good proof")));
}

TEST_F(KeyProofsTest, AMissingPurposeIsRefused) {
  request_.mutable_keys()->RemoveLast();
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("3 keys")));
}

TEST_F(KeyProofsTest, APurposeThatComesTwiceIsRefused) {
  *request_.mutable_keys(2) = request_.keys(0);
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'entries' must come once")));
}

TEST_F(KeyProofsTest, AKeyOfTheWrongLengthIsRefused) {
  request_.mutable_keys(0)->set_public_key("short");
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

TEST_F(KeyProofsTest, OneKeyForTwoPurposesIsRefused) {
  request_.clear_keys();
  const SigningKey& one = keys_.entries;
  for (const char* purpose : {"entries", "mirror", "approval"}) {
    v1::KeyProof& proof = *request_.add_keys();
    proof.set_purpose(purpose);
    proof.set_public_key(one.verifier().public_key());
    proof.set_signature(
        one.Sign(absl::StrCat("consort.enrol.v1\n", purpose, "\narchive-uk-1\n", Sha256Hex("token"), "\n")));
  }
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("different")));
}

}  // namespace
}  // namespace consort::coordinator
