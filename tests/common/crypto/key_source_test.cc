#include "common/crypto/key_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "common/crypto/certificate.h"
#include "common/crypto/key_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kName[] = "ledger.example/kat";
// Seed of RFC 8032, section 7.1, test 1, encrypted by the command of OpenSSL 3.0:
//   openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:correct-horse
constexpr char kByOpenssl[] = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAibVaLvjRE64QICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDGahXFyBPc3avIWrt6WfiMEQO+d
ONoBRkcEnx8o8VSt6FHNYuUxTep/FuqBZOURXaT4OZGm31u0j0LsNzaOCKdR7FdQ
NxT8MsS1DRdvOaI1IkM=
-----END ENCRYPTED PRIVATE KEY-----
)";
// Its verifier key as C2SP writes it; computed outside this project.
constexpr char kVkey[] = "ledger.example/kat+7adfc0d2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

class KeySourceTest : public ::testing::Test {
 protected:
  KeySourceTest() {
    mkdir(directory_.Path("keys").c_str(), 0700);
    mkdir(directory_.Path("credentials").c_str(), 0700);
  }
  KeySource Plain() { return {directory_.Path("keys"), "", ""}; }
  KeySource Locked(const std::string& passphrase = "correct-horse") {
    const std::string path = directory_.Path("passphrase");
    EXPECT_THAT(ReplaceFile(path, passphrase, 0600), IsOk());
    return {directory_.Path("keys"), path, ""};
  }
  KeySource WithCredentials() { return {directory_.Path("keys"), "", directory_.Path("credentials")}; }
  std::string KeyPath(const std::string& file) { return directory_.Path("keys/" + file); }

  TemporaryDirectory directory_;
};

TEST_F(KeySourceTest, OpensWhatOpensslEncrypted) {
  ASSERT_THAT(WriteNewFile(KeyPath("log.key"), kByOpenssl, 0600), IsOk());
  const auto key = Locked("correct-horse\n").Load("log.key", kName);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->verifier().ToString(), kVkey);
}

TEST_F(KeySourceTest, WhatItEncryptsIsUnreadableWithoutThePassphrase) {
  const SigningKey key = SigningKey::Generate("a");
  ASSERT_THAT(Locked().Save(key, "log.key"), IsOk());
  EXPECT_THAT(ReadFileOrDie(KeyPath("log.key")), HasSubstr("BEGIN ENCRYPTED PRIVATE KEY"));
  EXPECT_THAT(Plain().Load("log.key", "a").status(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("passphrase_file")));
  EXPECT_THAT(Locked("another").Load("log.key", "a").status(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("another passphrase")));
  ASSERT_THAT(Locked().Load("log.key", "a"), IsOk());
  EXPECT_TRUE(Locked().Load("log.key", "a")->verifier() == key.verifier());
}

