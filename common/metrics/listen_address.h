// The address that metrics are served at: loopback only, and nothing that CivetWeb would read as an option.
#ifndef CONSORT_COMMON_METRICS_LISTEN_ADDRESS_H_
#define CONSORT_COMMON_METRICS_LISTEN_ADDRESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort {

// Accepts "127.x.y.z:PORT" and "[::1]:PORT", PORT 0 to 65535 in plain digits. Errors: InvalidArgument, saying
// which part is wrong; "9464s" would turn on TLS and "8080,9464" listen twice.
absl::Status CheckMetricsAddress(absl::string_view listen);

}  // namespace consort

#endif  // CONSORT_COMMON_METRICS_LISTEN_ADDRESS_H_
