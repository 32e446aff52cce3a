#include "coordinator/witness/start_check.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/policy.h"
#include "common/status/macros.h"
#include "coordinator/ledger/stored_tree.h"
#include "nlohmann/json.hpp"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;

constexpr char kRollback[] = "rollback";
constexpr char kFork[] = "fork";
constexpr char kWhatToDo[] =
    "stop the coordinator and rebuild its ledger with `consort-coordinator restore --from-mirror`";

// Revoked keys are believed no more: a thief's note must not stop the log.
std::vector<VerifierKey> OwnKeys(const KeyBook& book, KeyPurpose purpose) {
  std::vector<VerifierKey> keys;
  for (const KeyBook::Known& known : book.keys()) {
    if (known.owner == "coordinator" && known.purpose == purpose && !known.revoked) keys.push_back(known.key);
  }
  return keys;
}

}  // namespace

absl::Status StartCheck::Begin() {
  ASSIGN_OR_RETURN(const std::vector<v1::Incident> incidents, parts_.incidents.List());
  for (const v1::Incident& incident : incidents) {
    // Such a one has no entry: the log took none any more.
    if (incident.leaf_index() != 0 || incident.resolved()) continue;
    if (incident.kind() != kRollback && incident.kind() != kFork) continue;
    HoldForGood(absl::StrCat("rolled-back: ", incident.detail()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(parts_.store.Transact([this](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<CheckpointRow> newest, transaction.LatestCheckpoint());
    if (newest.has_value()) sealed_size_ = newest->size;
    return absl::OkStatus();
  }));
  asking_ = true;
  Consider();
  return absl::OkStatus();
}

std::string StartCheck::hold() const {
  return parts_.sequencer.hold() == Sequencer::Hold::kNone ? "" : parts_.sequencer.hold_reason();
}

std::string StartCheck::StillToAsk() const {
  const LiveRules& rules = parts_.sequencer.rules();
  // The one that the last signed checkpoint covers: what has come into the database since, an honest witness
  // of an earlier history may never have heard of.
  const PolicyLeaf* leaf = rules.PolicyBelow(sealed_size_);
  if (leaf == nullptr) return "";
  const absl::StatusOr<ledger::Policy> policy = ledger::Policy::Parse(leaf->text);
  if (!policy.ok()) return "";  // the rules let none in
  std::set<std::string> heard;
  std::vector<std::string> missing;
  for (const ledger::Policy::Witness& witness : policy->witnesses()) {
    const KeyBook::Known* known = rules.keys().Find(witness.key.KeyId());
    const bool was_heard = known != nullptr && heard_.count(known->owner) > 0;
    if (was_heard) {
      heard.insert(witness.key.KeyId());
    } else {
      missing.push_back(known == nullptr ? witness.key.name() : known->owner);
    }
  }
  return policy->SmallestShare(heard) > leaf->faulty ? "" : absl::StrJoin(missing, ", ");
}

void StartCheck::Consider() {
  if (!asking_) return;
  const std::string missing = StillToAsk();
  asking_ = !missing.empty();
  parts_.metrics.SetHold(asking_);
  if (asking_) {
    parts_.sequencer.SetHold(Sequencer::Hold::kSigning, absl::StrCat("asking-witnesses: ", missing));
    return;
  }
  parts_.sequencer.SetHold(Sequencer::Hold::kNone, "");
  signs_();
}

void StartCheck::OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) {
  if (rolled_back_found_) return;
  Finding finding;
  const absl::Status checked = parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(finding, CheckNote(transaction, hello.newest_checkpoint()));
    if (!finding.detail.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(finding, CheckReceipt(transaction, hello.newest_receipt()));
    return absl::OkStatus();
  });
  if (!checked.ok()) {
    spdlog::error("what an archive knows cannot be compared: {} (archive {})", checked.ToString(), archive);
    return;
  }
  if (!finding.detail.empty()) return RolledBack(archive, finding);
  heard_.insert(archive);
  Consider();
}

