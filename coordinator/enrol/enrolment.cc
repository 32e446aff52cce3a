#include "coordinator/enrol/enrolment.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/ledger/key_possession.h"
#include "common/rpc/invitation.h"
#include "common/status/macros.h"
#include "coordinator/enrol/key_proofs.h"
#include "coordinator/enrol/ledger_keys.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

constexpr uint32_t kDefaultInvitationHours = 72;
constexpr uint32_t kMaxInvitationHours = 720;  // a month: an archive's board meets
constexpr std::array<absl::string_view, 4> kRevocationReasons = {"lost-key", "left", "misbehaved",
                                                                 "superseded"};

absl::Status NameInUse(v1::Role role, absl::string_view name) {
  return absl::AlreadyExistsError(
      absl::StrCat("member name is in use; choose another or revoke it first: ", RoleWord(role), " ", name));
}

// The member of this name, whatever its state; nothing if there never was one.
absl::StatusOr<std::optional<MemberRow>> FindMember(Transaction& transaction, v1::Role role,
                                                    absl::string_view name) {
  absl::StatusOr<MemberRow> row = transaction.GetMember(role, name);
  if (absl::IsNotFound(row.status())) return std::optional<MemberRow>();
  if (!row.ok()) return row.status();
  return std::optional<MemberRow>(*std::move(row));
}

absl::StatusOr<MemberRow> KnownMember(Transaction& transaction, v1::Role role, absl::string_view name) {
  ASSIGN_OR_RETURN(std::optional<MemberRow> row, FindMember(transaction, role, name));
  if (row.has_value()) return *std::move(row);
  return absl::NotFoundError(absl::StrCat("no such member; list the members: ", RoleWord(role), " ", name));
}

// Later than every certificate that the name ever got, even if the clock was set back in between: the
// directory tells certificates of an earlier enrolment by their date.
absl::Time EnrolmentTime(absl::Time now, const std::optional<MemberRow>& before) {
  now = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  if (!before.has_value()) return now;
  const absl::Time last_issue =
      absl::FromUnixSeconds(before->certificate_expires_unix_seconds) - Enrolment::kCertificateValidity;
  return std::max(now, last_issue + absl::Seconds(1));
}

nlohmann::json KeyEnrolPredicate(const v1::EnrolRequest& request, const ArchiveKeys& keys,
                                 absl::string_view certificate_sha256, absl::string_view token_sha256) {
  nlohmann::json possession = nlohmann::json::object();
  for (const v1::KeyProof& proof : request.keys())
    possession[proof.purpose()] = Base64Encode(proof.signature());
  return {{"name", request.name()},
          {"role", "archive"},
          {"entries_vkey", keys.entries.ToString()},
          {"mirror_vkey", keys.mirror.ToString()},
          {"approval_vkey", keys.approval.ToString()},
          {"certificate_sha256", std::string(certificate_sha256)},
          {"possession", std::move(possession)},
          {"token_sha256", std::string(token_sha256)}};
}

ledger::Subject KeySubject(absl::string_view name, const VerifierKey& key) {
  return {absl::StrCat("key/", name), Sha256Hex(key.public_key())};
}

}  // namespace

Enrolment::Enrolment(const Parts& parts, std::string address) : parts_(parts), address_(std::move(address)) {}

absl::Status Enrolment::Load() {
  ASSIGN_OR_RETURN(const std::vector<MemberRow> members, ListMembers());
  for (const MemberRow& row : members) parts_.directory.Update(row);
  return absl::OkStatus();
}

absl::Status Enrolment::EnrolCoordinator() {
  ASSIGN_OR_RETURN(const std::string fingerprint, parts_.authority.Fingerprint());
  return parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    if (size != 0) return absl::AlreadyExistsError("ledger is not new; its first entry is there already");
    const VerifierKey& entries = parts_.sequencer.entry_key().verifier();
    return parts_.sequencer
        .AppendOwn(transaction, ledger::Kind::kKeyEnrol, {KeySubject("coordinator", entries)},
                   {{"name", "coordinator"},
                    {"role", "coordinator"},
                    {"entries_vkey", entries.ToString()},
                    {"log_vkey", parts_.sequencer.log_key().verifier().ToString()},
                    {"certificate_sha256", fingerprint}})
        .status();
  });
}

