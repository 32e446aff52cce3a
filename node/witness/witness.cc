#include "node/witness/witness.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/failpoint/failpoint.h"
#include "common/ledger/compare.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"
#include "node/witness/own_entry.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

// After a failed write or sync nobody knows what is on the disk, and a witness that goes on from what it
// believes could sign two histories. The next start reads what is there.
[[noreturn]] void EndProcess(const absl::Status& status) {
  std::fprintf(
      stderr,
      "{\"level\":\"critical\",\"message\":\"the ledger's files may not be on the disk; the process ends "
      "so that the next start reads what is; check the state's disk: %s\"}\n",
      std::string(status.message()).c_str());
  std::abort();
}

// A full disk, or one that lets nobody write, refuses before anything is lost: that can wait.
absl::Status Survived(absl::Status stored) {
  if (absl::IsInternal(stored)) EndProcess(stored);
  return stored;
}

Witness::Answer Refuse(int status, absl::string_view why, uint64_t size) {
  return {status, absl::StrCat(why, "\n"), size};
}

}  // namespace

Witness::Answer Witness::NotNow(const absl::Status& why, uint64_t size) {
  blocked_ = std::string(why.message());
  spdlog::warn("no cosignature now: {}", blocked_);
  return Refuse(503, why.message(), size);
}

void Witness::Raise(absl::string_view kind, absl::string_view detail, const Evidence& evidence) {
  const absl::Status kept = parts_.incidents.Raise(kind, detail, evidence, parts_.now());
  if (!kept.ok()) spdlog::critical("evidence of an incident is not stored: {}", std::string(kept.message()));
}

// Two notes that contradict each other; where that can be shown to strangers, also how.
void Witness::RaiseFork(const ledger::Checkpoint& theirs, absl::string_view note, absl::string_view detail,
                        absl::string_view ours) {
  if (ours.empty()) ours = mirror_->stored_size() > state_.size ? mirror_->note() : state_.note;
  Evidence evidence = {{"theirs.note", std::string(note)}};
  if (!ours.empty()) {
    evidence["ours.note"] = std::string(ours);
    const auto compared = ledger::CompareHistories(ours, note, EveryLogKey(), mirror_->follower().Subtrees());
    if (compared.ok() && !compared->evidence.empty()) evidence["split-view.txt"] = compared->evidence;
  }
  Raise(theirs.size < state_.size ? kIncidentRollback : kIncidentFork, detail, evidence);
}

// The protocol judges a request by one size; a mirror knows the root of every size below it.
bool Witness::ContradictsWhatWasSeen(const ledger::Checkpoint& asked, absl::string_view note) {
  const auto known = mirror_->follower().RootAt(asked.size);
  if (known.ok() && *known != asked.root) {
    RaiseFork(asked, note, absl::StrCat("two histories: the mirror has another root at size ", asked.size));
    return true;
  }
  const auto head = heads_.find(asked.size);
  if (head != heads_.end() && head->second.first != asked.root) {
    RaiseFork(asked, note, absl::StrCat("two signed roots for size ", asked.size), head->second.second);
    return true;
  }
  return false;
}

Witness::Answer Witness::OnRequest(absl::string_view body) {
  const auto request = ledger::ParseAddCheckpoint(body);
  const ledger::Checkpoint asked =
      request.ok() ? ledger::ReadCheckpoint(request->note).value() : ledger::Checkpoint();
  const std::vector<VerifierKey> log_keys = LogKeysAt(asked.size);
  const ledger::WitnessVerdict verdict = ledger::JudgeAddCheckpoint(body, state_, log_keys);
  const bool is_the_logs =
      request.ok() && asked.origin == state_.origin && ledger::OpenCheckpoint(request->note, log_keys).ok();
  const bool contradicts = is_the_logs && ContradictsWhatWasSeen(asked, request->note);
  if (verdict.is_evidence && !contradicts)
    RaiseFork(asked, request->note,
              absl::StrCat("size ", asked.size, " does not go on from size ", state_.size));
  if (verdict.status != 200) return {verdict.status, verdict.body, asked.size};
  if (contradicts) return Refuse(422, "this witness has seen another history", asked.size);
  return Accept(verdict.next);
}

Witness::Answer Witness::Accept(const ledger::WitnessState& next) {
  if (!parts_.incidents.OpenId().empty()) {
    return Refuse(503, "this archive has an open incident; its staff must decide first", next.size);
  }
  const absl::Status fetched = mirror_->Fetch(next.size, parts_.source);
  if (!fetched.ok()) return Undo(ExplainFetch(fetched, next.size));
  CONSORT_KILLPOINT("mirror.fetched");
  if (!EntriesGive(next))
    return Undo(Refuse(422, "the entries do not give the root that was signed", next.size));
  CheckReceipts();
  if (!parts_.incidents.OpenId().empty())
    return Undo(Refuse(422, "the log does not keep what it promised this archive", next.size));
  if (const absl::Status stored = Survived(Store(next)); !stored.ok())
    return AfterFailedStore(stored, next.size);
  blocked_.clear();
  Settle();
  return Cosign(next.size);
}

// A mirror with files that belong to no history of ours is worth nothing: it is fetched anew.
Witness::Answer Witness::AfterFailedStore(const absl::Status& stored, uint64_t size) {
  const Answer answer = NotNow(stored, size);
  if (!absl::IsDataLoss(stored)) return Undo(answer);
  const absl::Status anew = PutMirrorAside(stored);
  return anew.ok() ? answer : NotNow(anew, size);
}

