// One TLS handshake with the coordinator, looked at from outside gRPC: what doctor explains.
#ifndef CONSORT_NODE_APP_TLS_PROBE_H_
#define CONSORT_NODE_APP_TLS_PROBE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/certificate.h"

namespace consort::node {

struct TlsFacts {
  std::string version;        // "TLSv1.3"
  std::string alpn;           // "h2"; empty if the server chose none
  std::string chain_problem;  // empty: the chain leads to our authority and is valid now
  CertificateFacts server;
};

// Greets on an open connection with our certificate, offering TLS 1.3 and h2, and reports what came back; a
// bad chain is reported, not refused. Errors: Unavailable with OpenSSL's reason when there is no handshake at
// all; NotFound, InvalidArgument for our own files.
absl::StatusOr<TlsFacts> ProbeTls(const FileDescriptor& connection, const std::string& certificate_path,
                                  const std::string& key_path, const std::string& ca_path);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_TLS_PROBE_H_
