// What an archive signs with each of its keys to prove at enrolment that it holds them; the proof is a member
// of key-enrol, so that everyone who reads the ledger can check it again.
#ifndef CONSORT_COMMON_LEDGER_KEY_POSSESSION_H_
#define CONSORT_COMMON_LEDGER_KEY_POSSESSION_H_

#include <array>
#include <string>

#include "absl/strings/string_view.h"

namespace consort::ledger {

// Purposes of an archive's keys, in the order in which it submits them.
inline constexpr std::array<absl::string_view, 3> kKeyPurposes = {"entries", "mirror", "approval"};

// "consort.enrol.v1" LF purpose LF name LF SHA-256(token) in hex LF. The token's digest binds the proof to
// one invitation: a recorded proof enrols nobody else.
std::string EnrolmentProofText(absl::string_view purpose, absl::string_view name,
                               absl::string_view token_sha256);

// "<name>.<federation>/<purpose>": how an archive's key is called in the ledger.
std::string ArchiveKeyName(absl::string_view name, absl::string_view federation, absl::string_view purpose);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_KEY_POSSESSION_H_