TEST_F(KeySourceTest, EncryptsAKeyThatIsThereOnce) {
  const SigningKey key = SigningKey::Generate("a");
  ASSERT_THAT(Plain().Save(key, "log.key"), IsOk());
  EXPECT_THAT(Plain().Encrypt("log.key"), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  ASSERT_THAT(Locked().Encrypt("log.key"), IsOk());
  const std::string encrypted = ReadFileOrDie(KeyPath("log.key"));
  ASSERT_THAT(Locked().Encrypt("log.key"), IsOk());
  EXPECT_EQ(ReadFileOrDie(KeyPath("log.key")), encrypted);
  EXPECT_TRUE(Locked().Load("log.key", "a")->verifier() == key.verifier());
  EXPECT_THAT(Locked("another").Encrypt("log.key"), StatusIs(absl::StatusCode::kPermissionDenied, _));
  EXPECT_EQ(ReadFileOrDie(KeyPath("log.key")), encrypted);
}

TEST_F(KeySourceTest, GivesAnyPrivateKeyAsUnencryptedText) {
  const std::string tls = GenerateTlsKeyPem().value();
  ASSERT_THAT(WriteNewFile(KeyPath("ca.key"), tls, 0600), IsOk());
  ASSERT_THAT(Locked().Encrypt("ca.key"), IsOk());
  const auto pem = Locked().ReadPem("ca.key");
  ASSERT_THAT(pem, IsOk());
  EXPECT_EQ(*pem, tls);
}

TEST_F(KeySourceTest, ACredentialComesBeforeTheFolder) {
  const SigningKey ours = SigningKey::Generate("a");
  const SigningKey theirs = SigningKey::Generate("a");
  ASSERT_THAT(Plain().Save(ours, "log.key"), IsOk());
  ASSERT_THAT(Plain().Save(ours, "entries.key"), IsOk());
  ASSERT_THAT(theirs.Save(directory_.Path("credentials/log.key")), IsOk());
  EXPECT_TRUE(WithCredentials().Load("log.key", "a")->verifier() == theirs.verifier());
  EXPECT_TRUE(WithCredentials().Load("entries.key", "a")->verifier() == ours.verifier());
}

TEST_F(KeySourceTest, ACredentialThatOthersMayReadIsRefusedAndNotPassedOver) {
  ASSERT_THAT(Plain().Save(SigningKey::Generate("a"), "log.key"), IsOk());
  ASSERT_THAT(SigningKey::Generate("a").Save(directory_.Path("credentials/log.key")), IsOk());
  ASSERT_EQ(chmod(directory_.Path("credentials/log.key").c_str(), 0604), 0);
  EXPECT_THAT(WithCredentials().Load("log.key", "a").status(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("chmod 600")));
}

TEST_F(KeySourceTest, RootsCredentialMayShowTheMaskOfItsAccessList) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can lay out root's credential";
  ASSERT_THAT(SigningKey::Generate("a").Save(directory_.Path("credentials/log.key")), IsOk());
  ASSERT_EQ(chmod(directory_.Path("credentials/log.key").c_str(), 0440), 0);
  EXPECT_THAT(WithCredentials().Load("log.key", "a"), IsOk());
}

TEST_F(KeySourceTest, AnotherUsersKeyIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_THAT(Plain().Save(SigningKey::Generate("a"), "log.key"), IsOk());
  ASSERT_EQ(chown(KeyPath("log.key").c_str(), 65534, 65534), 0);
  EXPECT_THAT(Plain().Load("log.key", "a").status(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("another user")));
}

TEST_F(KeySourceTest, ThePassphraseIsItsOwnersAlone) {
  const KeySource source = Locked();
  ASSERT_THAT(source.Save(SigningKey::Generate("a"), "log.key"), IsOk());
  ASSERT_EQ(chmod(source.passphrase_file.c_str(), 0640), 0);
  EXPECT_THAT(source.Load("log.key", "a").status(), StatusIs(absl::StatusCode::kPermissionDenied, _));
}

TEST_F(KeySourceTest, AnEmptyPassphraseIsRefused) {
  EXPECT_THAT(Locked("\n").Save(SigningKey::Generate("a"), "log.key"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is empty")));
}

TEST_F(KeySourceTest, FilesOfAPurposeComeInTheirOrder) {
  for (const char* file : {"log-10.key", "log.key", "log-2.key", "log-x.key", "log-02.key", "logs.key"}) {
    ASSERT_THAT(WriteNewFile(KeyPath(file), "x", 0600), IsOk());
  }
  ASSERT_THAT(WriteNewFile(directory_.Path("credentials/log-3.key"), "x", 0600), IsOk());
  EXPECT_THAT(WithCredentials().FilesOf("log").value(),
              ElementsAre("log.key", "log-2.key", "log-3.key", "log-10.key"));
  EXPECT_EQ(WithCredentials().NextFileOf("log").value(), "log-11.key");
  EXPECT_EQ(WithCredentials().NextFileOf("entries").value(), "entries.key");
}

TEST_F(KeySourceTest, MissingKeyIsNamed) {
  EXPECT_THAT(Plain().Load("none.key", "a").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.key")));
}

}  // namespace
}  // namespace consort
