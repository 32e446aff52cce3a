#include "coordinator/enrol/method_roles.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "consort/v1/artifact.pb.h"
#include "consort/v1/enrolment.pb.h"
#include "consort/v1/federation.pb.h"
#include "consort/v1/job.pb.h"
#include "consort/v1/ledger.pb.h"
#include "consort/v1/session.pb.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

// The files whose services the coordinator serves.
std::vector<const google::protobuf::FileDescriptor*> ServedFiles() {
  return {v1::WriteChunk::descriptor()->file(),  v1::EnrolRequest::descriptor()->file(),
          v1::Member::descriptor()->file(),      v1::JobSpec::descriptor()->file(),
          v1::LedgerEntry::descriptor()->file(), v1::Envelope::descriptor()->file()};
}

TEST(MethodRolesTest, EveryMethodOfEveryServiceIsInTheTableAndNothingElse) {
  std::set<std::string> expected = {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
                                    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};
  for (const auto* file : ServedFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        expected.insert(
            absl::StrCat("/", file->service(s)->full_name(), "/", file->service(s)->method(m)->name()));
      }
    }
  }
  std::set<std::string> found;
  for (const MethodRule& rule : MethodRules()) found.emplace(rule.method);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(found.size(), MethodRules().size());  // no method twice
}

TEST(MethodRolesTest, OnlyEnrolIsOpenToPeersWithoutACertificate) {
  for (const MethodRule& rule : MethodRules()) {
    EXPECT_EQ(MayCall(rule.method, std::nullopt), absl::EndsWith(rule.method, "/Enrol")) << rule.method;
  }
}

TEST(MethodRolesTest, AMethodOutsideTheTableIsNobodys) {
  EXPECT_FALSE(MayCall("/consort.v1.JobService/Delete", v1::ROLE_OPERATOR));
  EXPECT_FALSE(MayCall("", v1::ROLE_OPERATOR));
  EXPECT_FALSE(MayCall("/consort.v1.JobService/Get", v1::ROLE_UNSPECIFIED));
}

TEST(MethodRolesTest, SessionsAreForArchivesAndMembershipIsForOperators) {
  for (const v1::Role role : {v1::ROLE_ARCHIVE, v1::ROLE_RESEARCHER, v1::ROLE_AUDITOR, v1::ROLE_OPERATOR}) {
    EXPECT_EQ(MayCall("/consort.v1.SessionService/Connect", role), role == v1::ROLE_ARCHIVE);
    EXPECT_EQ(MayCall("/consort.v1.FederationService/RevokeMember", role), role == v1::ROLE_OPERATOR);
    EXPECT_EQ(MayCall("/consort.v1.FederationService/CreateInvitation", role), role == v1::ROLE_OPERATOR);
    EXPECT_EQ(MayCall("/consort.v1.TransferService/CollectGarbage", role), role == v1::ROLE_OPERATOR);
    EXPECT_EQ(MayCall("/consort.v1.LedgerService/ReadEntries", role), true);
  }
}

TEST(MethodRolesTest, TheDocumentShowsThisTable) {
  std::string text =
      "# Who may call what\n\n"
      "Every call on the coordinator's port is checked against this table; the role comes from the caller's\n"
      "certificate. \"No certificate\" is a peer that has not enrolled yet. A revoked member is refused "
      "everything.\n\n"
      "| method | no certificate | archive | researcher | auditor | operator |\n"
      "|---|---|---|---|---|---|\n";
  const auto cell = [](bool allowed) { return allowed ? " yes |" : " |"; };
  for (const MethodRule& rule : MethodRules()) {
    absl::StrAppend(&text, "| `", rule.method.substr(1), "` |", cell(rule.anonymous), cell(rule.archive),
                    cell(rule.researcher), cell(rule.auditor), cell(rule.operators), "\n");
  }
  absl::StrAppend(
      &text,
      "\n`TransferService/Write` takes artifacts from researchers and operators, and from an archive its own "
      "update of an open\nround.\n");
  EXPECT_EQ(testing::ReadFileOrDie(CONSORT_ROLES_DOCUMENT), text);
}

}  // namespace
}  // namespace consort::coordinator