// Whatever was refused, the mirror in memory is again the one on the disk.
Witness::Answer Witness::Undo(Answer answer) {
  const absl::Status rewound = mirror_->Rewind();
  if (rewound.ok()) return answer;
  spdlog::error("the mirror cannot be read again: {}", std::string(rewound.message()));
  const absl::Status anew = PutMirrorAside(rewound);
  return anew.ok() ? answer : NotNow(anew, answer.size);
}

Witness::Answer Witness::ExplainFetch(const absl::Status& fetched, uint64_t size) {
  if (absl::IsUnimplemented(fetched)) {
    spdlog::error("update this node; it cannot judge the ledger any longer: {}",
                  std::string(fetched.message()));
    return Refuse(422, absl::StrCat("update this node: ", fetched.message()), size);
  }
  if (!parts_.incidents.OpenId().empty()) return Refuse(422, fetched.message(), size);
  if (!absl::IsDataLoss(fetched) && !absl::IsUnauthenticated(fetched)) return NotNow(fetched, size);
  Evidence evidence;
  if (!state_.note.empty()) evidence["ours.note"] = state_.note;
  if (absl::IsDataLoss(fetched))
    evidence[absl::StrCat("entry-", mirror_->refused_index(), ".json")] = mirror_->refused_entry();
  Raise(kIncidentBadEntry, fetched.message(), evidence);
  return Refuse(422, fetched.message(), size);
}

// An entry under our own key is one that we signed and kept, byte for byte; otherwise somebody else has the
// key, or a second daemon runs.
absl::Status Witness::LookAt(uint64_t index, absl::string_view envelope) {
  const std::optional<uint64_t> number =
      NumberOfOwnEntry(envelope, mirror_->follower().keys(), parts_.archive);
  if (!number.has_value()) return absl::OkStatus();
  const auto signed_here = ReadStateFile(absl::StrCat(parts_.entries_directory, "/", *number));
  if (signed_here.ok() && *signed_here == envelope) return absl::OkStatus();
  if (!signed_here.ok() && !absl::IsNotFound(signed_here.status())) return signed_here.status();
  const std::string detail = absl::StrCat("entry ", index, " has this archive's signature and number ",
                                          *number, ", and this node did not sign it");
  Raise(kIncidentKey, detail, {{absl::StrCat("entry-", index, ".json"), std::string(envelope)}});
  if (parts_.incidents.OpenId().empty()) return absl::OkStatus();  // a person has decided about it
  return absl::FailedPreconditionError(detail);
}

bool Witness::EntriesGive(const ledger::WitnessState& next) {
  const ledger::Follower& follower = mirror_->follower();
  const ledger::Checkpoint asked{next.origin, next.size, next.root};
  const auto root = follower.RootAt(next.size);
  if (!root.ok() || *root != next.root) {
    RaiseFork(asked, next.note,
              absl::StrCat("no entries give the root that was signed for size ", next.size));
    return false;
  }
  const auto before = follower.RootAt(state_.size);
  if (!before.ok() || *before != state_.root) {
    RaiseFork(asked, next.note, absl::StrCat("the entries give another root at size ", state_.size));
    return false;
  }
  for (const auto& [size, head] : heads_) {
    if (size > follower.size()) break;
    if (*follower.RootAt(size) == head.first) continue;
    RaiseFork(asked, next.note,
              absl::StrCat("two histories: a head was proved with another root at size ", size), head.second);
    return false;
  }
  return true;
}

void Witness::CheckReceipts() {
  for (const auto& [index, pending] : receipts_.pending()) {
    if (index >= mirror_->follower().size()) break;
    if (HexOf(mirror_->follower().LeafHashAt(index)) == pending.receipt.leaf_hash) continue;
    Raise(kIncidentReceipt,
          absl::StrCat("another entry stands at index ", index, ", which a receipt gave to ours"),
          {{"receipt.json", pending.envelope}});
  }
}

absl::Status Witness::Store(const ledger::WitnessState& next) {
  if (mirror_->follower().size() > mirror_->stored_size()) {
    RETURN_IF_ERROR(mirror_->Store(next.note, parts_.source));
    CONSORT_FAILPOINT("mirror.stored");
  }
  if (next.note != state_.note) RETURN_IF_ERROR(WriteFileDurably(Path("witness"), WitnessStateFile(next)));
  CONSORT_FAILPOINT("witness.stored");
  state_ = next;
  return absl::OkStatus();
}

// Called only when the state is on the disk.
Witness::Answer Witness::Cosign(uint64_t size) {
  const SigningKey* const key = CosigningKeyAt(size);
  if (key == nullptr)
    return NotNow(absl::FailedPreconditionError("no mirror key of this archive is in force in the ledger"),
                  size);
  const std::string line = ledger::CosignatureBody(state_, *key, parts_.now());
  CONSORT_KILLPOINT("witness.signed");
  const absl::Status kept = Survived(WriteFileDurably(absl::StrCat(Path("cosignatures"), "/", size), line));
  if (!kept.ok()) return NotNow(kept, size);
  const absl::Status shown = mirror_->AddSignatures(absl::StrCat(state_.note, line), parts_.source);
  if (!shown.ok()) spdlog::warn("the mirror's note lacks our cosignature: {}", std::string(shown.message()));
  return {200, line, size};
}

// What the mirror now holds need not be remembered apart.
void Witness::Settle() {
  const uint64_t size = mirror_->stored_size();
  heads_.erase(heads_.begin(), heads_.upper_bound(size));
  absl::Status settled = revocations_.Settle(mirror_->follower().keys());
  while (settled.ok() && !receipts_.pending().empty() && receipts_.pending().begin()->first < size)
    settled = receipts_.Remove(receipts_.pending().begin()->first);
  if (!settled.ok()) spdlog::warn("a settled file is not removed: {}", std::string(settled.message()));
}

}  // namespace consort::node
