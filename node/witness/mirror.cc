#include "node/witness/mirror.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/key_file.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"
#include "common/status/macros.h"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

absl::Status Damaged(absl::string_view why) {
  return absl::DataLossError(absl::StrCat("the mirror is not what its checkpoint signs: ", why));
}

absl::Status CheckRoot(const ledger::Follower& follower, const ledger::Checkpoint& checkpoint) {
  ASSIGN_OR_RETURN(const Digest root, follower.RootAt(checkpoint.size));
  return root == checkpoint.root ? absl::OkStatus() : Damaged("its entries give another root");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Mirror>> Mirror::Open(const std::string& directory,
                                                     ledger::Follower::Trust trust) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  std::unique_ptr<Mirror> mirror(new Mirror(directory, std::move(trust)));
  RETURN_IF_ERROR(mirror->Load());
  return mirror;
}

absl::Status Mirror::Load() {
  follower_ = std::make_unique<ledger::Follower>(trust_);
  stored_size_ = 0;
  note_.clear();
  held_.clear();
  held_bytes_ = 0;
  auto note = ReadPublicFile(absl::StrCat(directory_, "/", ledger::kCheckpointFile));
  if (absl::IsNotFound(note.status())) return absl::OkStatus();
  RETURN_IF_ERROR(note.status());
  const auto checkpoint = ledger::ReadCheckpoint(*note);
  if (!checkpoint.ok()) return Damaged(checkpoint.status().message());
  const absl::Status taken =
      ledger::ReadEntryBundles(directory_, checkpoint->size, [this](uint64_t, absl::string_view envelope) {
        return follower_->Take(envelope, ledger::Follower::Signatures::kTrustPinned);
      });
  if (!taken.ok()) return Damaged(taken.message());
  RETURN_IF_ERROR(CheckRoot(*follower_, *checkpoint));
  const auto opened = ledger::OpenCheckpoint(*note, follower_->keys().LogKeysAt(checkpoint->size));
  if (!opened.ok()) return Damaged(opened.status().message());
  if (opened->checkpoint.origin != trust_.origin) return Damaged("it is of another log");
  stored_size_ = checkpoint->size;
  note_ = *std::move(note);
  JudgeNewest();
  return absl::OkStatus();
}

absl::Status Mirror::Rewind() { return follower_->size() == stored_size_ ? absl::OkStatus() : Load(); }

absl::Status Mirror::TakeNext(absl::string_view envelope, uint64_t size) {
  const uint64_t index = follower_->size();
  if (index == size) return absl::UnavailableError("the ledger gave more entries than were asked for");
  const absl::Status taken = follower_->Take(envelope, ledger::Follower::Signatures::kCheck);
  if (absl::IsUnimplemented(taken)) return taken;
  if (!taken.ok()) {
    refused_index_ = index;
    refused_entry_ = std::string(envelope);
    return absl::DataLossError(taken.message());
  }
  if (look_) RETURN_IF_ERROR(look_(index, envelope));
  held_bytes_ += envelope.size();
  if (held_bytes_ <= kMaxHeldBytes) {
    held_.emplace_back(envelope);
  } else {
    held_.clear();
  }
  return absl::OkStatus();
}

absl::Status Mirror::Fetch(uint64_t size, EntrySource& source) {
  if (size <= follower_->size()) return absl::OkStatus();
  refused_entry_.clear();
  absl::Status ours;  // a source's own errors say nothing about the entries, whatever their code
  const absl::Status read = source.Read(follower_->size(), size, [&](absl::string_view envelope) {
    ours = TakeNext(envelope, size);
    return ours;
  });
  RETURN_IF_ERROR(ours);
  if (!read.ok()) return absl::UnavailableError(read.message());
  if (follower_->size() == size) return follower_->CheckPinned();
  return absl::UnavailableError(
      absl::StrCat("the ledger gave fewer entries than its checkpoint counts: found ", follower_->size(),
                   ", expected ", size));
}

