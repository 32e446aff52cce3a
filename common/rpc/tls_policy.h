// Refuses every TLS version before 1.3 in this process.
#ifndef CONSORT_COMMON_RPC_TLS_POLICY_H_
#define CONSORT_COMMON_RPC_TLS_POLICY_H_

namespace consort {

// Must run first in main, before any thread and any gRPC call: gRPC reads the setting once. gRPC 1.51 has no
// setter for the lowest version; it reads GRPC_SSL_CIPHER_SUITES, which names the suites of TLS 1.2 alone. A
// pre-shared-key suite there leaves TLS 1.2 without any usable suite and TLS 1.3 as it was.
void RequireTls13();

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_TLS_POLICY_H_
