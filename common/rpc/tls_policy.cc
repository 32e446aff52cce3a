#include "common/rpc/tls_policy.h"

#include <cstdlib>

namespace consort {

void RequireTls13() {
  // Fails only for lack of memory, where going on with an older TLS would be worse than ending.
  if (setenv("GRPC_SSL_CIPHER_SUITES", "ECDHE-PSK-CHACHA20-POLY1305", /*overwrite=*/1) != 0) std::abort();
}

}  // namespace consort
