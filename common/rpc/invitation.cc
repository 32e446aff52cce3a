#include "common/rpc/invitation.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort {
namespace {

constexpr absl::string_view kPrefix = "consort-invite-1.";
constexpr size_t kMaxInvitationBytes = 4096;  // a real one has about 350
constexpr size_t kTokenBytes = 32;            // 256 bits: not guessable, whatever the rate

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("invitation is not usable; copy the whole line again or ask for a new one: ", what));
}

absl::StatusOr<std::string> Text(const nlohmann::json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) {
    return Bad(absl::StrCat("member '", member, "' is missing"));
  }
  return found->get<std::string>();
}

}  // namespace

std::string FormatInvitation(const Invitation& invitation) {
  const nlohmann::json object = {{"a", invitation.address},
                                 {"f", invitation.federation},
                                 {"c", invitation.ca_fingerprint},
                                 {"t", invitation.token},
                                 {"r", std::string(RoleWord(invitation.role))},
                                 {"n", invitation.name},
                                 {"e", invitation.expires_unix_seconds}};
  const std::string json =
      object.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
  return absl::StrCat(kPrefix, absl::WebSafeBase64Escape(json));
}

absl::StatusOr<Invitation> ParseInvitation(absl::string_view line) {
  absl::string_view text = absl::StripAsciiWhitespace(line);
  if (text.size() > kMaxInvitationBytes) return Bad("the line is too long");
  if (!absl::ConsumePrefix(&text, kPrefix)) return Bad("it does not start with 'consort-invite-1.'");
  std::string json;
  if (!absl::WebSafeBase64Unescape(text, &json)) return Bad("it is cut or changed");
  const nlohmann::json object = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return Bad("it is cut or changed");

  Invitation invitation;
  ASSIGN_OR_RETURN(invitation.address, Text(object, "a"));
  ASSIGN_OR_RETURN(invitation.federation, Text(object, "f"));
  ASSIGN_OR_RETURN(invitation.ca_fingerprint, Text(object, "c"));
  ASSIGN_OR_RETURN(invitation.token, Text(object, "t"));
  ASSIGN_OR_RETURN(invitation.name, Text(object, "n"));
  ASSIGN_OR_RETURN(const std::string role, Text(object, "r"));
  ASSIGN_OR_RETURN(invitation.role, RoleFromWord(role));
  RETURN_IF_ERROR(CheckMemberName(invitation.name));
  RETURN_IF_ERROR(CheckFederationName(invitation.federation));
  RETURN_IF_ERROR(DigestFromHex(invitation.ca_fingerprint).status());
  const auto expires = object.find("e");
  if (expires == object.end() || !expires->is_number_integer()) return Bad("member 'e' is missing");
  invitation.expires_unix_seconds = expires->get<int64_t>();
  return invitation;
}

std::string NewInvitationToken() { return absl::WebSafeBase64Escape(RandomBytes(kTokenBytes)); }

}  // namespace consort