absl::StatusOr<Enrolment::Created> Enrolment::CreateInvitation(v1::Role role, absl::string_view name,
                                                               uint32_t valid_hours) {
  if (RoleWord(role).empty()) {
    return absl::InvalidArgumentError("role is missing; choose archive, researcher, auditor or operator");
  }
  RETURN_IF_ERROR(CheckMemberName(name));
  if (valid_hours > kMaxInvitationHours) {
    return absl::InvalidArgumentError(absl::StrCat("an invitation may be valid for 1 to ",
                                                   kMaxInvitationHours, " hours: found ", valid_hours));
  }
  Invitation invitation;
  invitation.address = address_;
  invitation.federation = parts_.sequencer.identity().federation;
  ASSIGN_OR_RETURN(invitation.ca_fingerprint, parts_.authority.Fingerprint());
  invitation.token = NewInvitationToken();
  invitation.role = role;
  invitation.name = std::string(name);
  const absl::Duration valid = absl::Hours(valid_hours == 0 ? kDefaultInvitationHours : valid_hours);
  invitation.expires_unix_seconds = absl::ToUnixSeconds(parts_.executor.WallClock() + valid);
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<MemberRow> member, FindMember(transaction, role, name));
    if (member.has_value() && !member->revoked) return NameInUse(role, name);
    return transaction.Put(InvitationRow{Sha256Hex(invitation.token), role, invitation.name,
                                         invitation.expires_unix_seconds, /*used=*/false});
  }));
  return Created{FormatInvitation(invitation), invitation.expires_unix_seconds};
}

absl::StatusOr<InvitationRow> Enrolment::RedeemableInvitation(Transaction& transaction,
                                                              const v1::EnrolRequest& request,
                                                              const std::string& token_sha256) {
  // One answer whatever is wrong with the token: a guesser learns nothing.
  const absl::Status refused =
      absl::UnauthenticatedError("invitation is unknown, used or expired; ask an operator for a new one");
  absl::StatusOr<InvitationRow> invitation = transaction.GetInvitation(token_sha256);
  if (absl::IsNotFound(invitation.status())) return refused;
  if (!invitation.ok()) return invitation.status();
  const int64_t now = absl::ToUnixSeconds(parts_.executor.WallClock());
  if (invitation->used || invitation->expires_unix_seconds <= now) return refused;
  if (invitation->name != request.name()) {
    return absl::InvalidArgumentError(
        absl::StrCat("invitation is for another name; use the name in it: found ", request.name(),
                     ", expected ", invitation->name));
  }
  return invitation;
}

absl::StatusOr<Enrolment::Issued> Enrolment::Issue(v1::Role role, absl::string_view name,
                                                   absl::string_view csr_pem, absl::Time now) {
  CertificateAuthority::Subject subject;
  subject.spiffe_id = MemberId{parts_.sequencer.identity().federation, role, std::string(name)}.ToSpiffeId();
  subject.validity = kCertificateValidity;
  subject.backdate = kCertificateBackdate;
  Issued issued;
  ASSIGN_OR_RETURN(issued.pem, parts_.authority.Issue(csr_pem, subject, now));
  ASSIGN_OR_RETURN(issued.facts, ReadCertificate(issued.pem));
  return issued;
}

