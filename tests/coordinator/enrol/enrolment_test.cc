#include "coordinator/enrol/enrolment.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "coordinator/enrol/ledger_keys.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/coordinator/enrol/test_enrolment.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using testing::ArchiveKeySet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::RequestFor;
using testing::StatusIs;
using testing::TestEnrolment;
using testing::TlsRequest;

nlohmann::json PredicateOf(TestEnrolment& test, uint64_t index, ledger::Kind kind) {
  std::string body;
  EXPECT_THAT(test.ledger().store().Transact([&](Transaction& transaction) {
    body = transaction.GetLeaf(index).value().body;
    return absl::OkStatus();
  }),
              IsOk());
  const auto opened = ledger::OpenEntry(body, {test.ledger().entry_key().verifier()}).value();
  EXPECT_EQ(opened.statement.kind, kind);
  return nlohmann::json::parse(opened.statement.predicate);
}

TEST(EnrolmentTest, TheFirstEntryOfALedgerIsTheCoordinatorsOwnKeys) {
  TestEnrolment test;
  const nlohmann::json predicate = PredicateOf(test, 0, ledger::Kind::kKeyEnrol);
  EXPECT_EQ(predicate["name"], "coordinator");
  EXPECT_EQ(predicate["role"], "coordinator");
  EXPECT_EQ(predicate["log_vkey"], test.ledger().log_key().verifier().ToString());
  EXPECT_EQ(predicate["certificate_sha256"], test.authority().Fingerprint().value());
  EXPECT_THAT(test.enrolment().EnrolCoordinator(), StatusIs(absl::StatusCode::kAlreadyExists, ::testing::_));
}

TEST(EnrolmentTest, AnArchiveGetsACertificateAndItsKeysAreInTheLedger) {
  TestEnrolment test;
  const Invitation invitation = test.Invite(v1::ROLE_ARCHIVE, "archive-uk-1");
  const ArchiveKeySet keys = ArchiveKeySet::Generate("archive-uk-1", "example.org");
  const auto response = test.enrolment().Enrol(RequestFor(invitation, TlsRequest::Generate(), keys));
  ASSERT_THAT(response, IsOk());

  const CertificateFacts facts = ReadCertificate(response->certificate_pem()).value();
  EXPECT_EQ(facts.spiffe_id, "spiffe://example.org/archive/archive-uk-1");
  EXPECT_THAT(
      VerifyChain(response->certificate_pem(), response->ca_pem(), test.ledger().executor().WallClock()),
      IsOk());
  EXPECT_EQ(response->federation(), "example.org");
  EXPECT_EQ(response->project(), "music");
  EXPECT_EQ(response->ledger_origin(), "ledger.example.org/music");
  EXPECT_EQ(response->log_vkey(), test.ledger().log_key().verifier().ToString());
  EXPECT_EQ(response->coordinator_entry_vkey(), test.ledger().entry_key().verifier().ToString());
  ASSERT_EQ(response->ledger_index(), 1u);

  const nlohmann::json predicate = PredicateOf(test, 1, ledger::Kind::kKeyEnrol);
  EXPECT_EQ(predicate["name"], "archive-uk-1");
  EXPECT_EQ(predicate["entries_vkey"], keys.entries.verifier().ToString());
  EXPECT_EQ(predicate["mirror_vkey"], keys.mirror.verifier().ToString());
  EXPECT_EQ(predicate["approval_vkey"], keys.approval.verifier().ToString());
  EXPECT_EQ(predicate["certificate_sha256"], facts.fingerprint);
  // Anyone can check possession from the entry alone.
  const std::string text = absl::StrCat("consort.enrol.v1\nentries\narchive-uk-1\n",
                                        predicate["token_sha256"].get<std::string>(), "\n");
  EXPECT_TRUE(keys.entries.verifier().Verify(
      text, Base64Decode(predicate["possession"]["entries"].get<std::string>()).value()));
}

