// What the daemon's flows work with: built in main (or by a test), borrowed by all of them.
#ifndef CONSORT_NODE_DAEMON_PARTS_H_
#define CONSORT_NODE_DAEMON_PARTS_H_

#include <functional>
#include <string>
#include <vector>

#include "common/metrics/registry.h"
#include "common/sync/executor.h"
#include "node/daemon/entry_signer.h"
#include "node/daemon/head_keeper.h"
#include "node/daemon/round_open_check.h"
#include "node/daemon/stream.h"
#include "node/daemon/task_store.h"
#include "node/daemon/task_work.h"
#include "node/journal/egress_journal.h"
#include "node/policy/standing_policy.h"
#include "node/witness/incidents.h"
#include "node/witness/witness.h"

namespace consort::node {

// Constant after construction.
struct DaemonSettings {
  LedgerTrust trust;
  StandingPolicy policy;
  std::string policy_digest;
  std::string federation;
  std::string coordinator_address;
  std::string software_version;
  std::vector<std::string> capabilities;
  std::string state_directory;  // for the free space in the heartbeat
};

// The archive's private keys by purpose, the newest last; borrowed.
struct OwnKeys {
  std::vector<const SigningKey*> entries;
  std::vector<const SigningKey*> mirror;
};

struct DaemonParts {
  Executor& control;           // owns every flow, the session, the journal, the signer and the heads
  Executor& worker;            // runs TaskWork, and nothing else
  Executor& witness_executor;  // runs the witness: a training must not delay it
  StreamFactory& streams;
  TaskWork& work;  // touched on `worker` only
  EgressJournal& journal;
  HeadKeeper& heads;
  Witness& witness;      // touched on `witness_executor` only
  Incidents& incidents;  // thread-safe
  EntrySigner& signer;
  OwnKeys own_keys;
  const TaskStore& tasks;  // participations and evaluation tasks
  const TaskStore& jobs;   // offers and their answers
  MetricsRegistry& metrics;
  std::function<double()> uniform;  // draws from [0, 1): jitter
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_PARTS_H_
