#include "coordinator/ledger/archive_entry.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/merkle_tree.h"
#include "common/status/macros.h"
#include "coordinator/ledger/sequencer.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using nlohmann::json;

absl::Status Missing(absl::string_view archive, absl::string_view member) {
  return absl::InvalidArgumentError(absl::StrCat("ledger entry is incomplete; update the node: member ",
                                                 member, " (archive ", archive, ")"));
}

absl::Status CheckText(const json& predicate, absl::string_view archive, const char* member,
                       absl::string_view expected) {
  const auto found = predicate.find(member);
  if (found == predicate.end() || !found->is_string()) return Missing(archive, member);
  const std::string value = found->get<std::string>();
  if (value == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("ledger entry is for another ", member,
                                                 "; enrol with this federation: found '", value,
                                                 "', expected '", expected, "' (archive ", archive, ")"));
}

absl::StatusOr<uint64_t> Number(const json& object, absl::string_view archive, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_number_unsigned()) return Missing(archive, member);
  return found->get<uint64_t>();
}

absl::Status CheckPlaceInSeries(const ArchiveSeries& series, uint64_t node_seq) {
  if (node_seq == static_cast<uint64_t>(series.last_node_seq) + 1) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("ledger entry is out of order; continue after the last one that was logged: node_seq ",
                   node_seq, ", expected ", series.last_node_seq + 1, " (archive ", series.archive, ")"));
}

std::string HeadSetting(absl::string_view archive) { return absl::StrCat("ledger.head.", archive); }

// Size of the checkpoint that the archive's last entry named, under whatever key; 0 before the first.
absl::StatusOr<uint64_t> LastHead(Transaction& transaction, absl::string_view archive) {
  const absl::StatusOr<std::string> text = transaction.GetSetting(HeadSetting(archive));
  if (absl::IsNotFound(text.status())) return 0;
  if (!text.ok()) return text.status();
  uint64_t size = 0;
  if (!absl::SimpleAtoi(*text, &size)) {
    return absl::DataLossError(absl::StrCat("stored head of an archive is not a number: ", archive));
  }
  return size;
}

// Returns the size of prev_head.
absl::StatusOr<uint64_t> CheckHead(Transaction& transaction, absl::string_view archive,
                                   const json& predicate) {
  const auto head = predicate.find("prev_head");
  if (head == predicate.end() || !head->is_object()) return Missing(archive, "prev_head");
  ASSIGN_OR_RETURN(const uint64_t size, Number(*head, archive, "size"));
  const auto root = head->find("root");
  if (root == head->end() || !root->is_string()) return Missing(archive, "prev_head.root");
  ASSIGN_OR_RETURN(const uint64_t last, LastHead(transaction, archive));
  if (size < last) {
    return absl::FailedPreconditionError(
        absl::StrCat("ledger entry's prev_head goes back; name the newest checkpoint that was proved: size ",
                     size, ", the entry before named ", last, " (archive ", archive, ")"));
  }
  std::string ours = HexOf(ledger::EmptyRoot());
  if (size > 0) {
    const absl::StatusOr<CheckpointRow> checkpoint = transaction.GetCheckpoint(size);
    if (!checkpoint.ok() && !absl::IsNotFound(checkpoint.status())) return checkpoint.status();
    ours = checkpoint.ok() ? HexEncode(checkpoint->root) : "";
  }
  if (root->get<std::string>() == ours) return size;
  return absl::FailedPreconditionError(absl::StrCat(
      "ledger entry names a checkpoint that this log never signed; keep both notes and compare logs: "
      "prev_head size ",
      size, " (archive ", archive, ")"));
}

struct OpenedWithPredicate {
  ledger::OpenedEntry opened;
  json predicate;
};

// Form and origin, and that the payload is new: a repeated entry is answered with where it is, not called out
// of order. `key_name`: whose key `signer` is, for people.
absl::StatusOr<OpenedWithPredicate> CheckForm(Transaction& transaction, const LedgerIdentity& identity,
                                              ledger::Kind kind, absl::string_view archive,
                                              const VerifierKey& signer, absl::string_view key_name,
                                              absl::string_view envelope) {
  OpenedWithPredicate entry;
  ASSIGN_OR_RETURN(entry.opened, ledger::OpenEntry(envelope, {signer}));
  const ledger::OpenedEntry& opened = entry.opened;
  if (opened.signers.size() != 1) {
    return absl::UnauthenticatedError(absl::StrCat("ledger entry must be signed by the archive's ", key_name,
                                                   " key alone: ", opened.signers.size(),
                                                   " signatures (archive ", archive, ")"));
  }
  if (opened.statement.kind != kind) {
    return absl::InvalidArgumentError(absl::StrCat("ledger entry is of another kind: found ",
                                                   ledger::KindName(opened.statement.kind), ", expected ",
                                                   ledger::KindName(kind), " (archive ", archive, ")"));
  }
  ASSIGN_OR_RETURN(entry.predicate, ledger::ParseStrictJson(opened.statement.predicate));
  RETURN_IF_ERROR(CheckText(entry.predicate, archive, "origin", identity.origin));
  RETURN_IF_ERROR(CheckText(entry.predicate, archive, "project", identity.project));
  RETURN_IF_ERROR(CheckText(entry.predicate, archive, "archive", archive));
  ASSIGN_OR_RETURN(const std::optional<LeafRow> known, transaction.FindLeafByPayload(opened.payload_digest));
  if (!known.has_value()) return entry;
  return absl::AlreadyExistsError(
      absl::StrCat("ledger has this entry already (archive ", archive, "): index ", known->index));
}

}  // namespace

absl::StatusOr<ArchiveEntry> CheckArchiveEntry(Transaction& transaction, const LedgerIdentity& identity,
                                               ledger::Kind kind, const ArchiveSeries& series,
                                               absl::string_view envelope) {
  const absl::string_view archive = series.archive;
  ASSIGN_OR_RETURN(OpenedWithPredicate checked,
                   CheckForm(transaction, identity, kind, archive, series.signer, "entry", envelope));
  ASSIGN_OR_RETURN(const uint64_t node_seq, Number(checked.predicate, archive, "node_seq"));
  RETURN_IF_ERROR(CheckPlaceInSeries(series, node_seq));
  ArchiveEntry entry;
  ASSIGN_OR_RETURN(entry.head_size, CheckHead(transaction, archive, checked.predicate));
  entry.node_seq = static_cast<int64_t>(node_seq);
  const auto round = checked.predicate.find("round_id");
  if (round != checked.predicate.end() && round->is_string()) entry.round_id = round->get<std::string>();
  entry.opened = std::move(checked.opened);
  return entry;
}

absl::StatusOr<ledger::OpenedEntry> CheckStaffEntry(Transaction& transaction, const LedgerIdentity& identity,
                                                    ledger::Kind kind, absl::string_view archive,
                                                    const VerifierKey& signer, absl::string_view envelope) {
  ASSIGN_OR_RETURN(OpenedWithPredicate checked,
                   CheckForm(transaction, identity, kind, archive, signer, "approval", envelope));
  return std::move(checked.opened);
}

absl::Status RecordHead(Transaction& transaction, absl::string_view archive, uint64_t size) {
  return transaction.PutSetting(HeadSetting(archive), absl::StrCat(size));
}

}  // namespace consort::coordinator