absl::StatusOr<v1::EnrolResponse> Enrolment::Enrol(const v1::EnrolRequest& request) {
  const LedgerIdentity& identity = parts_.sequencer.identity();
  const std::string token_sha256 = Sha256Hex(request.token());
  v1::EnrolResponse response;
  MemberRow member;
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(InvitationRow invitation, RedeemableInvitation(transaction, request, token_sha256));
    ASSIGN_OR_RETURN(const std::optional<MemberRow> before,
                     FindMember(transaction, invitation.role, invitation.name));
    if (before.has_value() && !before->revoked) return NameInUse(invitation.role, invitation.name);
    const absl::Time now = EnrolmentTime(parts_.executor.WallClock(), before);
    ASSIGN_OR_RETURN(const Issued issued, Issue(invitation.role, invitation.name, request.csr_pem(), now));

    member.role = invitation.role;
    member.name = invitation.name;
    member.certificate_fingerprint = issued.facts.fingerprint;
    member.certificate_expires_unix_seconds = absl::ToUnixSeconds(issued.facts.not_after);
    member.enrolled_unix_seconds = absl::ToUnixSeconds(now);
    if (invitation.role == v1::ROLE_ARCHIVE) {
      ASSIGN_OR_RETURN(const ArchiveKeys keys,
                       CheckKeyProofs(request.keys(), identity.federation, invitation.name, token_sha256));
      member.entries_vkey = keys.entries.ToString();
      member.mirror_vkey = keys.mirror.ToString();
      member.approval_vkey = keys.approval.ToString();
      RETURN_IF_ERROR(
          CheckKeysAreNew(parts_.sequencer.rules().keys(), {keys.entries, keys.mirror, keys.approval}));
      ASSIGN_OR_RETURN(const Appended entry,
                       parts_.sequencer.AppendOwn(
                           transaction, ledger::Kind::kKeyEnrol, {KeySubject(member.name, keys.entries)},
                           KeyEnrolPredicate(request, keys, issued.facts.fingerprint, token_sha256)));
      member.enrol_index = entry.index;
    } else if (!request.keys().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("only archives enrol with ledger keys: found ", request.keys_size()));
    }
    invitation.used = true;
    RETURN_IF_ERROR(transaction.Put(invitation));
    response.set_certificate_pem(absl::StrCat(issued.pem, parts_.authority.certificate_pem()));
    return transaction.Put(member);
  }));
  parts_.directory.Update(member);
  response.set_ca_pem(parts_.authority.certificate_pem());
  response.set_federation(identity.federation);
  response.set_project(identity.project);
  response.set_ledger_origin(identity.origin);
  response.set_log_vkey(parts_.sequencer.log_key().verifier().ToString());
  response.set_coordinator_entry_vkey(parts_.sequencer.entry_key().verifier().ToString());
  response.set_ledger_index(member.enrol_index);
  return response;
}

absl::StatusOr<std::string> Enrolment::Renew(const MemberId& member, absl::string_view csr_pem) {
  std::string chain;
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(MemberRow row, KnownMember(transaction, member.role, member.name));
    ASSIGN_OR_RETURN(const Issued issued, Issue(row.role, row.name, csr_pem, parts_.executor.WallClock()));
    row.certificate_fingerprint = issued.facts.fingerprint;
    // Never earlier than before: EnrolmentTime counts on it.
    row.certificate_expires_unix_seconds =
        std::max(row.certificate_expires_unix_seconds, absl::ToUnixSeconds(issued.facts.not_after));
    chain = absl::StrCat(issued.pem, parts_.authority.certificate_pem());
    return transaction.Put(row);
  }));
  return chain;
}

absl::StatusOr<MemberRow> Enrolment::Revoke(v1::Role role, absl::string_view name, absl::string_view reason) {
  if (std::find(kRevocationReasons.begin(), kRevocationReasons.end(), reason) == kRevocationReasons.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "reason of a revocation must be lost-key, left, misbehaved or superseded: found '", reason, "'"));
  }
  MemberRow row;
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(row, KnownMember(transaction, role, name));
    if (row.revoked) return absl::OkStatus();
    row.revoked = true;
    RETURN_IF_ERROR(transaction.Put(row));
    if (role != v1::ROLE_ARCHIVE) return absl::OkStatus();
    ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(row.entries_vkey));
    return parts_.sequencer
        .AppendOwn(transaction, ledger::Kind::kKeyRevoke, {KeySubject(row.name, key)},
                   {{"name", row.name},
                    {"role", "archive"},
                    {"entries_vkey", row.entries_vkey},
                    {"certificate_sha256", row.certificate_fingerprint},
                    {"reason", std::string(reason)}})
        .status();
  }));
  parts_.directory.Update(row);
  return row;
}

absl::StatusOr<MemberRow> Enrolment::GetMember(v1::Role role, absl::string_view name) {
  MemberRow row;
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(row, KnownMember(transaction, role, name));
    return absl::OkStatus();
  }));
  return row;
}

absl::StatusOr<std::vector<MemberRow>> Enrolment::ListMembers() {
  std::vector<MemberRow> rows;
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(rows, transaction.ListMembers());
    return absl::OkStatus();
  }));
  return rows;
}

}  // namespace consort::coordinator
