#include <cstdint>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/rounds/archive_entries.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {
namespace {

// Sequencer::AppendFromArchive ends an AlreadyExists message with it.
constexpr absl::string_view kIndexMark = "index ";
// Sequencer begins with it what the rules of state say against an entry.
constexpr absl::string_view kAgainstRules = "against-rules";

absl::StatusOr<Appended> FindAppended(Transaction& transaction, const absl::Status& exists) {
  const absl::string_view message = exists.message();
  const size_t mark = message.rfind(kIndexMark);
  Appended appended;
  if (mark == absl::string_view::npos ||
      !absl::SimpleAtoi(message.substr(mark + kIndexMark.size()), &appended.index)) {
    return absl::InternalError(
        absl::StrCat("a repeated ledger entry was reported without its index: ", message));
  }
  ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(appended.index));
  appended.leaf_hash = leaf.hash;
  return appended;
}

// The row of an archive that may add to the ledger. Errors: as AppendArchiveEntry.
absl::StatusOr<MemberRow> Speaker(Transaction& transaction, const std::string& archive,
                                  absl::string_view envelope) {
  const absl::StatusOr<MemberRow> member = transaction.GetMember(v1::ROLE_ARCHIVE, archive);
  if (absl::IsNotFound(member.status()) || (member.ok() && member->revoked)) {
    return absl::PermissionDeniedError(absl::StrCat(
        "revoked: the archive may not add to the ledger; enrol it again (archive ", archive, ")"));
  }
  RETURN_IF_ERROR(member.status());
  if (envelope.size() > ledger::kMaxEntryBytes) {
    return absl::InvalidArgumentError(absl::StrCat("too-large: the ledger entry has ", envelope.size(),
                                                   " bytes, at most ", ledger::kMaxEntryBytes, " (archive ",
                                                   archive, ")"));
  }
  return *member;
}

}  // namespace

absl::StatusOr<Appended> AppendArchiveEntry(Transaction& transaction, Sequencer& sequencer, ledger::Kind kind,
                                            const std::string& archive, absl::string_view envelope) {
  ASSIGN_OR_RETURN(const MemberRow member, Speaker(transaction, archive, envelope));
  ASSIGN_OR_RETURN(const VerifierKey signer, VerifierKey::Parse(member.entries_vkey));
  absl::StatusOr<Appended> appended =
      sequencer.AppendFromArchive(transaction, kind, archive, signer, envelope);
  if (absl::IsAlreadyExists(appended.status())) return FindAppended(transaction, appended.status());
  if (!absl::IsUnauthenticated(appended.status())) return appended;
  // It may be a leaf already, under a key that was rotated since.
  const auto opened = ledger::OpenEntry(envelope, sequencer.rules().keys().EntryKeys());
  if (!opened.ok()) return appended;
  ASSIGN_OR_RETURN(const std::optional<LeafRow> known, transaction.FindLeafByPayload(opened->payload_digest));
  if (!known.has_value()) return appended;
  return Appended{known->index, known->hash};
}

absl::StatusOr<Appended> AppendStaffEntry(Transaction& transaction, Sequencer& sequencer, ledger::Kind kind,
                                          const std::string& archive, absl::string_view envelope) {
  ASSIGN_OR_RETURN(const MemberRow member, Speaker(transaction, archive, envelope));
  ASSIGN_OR_RETURN(const VerifierKey signer, VerifierKey::Parse(member.approval_vkey));
  absl::StatusOr<Appended> appended = sequencer.AppendFromStaff(transaction, kind, archive, signer, envelope);
  if (absl::IsAlreadyExists(appended.status())) return FindAppended(transaction, appended.status());
  return appended;
}

absl::string_view SendersFault(const absl::Status& status) {
  if (absl::StartsWith(status.message(), kAgainstRules)) return kAgainstRules;
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      return "bad-signature";
    case absl::StatusCode::kFailedPrecondition:
      return "out-of-order";
    case absl::StatusCode::kPermissionDenied:
      return "revoked";
    case absl::StatusCode::kInvalidArgument:
      return absl::StartsWith(status.message(), "too-large") ? "too-large" : "bad-entry";
    default:
      return "";
  }
}

std::string FaultReason(const absl::Status& status) {
  const absl::string_view code = SendersFault(status);
  if (code.empty() || absl::StartsWith(status.message(), absl::StrCat(code, ":")))
    return CleanReason(status.message());
  return absl::StrCat(code, ": ", CleanReason(status.message()));
}

}  // namespace consort::coordinator
