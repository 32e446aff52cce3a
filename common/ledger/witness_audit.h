// Judges which policy an export goes by and how far its witnesses have come. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_WITNESS_AUDIT_H_
#define CONSORT_COMMON_LEDGER_WITNESS_AUDIT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "common/ledger/findings.h"
#include "common/ledger/note_audit.h"
#include "common/ledger/policy.h"
#include "common/ledger/rules.h"
#include "common/ledger/verify.h"

namespace consort::ledger {

// The policy of an export's keys/policy. Nothing if the file is missing or cannot be read as one; then it
// fails the check "policy".
std::optional<Policy> PublishedPolicy(const std::string& directory, Findings& findings);

// Check "policy": keys/policy is the text of the newest policy-change. Returns what to say when it holds.
// `given`: the policy that the verifier brought; empty: none.
std::string CheckPolicyText(const std::string& directory, const std::string& given, const Rules& rules,
                            Findings& findings);

struct Witnessing {
  std::string quorum;  // what to say when the check "quorum" holds
  std::string clock;   // and "clock"
  uint64_t witnessed_size = 0;
};
// Checks "quorum" and "clock". `policy`: null if there is none to judge by. `is_given`: it was brought by the
// verifier and must be met by the newest checkpoint.
Witnessing CheckWitnesses(const NoteAudit& notes, const std::string& newest_note, uint64_t newest_size,
                          const Policy* policy, bool is_given, const VerifyOptions& options,
                          Findings& findings);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_WITNESS_AUDIT_H_
