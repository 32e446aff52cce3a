// An invitation: one line of text that lets one named member enrol once.
#ifndef CONSORT_COMMON_RPC_INVITATION_H_
#define CONSORT_COMMON_RPC_INVITATION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consort/v1/federation.pb.h"

namespace consort {

// Spelled "consort-invite-1." and the unpadded base64url of a JSON object with the members in brackets. It
// holds a secret (the token): whoever has the line can enrol under that name until it is used or expires.
// Never logged.
struct Invitation {
  std::string address;                   // [a] HOST:PORT of the coordinator, as members reach it
  std::string federation;                // [f]
  std::string ca_fingerprint;            // [c] SHA-256 of the authority's DER, 64 lower-case hex digits
  std::string token;                     // [t] base64url without padding
  v1::Role role = v1::ROLE_UNSPECIFIED;  // [r] as its word
  std::string name;                      // [n]
  int64_t expires_unix_seconds = 0;      // [e]
};

std::string FormatInvitation(const Invitation& invitation);

// White space around the line is ignored (it comes from mails and terminals). Members that are not known are
// ignored. Errors: InvalidArgument, without repeating the line, naming the first part that is wrong.
absl::StatusOr<Invitation> ParseInvitation(absl::string_view line);

// A fresh token: 32 random bytes, base64url without padding.
std::string NewInvitationToken();

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_INVITATION_H_
