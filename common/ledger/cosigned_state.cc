#include "common/ledger/cosigned_state.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

// When each witness of the policy signed, by KeyId.
using Times = std::map<std::string, int64_t>;

// The lower one of two: a clock that is ahead must not lift the measure that it is judged by.
int64_t MedianWithout(const Times& times, const std::string& keyid) {
  std::vector<int64_t> others;
  for (const auto& [other, seconds] : times) {
    if (other != keyid) others.push_back(seconds);
  }
  const auto middle = others.begin() + (static_cast<int64_t>(others.size()) - 1) / 2;
  std::nth_element(others.begin(), middle, others.end());
  return *middle;
}

bool IsAhead(const Times& times, const std::string& keyid, const ClockRule& clock) {
  const absl::Time signed_at = absl::FromUnixSeconds(times.at(keyid));
  if (signed_at <= clock.now + kMaxClockAhead) return false;
  if (!clock.own_clock_may_be_wrong || times.size() == 1) return true;
  return signed_at > absl::FromUnixSeconds(MedianWithout(times, keyid)) + kMaxClockAhead;
}

}  // namespace

absl::string_view EntryStateName(EntryState state) {
  switch (state) {
    case EntryState::kDurable:
      return "durable";
    case EntryState::kSealed:
      return "sealed";
    case EntryState::kWitnessed:
      return "witnessed";
  }
  return "";
}

EntryState StateOf(uint64_t index, uint64_t sealed_size, uint64_t witnessed_size) {
  if (index < witnessed_size) return EntryState::kWitnessed;
  return index < sealed_size ? EntryState::kSealed : EntryState::kDurable;
}

Judgement Judge(const Policy& policy, absl::Span<const GoodSignature> cosigned, const ClockRule& clock) {
  Times all;
  for (const GoodSignature& signature : cosigned) {
    if (signature.algorithm == KeyAlgorithm::kCosignatureV1)
      all.emplace(signature.keyid, signature.unix_seconds);
  }
  Times times;
  Judgement judgement;
  for (const Policy::Witness& witness : policy.witnesses()) {
    if (const auto found = all.find(witness.key.KeyId()); found != all.end()) {
      times.insert(*found);
    } else {
      judgement.missing.push_back(witness.key.KeyId());
    }
  }
  for (const Policy::Witness& witness : policy.witnesses()) {
    const std::string keyid = witness.key.KeyId();
    if (!times.contains(keyid)) continue;
    if (IsAhead(times, keyid, clock)) {
      judgement.ahead.push_back(keyid);
      continue;
    }
    judgement.counted.push_back(keyid);
    judgement.newest_unix_seconds = std::max(judgement.newest_unix_seconds, times[keyid]);
  }
  judgement.quorum = policy.IsQuorum({judgement.counted.begin(), judgement.counted.end()});
  judgement.fresh = clock.max_age == absl::InfiniteDuration() ||
                    clock.now - absl::FromUnixSeconds(judgement.newest_unix_seconds) <= clock.max_age;
  return judgement;
}

absl::Status CheckWitnessed(const Judgement& judgement) {
  if (judgement.quorum && judgement.fresh) return absl::OkStatus();
  if (judgement.quorum) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint's newest cosignature is too old; fetch a newer one: unix time ",
                     judgement.newest_unix_seconds));
  }
  std::string why = absl::StrCat(
      "checkpoint is not cosigned by a quorum of witnesses: ", judgement.counted.size(), " count");
  if (!judgement.missing.empty())
    absl::StrAppend(&why, "; missing: ", absl::StrJoin(judgement.missing, ", "));
  if (!judgement.ahead.empty()) {
    absl::StrAppend(&why, "; clocks more than ", absl::ToInt64Seconds(kMaxClockAhead),
                    " s ahead: ", absl::StrJoin(judgement.ahead, ", "));
  }
  return absl::FailedPreconditionError(why);
}

absl::StatusOr<JudgedCheckpoint> OpenJudged(absl::string_view note, const Policy& policy,
                                            const ClockRule& clock) {
  JudgedCheckpoint judged;
  ASSIGN_OR_RETURN(judged.opened, OpenCheckpoint(note, policy.log_keys(), policy.witness_keys()));
  judged.judgement = Judge(policy, judged.opened.cosigned, clock);
  return judged;
}

}  // namespace consort::ledger