TEST(EnrolmentTest, OtherRolesLeaveNoTraceInTheLedger) {
  TestEnrolment test;
  const std::string certificate = test.Enrol(v1::ROLE_RESEARCHER, "ada");
  EXPECT_EQ(ReadCertificate(certificate)->spiffe_id, "spiffe://example.org/researcher/ada");
  EXPECT_EQ(test.ledger().Size(), 1u);
}

TEST(EnrolmentTest, UsedExpiredAndUnknownTokensGetOneMessage) {
  TestEnrolment test;
  const Invitation used = test.Invite(v1::ROLE_RESEARCHER, "ada");
  ASSERT_THAT(test.enrolment().Enrol(RequestFor(used, TlsRequest::Generate())), IsOk());
  const Invitation expired = test.Invite(v1::ROLE_AUDITOR, "bo");
  test.ledger().executor().Advance(absl::Hours(72));  // the default validity
  Invitation unknown = used;
  unknown.token = NewInvitationToken();

  std::vector<absl::Status> answers;
  for (const Invitation& invitation : {used, expired, unknown}) {
    answers.push_back(test.enrolment().Enrol(RequestFor(invitation, TlsRequest::Generate())).status());
  }
  EXPECT_THAT(answers[0], StatusIs(absl::StatusCode::kUnauthenticated, ::testing::_));
  EXPECT_EQ(answers[0], answers[1]);
  EXPECT_EQ(answers[0], answers[2]);
}

TEST(EnrolmentTest, AnInvitationIsGoodUntilItsLastSecond) {
  TestEnrolment test;
  const Invitation invitation = test.Invite(v1::ROLE_AUDITOR, "bo");
  test.ledger().executor().Advance(absl::Hours(72) - absl::Seconds(1));
  EXPECT_THAT(test.enrolment().Enrol(RequestFor(invitation, TlsRequest::Generate())), IsOk());
}

