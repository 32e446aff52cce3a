// Limits of network calls: no call waits for ever.
#ifndef CONSORT_COMMON_RPC_DEADLINES_H_
#define CONSORT_COMMON_RPC_DEADLINES_H_

#include <grpcpp/client_context.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace consort {

// A unary call over a bad link: connection (3 round trips), TLS, one loss or two, and the answer.
inline constexpr absl::Duration kUnaryDeadline = absl::Seconds(30);
// Enrolment also signs certificates and waits for a person's machine to be reachable through a proxy.
inline constexpr absl::Duration kEnrolDeadline = absl::Seconds(60);
// A bulk transfer is limited by lack of progress, never by its length: no byte for so long ends it.
inline constexpr absl::Duration kTransferStallLimit = absl::Seconds(60);

inline void SetDeadline(grpc::ClientContext& context, absl::Duration limit = kUnaryDeadline) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + limit));
}

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_DEADLINES_H_
