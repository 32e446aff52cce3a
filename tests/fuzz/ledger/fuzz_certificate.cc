// Certificates and requests in PEM, as a stranger may send them to the enrolment.
#include <cstdint>
#include <cstdlib>

#include "common/crypto/certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view pem(reinterpret_cast<const char*>(data), size);
  static const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  static const auto* const authority =
      new consort::CertificateAuthority(consort::CertificateAuthority::Create("demo", now).value());
  consort::ReadCertificate(pem).status().IgnoreError();
  // Nobody but this authority's key could have made a chain to it.
  if (consort::VerifyChain(pem, authority->certificate_pem(), now).ok()) std::abort();
  const auto issued = authority->Issue(pem, {.spiffe_id = "spiffe://demo/archive/a"}, now);
  if (issued.ok() && consort::ReadCertificate(*issued)->spiffe_id != "spiffe://demo/archive/a") std::abort();
  return 0;
}
