// Plain TCP to the coordinator, straight or through a proxy: what doctor tries before TLS.
#ifndef CONSORT_NODE_APP_NETWORK_PROBE_H_
#define CONSORT_NODE_APP_NETWORK_PROBE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/artifact/durable_file.h"

namespace consort::node {

inline constexpr absl::Duration kProbeWithin = absl::Seconds(10);  // one step: connect, or one answer

// "host:port" or "[v6]:port". Errors: InvalidArgument.
absl::StatusOr<std::pair<std::string, std::string>> SplitAddress(absl::string_view address);

// Resolves a host name; returns its addresses joined by spaces. Errors: NotFound with the resolver's reason.
absl::StatusOr<std::string> Resolve(const std::string& host);

// Connects within kProbeWithin; later reads and writes have the same limit. Errors: Unavailable with the
// reason.
absl::StatusOr<FileDescriptor> ConnectTcp(const std::string& address);

// Asks an HTTP proxy on an open connection to pass on to `address`. Errors: Unavailable with its answer's
// first line.
absl::Status AskProxy(const FileDescriptor& connection, const std::string& address);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_NETWORK_PROBE_H_