TEST(EnrolmentTest, AnotherNameThanTheInvitationsIsRefusedAndTheInvitationStaysGood) {
  TestEnrolment test;
  const Invitation invitation = test.Invite(v1::ROLE_RESEARCHER, "ada");
  Invitation other = invitation;
  other.name = "eve";
  EXPECT_THAT(test.enrolment().Enrol(RequestFor(other, TlsRequest::Generate())),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another name")));
  EXPECT_THAT(test.enrolment().Enrol(RequestFor(invitation, TlsRequest::Generate())), IsOk());
}

TEST(EnrolmentTest, ABadKeyProofIsRefusedAndTheInvitationStaysGood) {
  TestEnrolment test;
  const Invitation invitation = test.Invite(v1::ROLE_ARCHIVE, "archive-uk-1");
  const ArchiveKeySet keys = ArchiveKeySet::Generate("archive-uk-1", "example.org");
  v1::EnrolRequest request = RequestFor(invitation, TlsRequest::Generate(), keys);
  (*request.mutable_keys(2)->mutable_signature())[5] ^= 1;
  EXPECT_THAT(test.enrolment().Enrol(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'approval' has no good proof")));
  EXPECT_EQ(test.ledger().Size(), 1u);
  EXPECT_THAT(test.enrolment().Enrol(RequestFor(invitation, TlsRequest::Generate(), keys)), IsOk());
}

TEST(EnrolmentTest, AResearcherWithLedgerKeysIsRefused) {
  TestEnrolment test;
  const Invitation invitation = test.Invite(v1::ROLE_RESEARCHER, "ada");
  EXPECT_THAT(test.enrolment().Enrol(RequestFor(invitation, TlsRequest::Generate(),
                                                ArchiveKeySet::Generate("ada", "example.org"))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("only archives")));
}

TEST(EnrolmentTest, AnEntryKeyThatIsEnrolledAlreadyIsRefused) {
  TestEnrolment test;
  const ArchiveKeySet keys = ArchiveKeySet::Generate("archive-uk-1", "example.org");
  ASSERT_THAT(test.enrolment().Enrol(
                  RequestFor(test.Invite(v1::ROLE_ARCHIVE, "archive-uk-1"), TlsRequest::Generate(), keys)),
              IsOk());
  EXPECT_THAT(test.enrolment().Enrol(
                  RequestFor(test.Invite(v1::ROLE_ARCHIVE, "archive-uk-2"), TlsRequest::Generate(), keys)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("enrolled already")));
}

// A request that asks to be the coordinator and another archive.
std::string RequestWithNames(const std::string& key_pem) {
  BIO* key_bio = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  X509_REQ* request = X509_REQ_new();
  X509_REQ_set_pubkey(request, key);
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("coordinator"), -1, -1, 0);
  STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
  sk_X509_EXTENSION_push(extensions,
                         X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                             "URI:spiffe://example.org/coordinator,DNS:consort-coordinator"));
  sk_X509_EXTENSION_push(extensions,
                         X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
  X509_REQ_add_extensions(request, extensions);
  X509_REQ_sign(request, key, EVP_sha256());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(out, request);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  const std::string pem(data, static_cast<size_t>(size));
  BIO_free(out);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  X509_REQ_free(request);
  EVP_PKEY_free(key);
  BIO_free(key_bio);
  return pem;
}

TEST(EnrolmentTest, NamesInTheRequestAreIgnored) {
  TestEnrolment test;
  const Invitation invitation = test.Invite(v1::ROLE_RESEARCHER, "ada");
  TlsRequest tls = TlsRequest::Generate();
  tls.csr_pem = RequestWithNames(tls.key_pem);
  const auto response = test.enrolment().Enrol(RequestFor(invitation, tls));
  ASSERT_THAT(response, IsOk());
  const CertificateFacts facts = ReadCertificate(response->certificate_pem()).value();
  EXPECT_EQ(facts.spiffe_id, "spiffe://example.org/researcher/ada");
  EXPECT_THAT(facts.dns_names, IsEmpty());
  EXPECT_FALSE(facts.is_authority);
}

TEST(EnrolmentTest, ANameInUseGetsNoInvitationAndNoCertificate) {
  TestEnrolment test;
  const Invitation second = test.Invite(v1::ROLE_RESEARCHER, "ada");
  test.Enrol(v1::ROLE_RESEARCHER, "ada");
  EXPECT_THAT(test.enrolment().CreateInvitation(v1::ROLE_RESEARCHER, "ada", 1).status(),
              StatusIs(absl::StatusCode::kAlreadyExists, ::testing::_));
  EXPECT_THAT(test.enrolment().Enrol(RequestFor(second, TlsRequest::Generate())),
              StatusIs(absl::StatusCode::kAlreadyExists, ::testing::_));
  // The same name in another role is another member.
  EXPECT_THAT(test.enrolment().CreateInvitation(v1::ROLE_AUDITOR, "ada", 1), IsOk());
}

TEST(EnrolmentTest, InvitationsAreCheckedBeforeTheyAreMade) {
  TestEnrolment test;
  for (const auto& [role, name, hours] :
       {std::make_tuple(v1::ROLE_UNSPECIFIED, "ada", 1u), std::make_tuple(v1::ROLE_ARCHIVE, "Ada Byron", 1u),
        std::make_tuple(v1::ROLE_ARCHIVE, "ada", 721u)}) {
    EXPECT_THAT(test.enrolment().CreateInvitation(role, name, hours).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  }
}

TEST(EnrolmentTest, ARenewedCertificateIsForTheSameMember) {
  TestEnrolment test;
  const std::string first = test.Enrol(v1::ROLE_RESEARCHER, "ada");
  test.ledger().executor().Advance(absl::Hours(24 * 200));
  const auto renewed =
      test.enrolment().Renew({"example.org", v1::ROLE_RESEARCHER, "ada"}, TlsRequest::Generate().csr_pem);
  ASSERT_THAT(renewed, IsOk());
  const CertificateFacts facts = ReadCertificate(*renewed).value();
  EXPECT_EQ(facts.spiffe_id, "spiffe://example.org/researcher/ada");
  EXPECT_EQ(facts.not_after - ReadCertificate(first)->not_after, absl::Hours(24 * 200));
  EXPECT_EQ(test.enrolment().GetMember(v1::ROLE_RESEARCHER, "ada")->certificate_fingerprint,
            facts.fingerprint);
  // The old one is good until it expires: the member may not have stored the new one yet.
  EXPECT_THAT(test.directory().Check(test.Peer(first)), IsOk());
  EXPECT_THAT(test.directory().Check(test.Peer(*renewed)), IsOk());
}

TEST(EnrolmentTest, ARevokedArchiveIsRefusedAtOnceAndTheLedgerSaysWhy) {
  TestEnrolment test;
  const std::string certificate = test.Enrol(v1::ROLE_ARCHIVE, "archive-uk-1");
  const PeerIdentity peer = test.Peer(certificate);
  ASSERT_THAT(test.directory().Check(peer), IsOk());
  ASSERT_THAT(test.enrolment().Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "lost-key"), IsOk());
  EXPECT_THAT(test.directory().Check(peer),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("revoked")));
  const nlohmann::json predicate = PredicateOf(test, 2, ledger::Kind::kKeyRevoke);
  EXPECT_EQ(predicate["name"], "archive-uk-1");
  EXPECT_EQ(predicate["reason"], "lost-key");
  EXPECT_EQ(predicate["certificate_sha256"], peer.certificate_fingerprint);
  // Twice is once.
  ASSERT_THAT(test.enrolment().Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "left"), IsOk());
  EXPECT_EQ(test.ledger().Size(), 3u);
}

