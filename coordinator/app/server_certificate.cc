#include "coordinator/app/server_certificate.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

// Empty if the file cannot be read: what follows then says so better.
std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Names(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool StillGood(const std::string& pem, const CertificateAuthority::Subject& subject, absl::Time now) {
  const auto facts = ReadCertificate(pem);
  if (!facts.ok() || facts->spiffe_id != subject.spiffe_id || facts->not_after < now + kRenewWithin)
    return false;
  return std::all_of(subject.dns_names.begin(), subject.dns_names.end(),
                     [&](const std::string& name) { return Names(facts->dns_names, name); }) &&
         std::all_of(subject.ip_addresses.begin(), subject.ip_addresses.end(),
                     [&](const std::string& name) { return Names(facts->ip_addresses, name); });
}

}  // namespace

absl::Status KeepServerCertificate(const CoordinatorConfig& config, const CertificateAuthority& authority,
                                   absl::Time now) {
  ASSIGN_OR_RETURN(const HostPort advertised, SplitHostPort(config.advertise));
  CertificateAuthority::Subject subject;
  subject.spiffe_id = CoordinatorSpiffeId(config.federation);
  subject.dns_names = {kCoordinatorTlsName};
  (advertised.is_ip ? subject.ip_addresses : subject.dns_names).push_back(advertised.host);
  if (StillGood(ReadText(config.Key("tls.pem")), subject, now)) return absl::OkStatus();

  const std::string key = ReadText(config.Key("tls.key"));
  if (key.empty()) return absl::NotFoundError(absl::StrCat("TLS key is missing: ", config.Key("tls.key")));
  ASSIGN_OR_RETURN(const std::string request, MakeCertificateRequest(key));
  ASSIGN_OR_RETURN(const std::string certificate, authority.Issue(request, subject, now));
  return WriteFileDurably(config.Key("tls.pem"), absl::StrCat(certificate, authority.certificate_pem()));
}

}  // namespace consort::coordinator
