#include "common/ledger/rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ledger/members.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr Member kInEveryPredicate[] = {{"origin", MemberType::kText}, {"project", MemberType::kText}};

constexpr Member kInEverySeries[] = {{"archive", MemberType::kText},
                                     {"node_seq", MemberType::kInteger},
                                     {"prev_head.size", MemberType::kInteger},
                                     {"prev_head.root", MemberType::kDigest}};

constexpr Member kOfStaff[] = {{"archive", MemberType::kText},
                               {"prev_head.size", MemberType::kInteger},
                               {"prev_head.root", MemberType::kDigest}};

}  // namespace

Rules::Rules(absl::string_view origin, const MemoryTree& tree) : origin_(origin), tree_(tree) {
  absl::string_view name = origin.substr(0, origin.find('/'));
  absl::ConsumePrefix(&name, "ledger.");
  federation_ = std::string(name);
}

absl::Status Rules::Feed(uint64_t index, const OpenedEntry& entry, const Digest& leaf_hash,
                         IdleClaims idle_claims) {
  const Statement& statement = entry.statement;
  nlohmann::json parsed;
  if (statement.parsed == nullptr) {
    ASSIGN_OR_RETURN(parsed, ParseStrictJson(statement.predicate));
  }
  const nlohmann::json& predicate = statement.parsed == nullptr ? parsed : *statement.parsed;
  RETURN_IF_ERROR(CheckMembers(predicate, kInEveryPredicate));
  const Speaker speaker = SpeakerOf(statement.kind, predicate);
  if (speaker == Speaker::kArchive) RETURN_IF_ERROR(CheckMembers(predicate, kInEverySeries));
  if (speaker == Speaker::kStaff) RETURN_IF_ERROR(CheckMembers(predicate, kOfStaff));
  const Said said{index, statement.kind, statement.subjects, entry.signers, predicate, leaf_hash};
  RETURN_IF_ERROR(CheckOrigin(said));
  RETURN_IF_ERROR(CheckSigner(said));
  if (speaker == Speaker::kArchive) return TakeClaim(said, idle_claims);
  if (speaker == Speaker::kStaff) RETURN_IF_ERROR(CheckHead(said));
  RETURN_IF_ERROR(Judge(said));
  NoteCommitments(said);
  return absl::OkStatus();
}

Rules::Speaker Rules::SpeakerOf(Kind kind, const nlohmann::json& predicate) {
  switch (kind) {
    case Kind::kApproval:
    case Kind::kContribution:
    case Kind::kEvaluation:
      return Speaker::kArchive;
    case Kind::kKeyRotate:
      return predicate.contains("archive") ? Speaker::kArchive : Speaker::kCoordinator;
    case Kind::kWithdrawal:
      return Speaker::kStaff;
    case Kind::kErasure:
      return predicate.contains("archive") ? Speaker::kStaff : Speaker::kCoordinator;
    default:
      return Speaker::kCoordinator;
  }
}

absl::Status Rules::TakeClaim(const Said& said, IdleClaims idle_claims) {
  RETURN_IF_ERROR(CheckArchiveSeries(said));
  const absl::Status fits = Judge(said);
  if (!fits.ok()) {
    if (idle_claims == IdleClaims::kRefuse) return fits;
    undo_.Emplace(idle_claims_, said.index, std::string(fits.message()));
    if (said.kind == Kind::kContribution) {
      undo_.Emplace(contributions_, said.index,
                    Contribution{.archive = said.Text("archive"), .leaf_hash = said.leaf_hash});
    }
  }
  Archive& archive = archives_.at(said.Text("archive"));
  undo_.Set(archive.node_seq, said.Integer("node_seq"));
  undo_.Set(archive.head_size, said.predicate["prev_head"]["size"].get<uint64_t>());
  NoteCommitments(said);
  return absl::OkStatus();
}

bool Rules::SameState(const Rules& other) const {
  return origin_ == other.origin_ && project_ == other.project_ &&
         coordinator_keyid_ == other.coordinator_keyid_ && keys_ == other.keys_ &&
         archives_ == other.archives_ && jobs_ == other.jobs_ && rounds_ == other.rounds_ &&
         contributions_ == other.contributions_ && idle_claims_ == other.idle_claims_ &&
         commitments_ == other.commitments_ && staff_ids_ == other.staff_ids_ &&
         policies_ == other.policies_ && incidents_ == other.incidents_ && templates_ == other.templates_;
}

std::vector<uint64_t> Rules::UndecidedIdleContributions() const {
  std::vector<uint64_t> undecided;
  for (const auto& [index, contribution] : contributions_) {
    if (contribution.outcome == Outcome::kNone && idle_claims_.contains(index)) undecided.push_back(index);
  }
  return undecided;
}

absl::Status Rules::CheckOrigin(const Said& said) const {
  if (said.Text("origin") != origin_) {
    return DoesNotFit(
        absl::StrCat("entry was made for another log: ", said.Text("origin"), ", expected ", origin_));
  }
  if (said.index > 0 && said.Text("project") != project_) {
    return DoesNotFit(
        absl::StrCat("entry was made for another project: ", said.Text("project"), ", expected ", project_));
  }
  return absl::OkStatus();
}

