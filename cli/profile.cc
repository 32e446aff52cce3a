#include "cli/profile.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/config/document.h"
#include "common/crypto/key_file.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

std::string ProfilePath(const std::string& directory) { return directory + "/profile.toml"; }

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
}

std::string Toml(const Profile& profile) {
  return absl::StrCat(
      "# Written by `consort enrol`.\n[coordinator]\naddress = ", Quoted(profile.address),
      "\nproxy = ", Quoted(profile.proxy), "\n\n[federation]\nname = ", Quoted(profile.federation),
      "\nproject = ", Quoted(profile.project), "\n\n[member]\nrole = ", Quoted(profile.role),
      "\nname = ", Quoted(profile.name), "\n\n[ledger]\norigin = ", Quoted(profile.ledger_origin),
      "\nlog_vkey = ", Quoted(profile.log_vkey),
      "\ncoordinator_entry_vkey = ", Quoted(profile.coordinator_entry_vkey), "\n");
}

}  // namespace

std::string CertificatePath(const std::string& directory) { return directory + "/tls.pem"; }
std::string KeyPath(const std::string& directory) { return directory + "/tls.key"; }
std::string AuthorityPath(const std::string& directory) { return directory + "/ca.pem"; }

std::string ProfileDirectory(const std::string& option) {
  if (!option.empty()) return option;
  if (const char* set = std::getenv("CONSORT_PROFILE"); set != nullptr && *set != '\0') return set;
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "." : home, "/.config/consort");
}

absl::StatusOr<Profile> ReadProfile(const std::string& directory) {
  auto document = ConfigDocument::Read(ProfilePath(directory), NoEnvironment());
  if (absl::IsNotFound(document.status())) {
    return absl::NotFoundError(absl::StrCat(
        "nobody has enrolled with this profile; run `consort enrol INVITATION` or give --profile: ",
        directory));
  }
  if (!document.ok()) return document.status();
  Profile profile;
  ASSIGN_OR_RETURN(profile.address, document->String("coordinator", "address"));
  ASSIGN_OR_RETURN(profile.proxy, document->String("coordinator", "proxy", ""));
  ASSIGN_OR_RETURN(profile.federation, document->String("federation", "name"));
  ASSIGN_OR_RETURN(profile.project, document->String("federation", "project"));
  ASSIGN_OR_RETURN(profile.role, document->String("member", "role"));
  ASSIGN_OR_RETURN(profile.name, document->String("member", "name"));
  ASSIGN_OR_RETURN(profile.ledger_origin, document->String("ledger", "origin"));
  ASSIGN_OR_RETURN(profile.log_vkey, document->String("ledger", "log_vkey"));
  ASSIGN_OR_RETURN(profile.coordinator_entry_vkey, document->String("ledger", "coordinator_entry_vkey"));
  RETURN_IF_ERROR(document->RefuseUnknown());
  return profile;
}

absl::Status WriteProfile(const std::string& directory, const Profile& profile,
                          const ProfileSecrets& secrets) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  if (error)
    return absl::InternalError(
        absl::StrCat("cannot make the profile's folder: ", error.message(), ": ", directory));
  RETURN_IF_ERROR(WriteNewFile(KeyPath(directory), secrets.key_pem, 0600));
  RETURN_IF_ERROR(WriteNewFile(CertificatePath(directory), secrets.certificate_pem, 0644));
  RETURN_IF_ERROR(WriteNewFile(AuthorityPath(directory), secrets.authority_pem, 0644));
  return WriteNewFile(ProfilePath(directory), Toml(profile), 0644);
}

}  // namespace consort::cli
