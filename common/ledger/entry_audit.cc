#include "common/ledger/entry_audit.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::ledger {

EntryAudit::EntryAudit(std::vector<VerifierKey> keys, absl::string_view origin, TileComparer& tiles,
                       Findings& findings)
    : known_(std::move(keys)),
      given_(known_.size()),
      findings_(findings),
      rules_(origin, tree_),
      builder_([&tiles](const Tile& tile) {
        tiles.Compare(tile);
        return absl::OkStatus();
      }) {}

absl::Status EntryAudit::Take(uint64_t index, absl::string_view envelope) {
  RETURN_IF_ERROR(builder_.Append(envelope));
  const Digest leaf_hash = LeafHash(envelope);
  const absl::StatusOr<OpenedEntry> entry = OpenEntry(envelope, known_);
  if (entry.ok()) {
    CheckReplay(index, *entry);
    FollowRules(index, *entry, leaf_hash);
  } else {
    findings_.Fail("signatures", index, entry.status());
    const std::string skipped =
        absl::StrCat("not judged from entry ", index, " on, which cannot be read or trusted");
    findings_.Fail("replay", skipped);
    findings_.Fail("rules", skipped);
  }
  tree_.Append(leaf_hash);
  return absl::OkStatus();
}

absl::Status EntryAudit::Finish() {
  for (const uint64_t index : rules_.UndecidedIdleContributions()) {
    findings_.Fail("rules", absl::StrCat("entry ", index, ": ", rules_.idle_claims().at(index),
                                         ", and no decision has rejected it"));
  }
  return builder_.Finish();
}

void EntryAudit::CheckReplay(uint64_t index, const OpenedEntry& entry) {
  const auto [first, fresh] = payloads_.emplace(entry.payload_digest, index);
  if (!fresh) findings_.Fail("replay", absl::StrCat("entry ", index, " repeats entry ", first->second));
  signers_.insert(entry.signers.begin(), entry.signers.end());
}

void EntryAudit::FollowRules(uint64_t index, const OpenedEntry& entry, const Digest& leaf_hash) {
  const absl::Status status = rules_.Feed(index, entry, leaf_hash);
  if (!status.ok()) return findings_.Fail("rules", index, status);
  const std::vector<KeyBook::Known>& named = rules_.keys().keys();
  for (; named_ < named.size(); ++named_) {
    if (named[named_].purpose != KeyPurpose::kEntries && named[named_].purpose != KeyPurpose::kApproval)
      continue;
    const VerifierKey& key = named[named_].key;
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  }
}

std::string EntryAudit::SignersNote() const {
  const auto unsure =
      std::count_if(known_.begin() + static_cast<std::ptrdiff_t>(given_), known_.end(),
                    [this](const VerifierKey& key) { return signers_.contains(key.KeyId()); });
  return absl::StrCat(tree_.size(), " entries signed by ", signers_.size(), " keys; ", given_,
                      " keys were given, ", unsure, " are known from the entry that names them alone");
}

std::string EntryAudit::ClaimsNote() const {
  const std::string note = "every entry was allowed where it stands";
  if (rules_.idle_claims().empty()) return note;
  const auto& [index, why] = *rules_.idle_claims().begin();
  return absl::StrCat(note, "; ", rules_.idle_claims().size(),
                      " claims of archives have no effect, the first is entry ", index, ": ", why);
}

}  // namespace consort::ledger
