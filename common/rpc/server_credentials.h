// TLS for the coordinator's one port, and the limits of its server.
#ifndef CONSORT_COMMON_RPC_SERVER_CREDENTIALS_H_
#define CONSORT_COMMON_RPC_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace consort {

struct ServerTlsFiles {
  std::string certificate_path;  // leaf, then the authority: clients that enrol pin the latter
  std::string key_path;
  std::string ca_path;  // the federation's authority: the only root for client certificates
};

// Asks every client for a certificate and verifies what comes, but lets clients without one connect: they may
// enrol, and the authorisation of each method denies them everything else. Changed files are taken up within
// kCertificateRefreshSeconds, without a restart. Errors: NotFound if a file is missing.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(const ServerTlsFiles& files);

// Keepalive, least gap between a client's pings, read-ahead and receive limit, as in docs/ARCHITECTURE.md.
void ApplyServerLimits(grpc::ServerBuilder& builder);

inline constexpr unsigned kCertificateRefreshSeconds = 5;
inline constexpr int kMaxReceiveBytes = 4 << 20;  // bulk bytes travel in chunks of 1 MiB
// Bytes of a stream that may wait in the server's memory before they are read. Left to itself gRPC lets this
// grow with the link's speed, to 15 MB a connection on loopback. 2 MiB carry 64 Mbit/s over a path of 250 ms.
inline constexpr int kReadAheadBytes = 2 << 20;
inline constexpr int kKeepaliveMillis = 30'000;
inline constexpr int kKeepaliveTimeoutMillis = 20'000;
inline constexpr int kMinimumPingGapMillis = 20'000;  // below the clients' keepalive, above abuse

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_SERVER_CREDENTIALS_H_
