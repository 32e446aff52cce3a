#include "common/ledger/policy.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"

namespace consort::ledger {

std::vector<VerifierKey> Policy::witness_keys() const {
  std::vector<VerifierKey> keys;
  for (const Witness& witness : witnesses_) keys.push_back(witness.key);
  return keys;
}

bool Policy::IsQuorum(const std::set<std::string>& keyids) const {
  if (quorum_ == kNone) return true;
  std::vector<bool> met;
  for (const Name& name : names_) {
    if (name.witness != kNone) {
      met.push_back(keyids.contains(witnesses_[name.witness].key.KeyId()));
    } else {
      met.push_back(std::count_if(name.members.begin(), name.members.end(),
                                  [&met](int member) { return met[member]; }) >= name.threshold);
    }
  }
  return met[quorum_];
}

Policy::Overlap Policy::SmallestOverlap() const {
  if (quorum_ == kNone) return {};
  std::vector<Overlap> overlaps;
  for (const Name& name : names_) {
    if (name.witness != kNone) {
      overlaps.push_back({1, {name.name}, {name.name}});
      continue;
    }
    std::vector<int> members = name.members;
    std::stable_sort(members.begin(), members.end(),
                     [&](int a, int b) { return overlaps[a].witnesses < overlaps[b].witnesses; });
    const int size = static_cast<int>(members.size());
    const int shared = std::max(0, 2 * name.threshold - size);
    Overlap overlap;
    const auto append = [](std::vector<std::string>& to, const std::vector<std::string>& more) {
      to.insert(to.end(), more.begin(), more.end());
    };
    // The members that both quorums need come first, then those of the first alone, then the second's.
    for (int i = 0; i < 2 * name.threshold - shared; ++i) {
      const Overlap& member = overlaps[members[i]];
      if (i < shared) overlap.witnesses += member.witnesses;
      if (i < name.threshold) append(overlap.first, member.first);
      if (i < shared || i >= name.threshold) append(overlap.second, member.second);
    }
    overlaps.push_back(std::move(overlap));
  }
  return overlaps[quorum_];
}

int Policy::SmallestShare(const std::set<std::string>& keyids) const {
  if (quorum_ == kNone) return 0;
  std::vector<int> shares;
  for (const Name& name : names_) {
    if (name.witness != kNone) {
      shares.push_back(keyids.contains(witnesses_[name.witness].key.KeyId()) ? 1 : 0);
      continue;
    }
    std::vector<int> of_members;
    for (const int member : name.members) of_members.push_back(shares[member]);
    std::sort(of_members.begin(), of_members.end());
    shares.push_back(std::accumulate(of_members.begin(), of_members.begin() + name.threshold, 0));
  }
  return shares[quorum_];
}

std::set<std::string> Policy::SmallestQuorum(const std::set<std::string>& keyids) const {
  if (quorum_ == kNone) return {};
  using Keys = std::set<std::string>;
  std::vector<std::optional<Keys>> best;  // of each name; none: it cannot be met
  Keys witnesses;
  for (const Name& name : names_) {
    if (name.witness != kNone) {
      const std::string keyid = witnesses_[name.witness].key.KeyId();
      const bool there = keyids.contains(keyid);
      best.push_back(there ? std::optional<Keys>({keyid}) : std::nullopt);
      if (there) witnesses.insert(keyid);
      continue;
    }
    std::vector<const Keys*> met;
    for (const int member : name.members) {
      if (best[member].has_value()) met.push_back(&*best[member]);
    }
    std::stable_sort(met.begin(), met.end(),
                     [](const Keys* a, const Keys* b) { return a->size() < b->size(); });
    std::optional<Keys> keys;
    if (static_cast<int>(met.size()) >= name.threshold) {
      keys.emplace();
      for (int i = 0; i < name.threshold; ++i) keys->insert(met[i]->begin(), met[i]->end());
    }
    best.push_back(std::move(keys));
  }
  return best[quorum_].value_or(witnesses);
}

absl::Status Policy::CheckSafe(int faulty) const {
  const Overlap overlap = SmallestOverlap();
  if (overlap.witnesses > faulty) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "policy lets the log show two histories; ask for a majority of all witnesses: the quorums {",
      absl::StrJoin(overlap.first, ", "), "} and {", absl::StrJoin(overlap.second, ", "), "} share ",
      overlap.witnesses, ", and ", faulty, " may be dishonest"));
}

int DefaultFaulty(int witnesses) { return witnesses < 1 ? 0 : (witnesses - 1) / 3; }

absl::StatusOr<std::string> MajorityPolicy(const VerifierKey& log_key,
                                           absl::Span<const VerifierKey> witness_keys, int faulty) {
  const int count = static_cast<int>(witness_keys.size());
  if (faulty < 0 || (count > 0 && faulty >= count)) {
    return absl::InvalidArgumentError(
        absl::StrCat("policy cannot bear so many dishonest witnesses: ", faulty, " of ", count));
  }
  std::string text = absl::StrCat("log ", log_key.ToString(), "\n\n");
  for (const VerifierKey& key : witness_keys)
    absl::StrAppend(&text, "witness ", key.name(), " ", key.ToString(), "\n");
  if (count == 0) {
    text += "quorum none\n";
  } else {
    absl::StrAppend(&text, "\ngroup majority ", (count + faulty) / 2 + 1);
    for (const VerifierKey& key : witness_keys) absl::StrAppend(&text, " ", key.name());
    text += "\nquorum majority\n";
  }
  RETURN_IF_ERROR(Policy::Parse(text).status());
  return text;
}

}  // namespace consort::ledger