absl::StatusOr<StartCheck::Finding> StartCheck::CheckNote(Transaction& transaction,
                                                          const std::string& note) const {
  if (note.empty()) return Finding();
  const auto opened =
      ledger::OpenCheckpoint(note, OwnKeys(parts_.sequencer.rules().keys(), KeyPurpose::kLog));
  if (!opened.ok() || opened->checkpoint.origin != parts_.sequencer.identity().origin) {
    spdlog::warn("an archive holds a checkpoint that is not ours: {}", opened.status().ToString());
    return Finding();
  }
  const ledger::Checkpoint& theirs = opened->checkpoint;
  ASSIGN_OR_RETURN(const std::optional<CheckpointRow> newest, transaction.LatestCheckpoint());
  const uint64_t size = newest.has_value() ? newest->size : 0;
  if (theirs.size > size) {
    return Finding{kRollback,
                   absl::StrCat("a checkpoint of size ", theirs.size,
                                " was signed, the database knows none beyond ", size),
                   note};
  }
  ASSIGN_OR_RETURN(const Digest root, StoredRoot(transaction, theirs.size));
  if (root == theirs.root) return Finding();
  return Finding{kFork, absl::StrCat("another root was signed at size ", theirs.size), note};
}

absl::StatusOr<StartCheck::Finding> StartCheck::CheckReceipt(Transaction& transaction,
                                                             const std::string& receipt) const {
  if (receipt.empty()) return Finding();
  const auto opened =
      ledger::OpenEntry(receipt, OwnKeys(parts_.sequencer.rules().keys(), KeyPurpose::kEntries));
  if (!opened.ok() || opened->statement.kind != ledger::Kind::kReceipt) {
    spdlog::warn("an archive holds a receipt that is not ours: {}", opened.status().ToString());
    return Finding();
  }
  const auto predicate = nlohmann::json::parse(opened->statement.predicate, nullptr, false);
  const auto index = predicate.find("index");
  const auto leaf_hash = predicate.find("leaf_hash");
  if (index == predicate.end() || !index->is_number_unsigned() || leaf_hash == predicate.end() ||
      !leaf_hash->is_string() || predicate.value("origin", "") != parts_.sequencer.identity().origin) {
    return Finding();
  }
  const auto promised = index->get<uint64_t>();
  const absl::StatusOr<LeafRow> leaf = transaction.GetLeaf(promised);
  if (absl::IsNotFound(leaf.status())) {
    return Finding{kRollback, absl::StrCat("a receipt promises leaf ", promised, ", which is not there"),
                   receipt};
  }
  RETURN_IF_ERROR(leaf.status());
  if (HexEncode(leaf->hash) == leaf_hash->get<std::string>()) return Finding();
  return Finding{kFork, absl::StrCat("a receipt promises another entry as leaf ", promised), receipt};
}

void StartCheck::RolledBack(const std::string& archive, const Finding& finding) {
  v1::IncidentReport report;
  report.set_id(RandomId());
  report.set_kind(finding.kind);
  report.set_detail(finding.detail);
  report.add_evidence(finding.evidence);
  const absl::Status kept = parts_.incidents.Report(archive, report, IncidentBook::Entry::kNone);
  if (!kept.ok()) spdlog::critical("an incident cannot be kept: {}", kept.ToString());
  HoldForGood(absl::StrCat("rolled-back: ", finding.detail));
}

void StartCheck::HoldForGood(const std::string& reason) {
  rolled_back_found_ = true;
  asking_ = false;
  parts_.sequencer.SetHold(Sequencer::Hold::kEverything, absl::StrCat(reason, "; ", kWhatToDo));
  parts_.metrics.SetHold(true);
  spdlog::critical("the ledger signs nothing and takes no entry: {}; {}", reason, kWhatToDo);
  rolled_back_();
}

}  // namespace consort::coordinator
