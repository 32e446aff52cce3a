// The coordinator's own TLS certificate: issued at init, renewed by the coordinator itself.
#ifndef CONSORT_COORDINATOR_APP_SERVER_CERTIFICATE_H_
#define CONSORT_COORDINATOR_APP_SERVER_CERTIFICATE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/crypto/certificate.h"
#include "coordinator/app/coordinator_config.h"

namespace consort::coordinator {

// Renewed when less than this is left: long enough for a coordinator that is rarely started.
inline constexpr absl::Duration kRenewWithin = absl::Hours(24 * 120);

// Makes tls.pem (leaf, then authority) for the key in tls.key if there is none, if it ends within
// kRenewWithin or if it does not name the advertised host. The server takes a changed file up by itself.
// Errors: NotFound without a key; those of the authority and the disk.
absl::Status KeepServerCertificate(const CoordinatorConfig& config, const CertificateAuthority& authority,
                                   absl::Time now);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_SERVER_CERTIFICATE_H_
