#include "common/ledger/entry_audit.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::ledger {

EntryAudit::EntryAudit(const std::vector<VerifierKey>& keys, absl::string_view origin, const Scope& scope,
                       TileComparer& tiles, Findings& findings)
    : scope_(scope),
      given_(keys),
      findings_(findings),
      rules_(origin, tree_),
      builder_([&tiles](const Tile& tile) {
        tiles.Compare(tile);
        return absl::OkStatus();
      }) {
  keys_.Add(given_);
}

absl::Status EntryAudit::Take(uint64_t index, ReadyEntry& ready) {
  RETURN_IF_ERROR(builder_.Append(ready.envelope, ready.leaf_hash));
  if (scope_.entries) {
    if (const absl::Status trusted = CheckSignature(index, ready); trusted.ok()) {
      CheckReplay(index, ready.entry->payload_digest);
      const OpenedEntry opened = Opened(*std::move(ready.entry));
      FollowRules(index, opened, ready.leaf_hash);
      signers_.insert(opened.signers.begin(), opened.signers.end());
    } else {
      findings_.Fail("signatures", index, trusted);
      const std::string skipped =
          absl::StrCat("not judged from entry ", index, " on, which cannot be read or trusted");
      findings_.Fail("replay", skipped);
      findings_.Fail("rules", skipped);
    }
  }
  tree_.Append(ready.leaf_hash);
  return absl::OkStatus();
}

absl::Status EntryAudit::CheckSignature(uint64_t index, const ReadyEntry& ready) const {
  RETURN_IF_ERROR(ready.entry.status());
  if (ready.entry->is_of_later_kind) return LaterKind();
  if (index < scope_.check_from || ready.signature_is_good) return absl::OkStatus();
  return CheckSignatures(*ready.entry, [this](absl::string_view keyid) { return keys_.Find(keyid); });
}

absl::Status EntryAudit::Finish() {
  for (const uint64_t index : rules_.UndecidedIdleContributions()) {
    findings_.Fail("rules", absl::StrCat("entry ", index, ": ", rules_.idle_claims().at(index),
                                         ", and no decision has rejected it"));
  }
  return builder_.Finish();
}

void EntryAudit::CheckReplay(uint64_t index, const Digest& payload_digest) {
  const auto [first, fresh] = payloads_.emplace(payload_digest, index);
  if (!fresh) findings_.Fail("replay", absl::StrCat("entry ", index, " repeats entry ", first->second));
}

void EntryAudit::FollowRules(uint64_t index, const OpenedEntry& entry, const Digest& leaf_hash) {
  const absl::Status status = rules_.Feed(index, entry, leaf_hash);
  if (!status.ok()) return findings_.Fail("rules", index, status);
  if (rules_.keys().keys().size() == named_) return;
  keys_.AddFrom(rules_.keys());
  named_ = rules_.keys().keys().size();
}

std::string EntryAudit::SignersNote() const {
  const auto unsure = std::count_if(signers_.begin(), signers_.end(), [this](const std::string& signer) {
    return std::none_of(given_.begin(), given_.end(),
                        [&](const VerifierKey& key) { return key.KeyId() == signer; });
  });
  const uint64_t trusted = std::min(scope_.check_from, tree_.size());
  return absl::StrCat(
      tree_.size(), " entries signed by ", signers_.size(), " keys; ", given_.size(), " keys were given, ",
      unsure, " are known from the entry that names them alone",
      trusted == 0 ? ""
                   : absl::StrCat("; the first ", trusted, " were taken on the trust of a kept checkpoint"));
}

std::string EntryAudit::ClaimsNote() const {
  const std::string note = "every entry was allowed where it stands";
  if (rules_.idle_claims().empty()) return note;
  const auto& [index, why] = *rules_.idle_claims().begin();
  return absl::StrCat(note, "; ", rules_.idle_claims().size(),
                      " claims of archives have no effect, the first is entry ", index, ": ", why);
}

}  // namespace consort::ledger
