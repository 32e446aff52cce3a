// The way from this machine to the coordinator, step by step: name, TCP, proxy, TLS, and an answer.
#ifndef CONSORT_NODE_APP_NETWORK_CHECKS_H_
#define CONSORT_NODE_APP_NETWORK_CHECKS_H_

#include "absl/time/time.h"
#include "node/app/check_list.h"
#include "node/app/node_config.h"
#include "node/daemon/tls_identity.h"

namespace consort::node {

// Adds one result a step to `list` and stops where the next makes no sense. Each step is bounded.
void CheckNetwork(const NodeConfig& config, const TlsFiles& tls, absl::Time now, CheckList& list);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_NETWORK_CHECKS_H_
