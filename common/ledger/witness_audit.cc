#include "common/ledger/witness_audit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/key_file.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/export_layout.h"

namespace consort::ledger {
namespace {

std::string TimeText(int64_t unix_seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(unix_seconds), absl::UTCTimeZone());
}

std::string ClockText(const Judgement& judged, const VerifyOptions& options) {
  if (options.now == absl::InfiniteFuture()) return "no time was given to judge clocks by";
  if (judged.newest_unix_seconds == 0 && judged.ahead.empty()) return "no cosignature has a time";
  std::string text = judged.newest_unix_seconds == 0
                         ? "no cosignature counts"
                         : absl::StrCat("newest cosignature is of ", TimeText(judged.newest_unix_seconds));
  if (judged.ahead.empty()) return text;
  return absl::StrCat(text, "; dropped, more than ", absl::ToInt64Seconds(kMaxClockAhead),
                      " s ahead: ", absl::StrJoin(judged.ahead, ", "));
}

std::string QuorumText(const Judgement& judged, const Policy& policy, uint64_t witnessed, uint64_t newest,
                       bool is_given) {
  if (policy.asks_for_no_witness()) return "the policy asks for no witness";
  std::string text = witnessed == newest
                         ? absl::StrCat("all ", newest, " entries are witnessed: ", judged.counted.size(),
                                        " of ", policy.witnesses().size(), " witnesses have cosigned")
                         : absl::StrCat(witnessed, " of ", newest, " entries are witnessed");
  if (!is_given) absl::StrAppend(&text, " (policy read from the export: compare it with one you trust)");
  return text;
}

}  // namespace

std::optional<Policy> PublishedPolicy(const std::string& directory, Findings& findings) {
  const auto text = ReadPublicFile(absl::StrCat(directory, "/", kPolicyFile), kMaxPolicyBytes);
  if (absl::IsNotFound(text.status()) || (text.ok() && text->empty())) return std::nullopt;
  absl::StatusOr<Policy> policy = text.ok() ? Policy::Parse(*text) : text.status();
  if (policy.ok()) return *std::move(policy);
  findings.Fail("policy", absl::StrCat(kPolicyFile, ": ", policy.status().message()));
  return std::nullopt;
}

std::string CheckPolicyText(const std::string& directory, const std::string& given, const Rules& rules,
                            Findings& findings) {
  if (rules.policies().empty()) return "no policy-change entry states a policy";
  const auto& [index, text] = *rules.policies().rbegin();
  const auto published = ReadPublicFile(absl::StrCat(directory, "/", kPolicyFile), kMaxPolicyBytes);
  if (!published.ok() || *published != text) {
    findings.Fail("policy", absl::StrCat(kPolicyFile, " is not the policy that entry ", index, " states"));
  }
  return absl::StrCat("as entry ", index, " states it",
                      given.empty() || given == text ? "" : "; the policy that was given is another");
}

Witnessing CheckWitnesses(const NoteAudit& notes, const std::string& newest_note, uint64_t newest_size,
                          const Policy* policy, bool is_given, const VerifyOptions& options,
                          Findings& findings) {
  if (policy == nullptr) return {"no policy to judge by", "no policy to judge by", 0};
  const ClockRule clock{.now = options.now, .max_age = options.max_age};
  Judgement judged;
  const auto opened = notes.OpenCosigned(newest_note, newest_size);
  if (opened.ok()) judged = Judge(*policy, opened->cosigned, clock);
  Witnessing said;
  said.witnessed_size = judged.quorum ? newest_size : notes.WitnessedSize(*policy, clock);
  said.quorum = QuorumText(judged, *policy, said.witnessed_size, newest_size, is_given);
  said.clock = ClockText(judged, options);
  if (!opened.ok()) {
    findings.Fail("quorum", std::string(opened.status().message()));
  } else if (is_given && !judged.quorum) {
    findings.Fail("quorum", std::string(CheckWitnessed(judged).message()));
  }
  if (judged.quorum && !judged.fresh) findings.Fail("clock", std::string(CheckWitnessed(judged).message()));
  return said;
}

}  // namespace consort::ledger
