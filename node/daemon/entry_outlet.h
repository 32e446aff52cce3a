// The one door through which this archive's ledger entries leave, in the order of their numbers.
#ifndef CONSORT_NODE_DAEMON_ENTRY_OUTLET_H_
#define CONSORT_NODE_DAEMON_ENTRY_OUTLET_H_

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/executor.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/entries.h"
#include "node/daemon/entry_signer.h"
#include "node/daemon/head_keeper.h"
#include "node/daemon/session.h"
#include "node/daemon/task_store.h"

namespace consort::node {

// The coordinator checks a contribution aside and answers it with a verdict; until then it would refuse the
// next number. So nothing is signed between a contribution and its verdict; the rest waits here. Owned by the
// daemon's executor; everything is borrowed.
class EntryOutlet {
 public:
  // A verdict takes as long as reading one update from disk; after this the session is begun anew.
  static constexpr absl::Duration kVerdictWithin = absl::Minutes(2);
  static constexpr size_t kMaxWaiting = 256;  // a node works on a handful of jobs; more is not meant

  struct Request {
    const TaskStore* store = nullptr;  // where the entry is kept as kEntry
    std::string id;
    bool awaits_verdict = false;
    // Called when its turn has come: what to sign. A failure goes to `failed`.
    std::function<absl::StatusOr<EntryDraft>()> draft;
    // Called with the stored envelope before it leaves: the journal row. A failure goes to `failed`.
    std::function<absl::Status(const std::string& envelope)> before;
    // The message that carries it.
    std::function<v1::Envelope(const std::string& envelope)> wrap;
    std::function<void(const absl::Status&)> failed;
  };

  EntryOutlet(Session& session, EntrySigner& signer, const HeadKeeper& heads, Executor& executor);

  // Sends the stored entry of this request again if it still holds, or signs one. Replaces a waiting request
  // with the same id.
  void Submit(Request request);
  // The verdict for `id` came, or its work was called off.
  void Resolve(const std::string& id);
  // Called once a session is up: brings our numbers in line with the ledger's.
  void OnWelcome(uint64_t node_seq, bool resumed);

 private:
  void Issue(Request& request);
  absl::StatusOr<std::string> EntryFor(const Request& request);

  Session& session_;
  EntrySigner& signer_;
  const HeadKeeper& heads_;
  Executor& executor_;
  std::deque<Request> waiting_;
  std::string unresolved_;  // id of the contribution without verdict; empty if none
  Executor::TimerId verdict_timer_ = 0;
  std::vector<uint64_t> sent_;  // session sequences of entries that may be unacknowledged
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_ENTRY_OUTLET_H_