TEST(EnrolmentTest, RevocationsNeedAKnownMemberAndAKnownReason) {
  TestEnrolment test;
  EXPECT_THAT(test.enrolment().Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "left").status(),
              StatusIs(absl::StatusCode::kNotFound, ::testing::_));
  test.Enrol(v1::ROLE_ARCHIVE, "archive-uk-1");
  EXPECT_THAT(test.enrolment().Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "bored").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bored")));
}

TEST(EnrolmentTest, ANameEnrolledAgainAfterARevocationDoesNotReviveItsOldCertificate) {
  TestEnrolment test;
  const std::string old = test.Enrol(v1::ROLE_ARCHIVE, "archive-uk-1");
  ASSERT_THAT(test.enrolment().Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "superseded"), IsOk());
  // In the same second, even: the clock of the test has not moved.
  const std::string fresh = test.Enrol(v1::ROLE_ARCHIVE, "archive-uk-1");
  EXPECT_THAT(test.directory().Check(test.Peer(old)),
              StatusIs(absl::StatusCode::kUnauthenticated, ::testing::_));
  EXPECT_THAT(test.directory().Check(test.Peer(fresh)), IsOk());
}

TEST(EnrolmentTest, ARestartKnowsMembersAndRevocations) {
  TestEnrolment test;
  const std::string ada = test.Enrol(v1::ROLE_RESEARCHER, "ada");
  const std::string bo = test.Enrol(v1::ROLE_AUDITOR, "bo");
  ASSERT_THAT(test.enrolment().Revoke(v1::ROLE_AUDITOR, "bo", "left"), IsOk());
  MemberDirectory directory;
  Enrolment again({test.ledger().store(), test.ledger().sequencer(), test.authority(), directory,
                   test.ledger().executor()},
                  "coordinator.example.org:443");
  EXPECT_THAT(directory.Check(test.Peer(ada)), StatusIs(absl::StatusCode::kUnauthenticated, ::testing::_));
  ASSERT_THAT(again.Load(), IsOk());
  EXPECT_THAT(directory.Check(test.Peer(ada)), IsOk());
  EXPECT_THAT(directory.Check(test.Peer(bo)),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("revoked")));
}

}  // namespace
}  // namespace consort::coordinator