// What is stored comes from the disk, the rest from memory or once more from the source.
absl::Status Mirror::ReadBatch(uint64_t start, uint64_t end, EntrySource& source,
                               const EntrySource::Take& take) {
  if (start < stored_size_) {
    RETURN_IF_ERROR(ledger::ReadEntryBundles(directory_, std::min(end, stored_size_),
                                             [&](uint64_t index, absl::string_view envelope) {
                                               return index < start ? absl::OkStatus() : take(envelope);
                                             }));
    start = std::min(end, stored_size_);
  }
  if (held_.empty()) return start < end ? source.Read(start, end, take) : absl::OkStatus();
  for (uint64_t index = start; index < end; ++index) RETURN_IF_ERROR(take(held_[index - stored_size_]));
  return absl::OkStatus();
}

absl::Status Mirror::Store(absl::string_view note, EntrySource& source) {
  RETURN_IF_ERROR(Write({std::string(note)}, follower_->size(), source));
  stored_size_ = follower_->size();
  note_ = std::string(note);
  held_.clear();
  held_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status Mirror::Write(std::vector<std::string> notes, uint64_t size, EntrySource& source) {
  ledger::ExportSource entries;
  entries.read = [this, &source](uint64_t start, uint64_t end, const EntrySource::Take& take) {
    return ReadBatch(start, end, source, take);
  };
  entries.checkpoints = std::move(notes);
  entries.keys = ExportKeysOf(*follower_);
  entries.subtree = follower_->Subtrees();
  entries.witnessed_size = witnessed_size_;
  return ledger::WriteExportDelta(entries, stored_size_, size, directory_);
}

absl::Status Mirror::AddSignatures(absl::string_view note, EntrySource& source) {
  ASSIGN_OR_RETURN(const ledger::Note fresh, ledger::ParseNote(note));
  ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint, ledger::ReadCheckpoint(note));
  const auto kept =
      ReadPublicFile(absl::StrCat(directory_, "/", ledger::kCheckpointsFolder, "/", checkpoint.size));
  if (absl::IsNotFound(kept.status()) || follower_->size() != stored_size_) return absl::OkStatus();
  RETURN_IF_ERROR(kept.status());
  ASSIGN_OR_RETURN(const ledger::Note old, ledger::ParseNote(*kept));
  if (old.text != fresh.text) return absl::OkStatus();
  std::vector<std::string> lines;
  for (const ledger::NoteSignature& signature : fresh.signatures) lines.push_back(signature.Line());
  ASSIGN_OR_RETURN(const std::string grown, ledger::WithSignatures(*kept, lines));
  if (grown == *kept) return absl::OkStatus();
  if (checkpoint.size != stored_size_) return Write({grown, note_}, stored_size_, source);
  RETURN_IF_ERROR(Write({grown}, stored_size_, source));
  note_ = grown;
  JudgeNewest();
  return absl::OkStatus();
}

// Partial tiles may go once a quorum has cosigned what lies above them.
void Mirror::JudgeNewest() {
  const auto& policies = follower_->rules().policies();
  if (policies.empty() || note_.empty()) return;
  const auto policy = ledger::Policy::Parse(policies.rbegin()->second);
  if (!policy.ok()) return;
  const auto judged = ledger::OpenJudged(note_, *policy, {.own_clock_may_be_wrong = true});
  if (judged.ok() && judged->judgement.quorum) witnessed_size_ = stored_size_;
}

ledger::ExportKeys ExportKeysOf(const ledger::Follower& follower) {
  const auto lines = [&follower](ledger::KeyPurpose purpose) {
    return std::vector<std::string>(absl::StrSplit(follower.keys().Lines(purpose), '\n', absl::SkipEmpty()));
  };
  ledger::ExportKeys keys;
  keys.log_vkeys = lines(ledger::KeyPurpose::kLog);
  for (const VerifierKey& key : follower.keys().EntryKeys()) keys.entry_vkeys.push_back(key.ToString());
  keys.witness_vkeys = lines(ledger::KeyPurpose::kMirror);
  const auto& policies = follower.rules().policies();
  keys.policy = !policies.empty()        ? policies.rbegin()->second
                : keys.log_vkeys.empty() ? ""
                                         : absl::StrCat("log ", keys.log_vkeys.front(), "\nquorum none\n");
  return keys;
}

}  // namespace consort::node
