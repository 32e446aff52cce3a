// The daemon's side of witnessing: hands what the session brings to the witness, its answers back, and stops
// the archive's part in the federation while an incident is open.
#ifndef CONSORT_NODE_DAEMON_WITNESSING_H_
#define CONSORT_NODE_DAEMON_WITNESSING_H_

#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consort/v1/control.pb.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/parts.h"
#include "node/daemon/session.h"
#include "node/witness/witness.h"

namespace consort::node {

// Owned by the daemon's executor and never waits: the witness works on an executor of its own, since a mirror
// may be minutes behind.
class Witnessing {
 public:
  // The protocol has one request under way; more than a few are not meant.
  static constexpr int kMaxRequests = 4;
  // How often connected time is told to the witness.
  static constexpr absl::Duration kTellTimeEvery = absl::Minutes(1);
  // What an incident report may carry (session.proto).
  static constexpr size_t kMaxEvidence = 8;
  static constexpr size_t kMaxEvidenceBytes = 64 * 1024;

  // `on_facts`: called when the witness knows more; `on_raised`: a new incident. Both on `parts.control`.
  struct Callbacks {
    std::function<void()> on_facts;
    std::function<void()> on_raised;
  };
  // Everything is borrowed.
  Witnessing(DaemonParts& parts, Session& session, Callbacks callbacks);

  void Start();
  void Stop();

  // `speaks`: the coordinator takes part in witnessing. A new session has lost what was reported and not
  // acknowledged: open incidents are reported again.
  void OnWelcome(bool speaks, bool resumed);
  void OnRequest(const v1::Envelope& asked);
  void OnHead(const std::string& note);
  // What the coordinator promised for an entry of ours that it accepted; empty if nothing.
  void OnReceipt(const std::string& entry, const std::string& receipt);
  void OnRevocation(const std::string& envelope);

  // A person has decided. With kRestored as `id` and accept-restored no incident is needed: a restored
  // coordinator that finds this node ahead of it says nothing that could be one. Errors: as
  // Incidents::Resolve; as HeadKeeper::SetBack, and then it can be decided again.
  static constexpr char kRestored[] = "restored";
  absl::Status Resolve(const std::string& id, const std::string& decision, const std::string& by);

  // False while an incident is open: nothing is signed and nothing contributed.
  bool may_contribute() const { return parts_.incidents.OpenId().empty(); }
  const WitnessFacts& facts() const { return facts_; }
  void Describe(v1::NodeStatus& status) const;

 private:
  void Learn(WitnessFacts facts);
  void Report(const std::string& id);
  void TellTime();
  void Post(std::function<void()> work);  // on the witness's executor, then the facts

  DaemonParts& parts_;
  Session& session_;
  const Callbacks callbacks_;
  WitnessFacts facts_;
  bool speaks_ = false;
  int requests_ = 0;                // under way
  std::set<std::string> reported_;  // incidents that this session was told of
  Executor::TimerId time_timer_ = 0;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_WITNESSING_H_
