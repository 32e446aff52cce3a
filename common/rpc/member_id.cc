#include "common/rpc/member_id.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr absl::string_view kScheme = "spiffe://";
constexpr size_t kMaxMemberNameBytes = 40;       // stays readable in tables and in key names
constexpr size_t kMaxFederationNameBytes = 100;  // a SPIFFE trust domain is at most 255

constexpr std::array<std::pair<v1::Role, absl::string_view>, 4> kRoleWords = {{
    {v1::ROLE_ARCHIVE, "archive"},
    {v1::ROLE_RESEARCHER, "researcher"},
    {v1::ROLE_AUDITOR, "auditor"},
    {v1::ROLE_OPERATOR, "operator"},
}};

bool IsNameByte(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; }

}  // namespace

std::string MemberId::ToSpiffeId() const {
  return absl::StrCat(kScheme, federation, "/", RoleWord(role), "/", name);
}

absl::StatusOr<MemberId> ParseSpiffeId(absl::string_view spiffe_id) {
  absl::string_view rest = spiffe_id;
  const std::vector<absl::string_view> parts = absl::ConsumePrefix(&rest, kScheme)
                                                   ? std::vector<absl::string_view>(absl::StrSplit(rest, '/'))
                                                   : std::vector<absl::string_view>();
  if (parts.size() != 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "identity is not a member's; expected spiffe://<federation>/<role>/<name>, found '", spiffe_id, "'"));
  }
  RETURN_IF_ERROR(CheckFederationName(parts[0]));
  ASSIGN_OR_RETURN(const v1::Role role, RoleFromWord(parts[1]));
  RETURN_IF_ERROR(CheckMemberName(parts[2]));
  return MemberId{std::string(parts[0]), role, std::string(parts[2])};
}

std::string CoordinatorSpiffeId(absl::string_view federation) {
  return absl::StrCat(kScheme, federation, "/coordinator");
}

absl::string_view RoleWord(v1::Role role) {
  for (const auto& [known, word] : kRoleWords) {
    if (known == role) return word;
  }
  return "";
}

absl::StatusOr<v1::Role> RoleFromWord(absl::string_view word) {
  for (const auto& [role, known] : kRoleWords) {
    if (known == word) return role;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("role is unknown; use archive, researcher, auditor or operator: '", word, "'"));
}

absl::Status CheckMemberName(absl::string_view name) {
  const bool good = !name.empty() && name.size() <= kMaxMemberNameBytes &&
                    std::all_of(name.begin(), name.end(), IsNameByte) && !absl::StartsWith(name, "-") &&
                    !absl::EndsWith(name, "-");
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("member name is not usable; choose 1 to ", kMaxMemberNameBytes,
                   " of a-z, 0-9 and '-', with no '-' at either end: '", name, "'"));
}

absl::Status CheckFederationName(absl::string_view name) {
  const bool good = !name.empty() && name.size() <= kMaxFederationNameBytes &&
                    std::all_of(name.begin(), name.end(), [](char c) { return IsNameByte(c) || c == '.'; }) &&
                    absl::ascii_isalnum(name.front()) && absl::ascii_isalnum(name.back());
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("federation name is not usable; choose 1 to ", kMaxFederationNameBytes,
                   " of a-z, 0-9, '-' and '.', as in a DNS name: '", name, "'"));
}

}  // namespace consort
