// The archive's TLS identity as the daemon uses it: private key and certificate chain in one file.
#ifndef CONSORT_NODE_DAEMON_TLS_IDENTITY_H_
#define CONSORT_NODE_DAEMON_TLS_IDENTITY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/certificate.h"

namespace consort::node {

// Where TLS finds its two halves; one path twice if they are in one file.
struct TlsFiles {
  std::string certificate_path;
  std::string key_path;
};

// The newer of the pair from enrolment and the file of a renewal, by the first moment of the certificates.
// Errors: as ReadPublicFile for the pair from enrolment when there is no file of a renewal;
// InvalidArgument for a certificate that cannot be read.
absl::StatusOr<TlsFiles> NewestTlsFiles(const TlsFiles& enrolled, const std::string& identity_path);

// Makes sure that `identity_path` holds the newest identity, and returns what its certificate says. The
// daemon uses and renews this file alone: it lies in its state, because the folder of the keys is closed to
// its writing, and it is one file, because key and certificate must change in one step. Errors: as
// NewestTlsFiles, ReadPrivateFile and SaveTlsIdentity.
absl::StatusOr<CertificateFacts> PrepareTlsIdentity(const TlsFiles& enrolled,
                                                    const std::string& identity_path);

// Replaces the file whole or not at all, mode 0600, synced. Errors: InvalidArgument if key and certificate do
// not belong together; the disk's. The file is then as it was.
absl::Status SaveTlsIdentity(const std::string& identity_path, absl::string_view key_pem,
                             absl::string_view chain_pem);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_TLS_IDENTITY_H_
