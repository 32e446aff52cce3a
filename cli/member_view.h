// A member of the federation as commands print it.
#ifndef CONSORT_CLI_MEMBER_VIEW_H_
#define CONSORT_CLI_MEMBER_VIEW_H_

#include "cli/printer.h"
#include "common/rpc/member_id.h"
#include "consort/v1/federation.pb.h"

namespace consort::cli {

inline Json MemberRecord(const v1::Member& member) {
  Json capabilities = Json::array();
  for (const std::string& capability : member.capabilities()) capabilities.push_back(capability);
  return {{"name", member.name()},
          {"role", std::string(RoleWord(member.role()))},
          {"connection", member.connection()},
          {"revoked", member.revoked()},
          {"last_seen_unix_seconds", member.last_seen_unix_seconds()},
          {"software_version", member.software_version()},
          {"spiffe_id", member.spiffe_id()},
          {"certificate_fingerprint", member.certificate_fingerprint()},
          {"certificate_expires_unix_seconds", member.certificate_expires_unix_seconds()},
          {"entry_vkey", member.entry_vkey()},
          {"capabilities", std::move(capabilities)}};
}

}  // namespace consort::cli

#endif  // CONSORT_CLI_MEMBER_VIEW_H_