absl::Status Rules::CheckSigner(const Said& said) const {
  if (said.kind == Kind::kReceipt) return DoesNotFit("a receipt never becomes a leaf");
  if (said.signers.size() != 1) {
    return absl::PermissionDeniedError(
        absl::StrCat("entry must have one signer; found ", said.signers.size()));
  }
  const std::string& signer = said.signers.front();
  if (said.index == 0) {
    if (said.kind == Kind::kKeyEnrol) return absl::OkStatus();
    return OutOfPlace("the first entry must enrol the coordinator's keys (key-enrol)");
  }
  const Speaker speaker = SpeakerOf(said.kind, said.predicate);
  if (speaker == Speaker::kCoordinator) {
    if (signer == coordinator_keyid_) return absl::OkStatus();
    return absl::PermissionDeniedError(
        absl::StrCat("a ", KindName(said.kind), " entry is the coordinator's to sign; ", "found ", signer));
  }
  const auto archive = archives_.find(said.Text("archive"));
  if (archive == archives_.end()) {
    return OutOfPlace(
        absl::StrCat("entry speaks for an archive that is not enrolled: ", said.Text("archive")));
  }
  if (speaker == Speaker::kStaff) {
    const KeyBook::Known* const approval = keys_.InForce(archive->first, KeyPurpose::kApproval);
    if (approval != nullptr && approval->key.KeyId() == signer) return absl::OkStatus();
    return absl::PermissionDeniedError(absl::StrCat("a ", KindName(said.kind), " of archive ", archive->first,
                                                    " is its approval key's to sign; found ", signer));
  }
  if (signer != archive->second.keyid) {
    return absl::PermissionDeniedError(
        absl::StrCat("entry speaks for archive ", archive->first, " but is signed by ", signer));
  }
  if (archive->second.revoked) {
    return absl::PermissionDeniedError(
        absl::StrCat("entry is signed by a key after its key-revoke: ", signer));
  }
  return absl::OkStatus();
}

absl::Status Rules::CheckArchiveSeries(const Said& said) const {
  const Archive& archive = archives_.at(said.Text("archive"));
  const uint64_t node_seq = said.Integer("node_seq");
  if (node_seq <= archive.node_seq) {
    return OutOfPlace(
        absl::StrCat("node_seq ", node_seq, " of archive ", said.Text("archive"), " was used before"));
  }
  if (node_seq != archive.node_seq + 1) {
    return OutOfPlace(absl::StrCat("node_seq of archive ", said.Text("archive"), " has a gap: found ",
                                   node_seq, ", expected ", archive.node_seq + 1));
  }
  RETURN_IF_ERROR(CheckHead(said));
  const auto size = said.predicate["prev_head"]["size"].get<uint64_t>();
  if (size >= archive.head_size) return absl::OkStatus();
  return OutOfPlace(absl::StrCat("prev_head goes back: size ", size, " after ", archive.head_size));
}

absl::Status Rules::CheckHead(const Said& said) const {
  const nlohmann::json& head = said.predicate["prev_head"];
  const auto size = head["size"].get<uint64_t>();
  if (size > said.index)
    return OutOfPlace(absl::StrCat("prev_head covers leaves after this one: size ", size));
  ASSIGN_OR_RETURN(const Digest root, tree_.Root(size));
  if (head["root"] == HexOf(root)) return absl::OkStatus();
  return DoesNotFit(
      absl::StrCat("prev_head is of another history: this log had another root at size ", size));
}

absl::Status Rules::Judge(const Said& said) {
  RETURN_IF_ERROR(CheckMembers(said.predicate, MembersOf(said.kind)));
  RETURN_IF_ERROR(CheckCommitments(said));
  switch (said.kind) {
    case Kind::kKeyEnrol:
      return OnKeyEnrol(said);
    case Kind::kKeyRotate:
      return OnKeyRotate(said);
    case Kind::kKeyRevoke:
      return OnKeyRevoke(said);
    case Kind::kPolicyChange:
      return OnPolicyChange(said);
    case Kind::kJob:
      return OnJob(said);
    case Kind::kApproval:
      return OnApproval(said);
    case Kind::kRoster:
      return OnRoster(said);
    case Kind::kRoundOpen:
      return OnRoundOpen(said);
    case Kind::kContribution:
      return OnContribution(said);
    case Kind::kDecision:
      return OnDecision(said);
    case Kind::kAggregation:
      return OnAggregation(said);
    case Kind::kEvaluation:
      return OnEvaluation(said);
    case Kind::kModelRelease:
      return OnModelRelease(said);
    case Kind::kWithdrawal:
      return OnWithdrawal(said);
    case Kind::kErasure:
      return OnErasure(said);
    case Kind::kIncident:
      return OnIncident(said);
    case Kind::kTemplates:
      return OnTemplates(said);
    case Kind::kExplanation:
      return OnExplanation(said);
    default:
      return absl::OkStatus();  // a receipt: CheckSigner has refused it
  }
}

absl::StatusOr<Rules::Job*> Rules::FindJob(const Said& said) {
  const auto job = jobs_.find(said.Text("job_id"));
  if (job != jobs_.end()) return &job->second;
  return OutOfPlace(absl::StrCat("entry names a job that no earlier entry states: ", said.Text("job_id")));
}

absl::StatusOr<Rules::Round*> Rules::FindRound(const Said& said) {
  const auto round = rounds_.find(said.Text("round_id"));
  if (round == rounds_.end()) {
    return OutOfPlace(
        absl::StrCat("entry names a round that no earlier round-open states: ", said.Text("round_id")));
  }
  if (round->second.job_id != said.Text("job_id") || round->second.number != said.Integer("round")) {
    return DoesNotFit(
        absl::StrCat("entry gives its round another job or number: round ", said.Text("round_id")));
  }
  return &round->second;
}

}  // namespace consort::ledger
