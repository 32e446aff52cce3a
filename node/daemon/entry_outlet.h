// The one door through which this archive's ledger entries leave, in the order of their numbers.
#ifndef CONSORT_NODE_DAEMON_ENTRY_OUTLET_H_
#define CONSORT_NODE_DAEMON_ENTRY_OUTLET_H_

#include <deque>
#include <functional>
#include <optional>
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
#include "node/witness/incidents.h"

namespace consort::node {

// Entries go one by one. A coordinator that witnesses answers every one, with a verdict or an outcome; an
// older one answers contributions only, which it checks aside, and would refuse the next number until then.
// So nothing is signed while an answer is awaited; the rest waits here. Nor is anything while an incident is
// open. Owned by the daemon's executor; everything is borrowed.
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
    // Also where the ledger refuses the entry.
    std::function<void(const absl::Status&)> failed;
    std::function<void()> logged;  // the entry is in the ledger; may be empty
  };
  // What the coordinator promises for an entry that it accepted; empty if nothing.
  using TakeReceipt = std::function<void(const std::string& entry, const std::string& receipt)>;

  EntryOutlet(Session& session, EntrySigner& signer, const HeadKeeper& heads, const Incidents& incidents,
              Executor& executor, TakeReceipt take_receipt);

  // Sends the stored entry of this request again if it still holds, or signs one. Replaces a waiting request
  // with the same id.
  void Submit(Request request);
  // The verdict on `id` came. A refused entry without a receipt is not in the ledger: its number is free.
  void OnVerdict(const std::string& id, bool accepted, const std::string& receipt);
  // The answer to any other entry. One that nobody waits for is a repetition.
  void OnOutcome(const v1::EntryOutcome& outcome);
  // The work behind `id` was called off.
  void Resolve(const std::string& id);
  // Called once a session is up: brings our numbers in line with the ledger's. `answers`: every entry gets
  // one.
  void OnWelcome(uint64_t node_seq, bool resumed, bool answers);
  bool answers() const { return answers_; }

 private:
  // What was sent and has no answer.
  struct Unresolved {
    Request request;
    std::string entry;
    uint64_t node_seq = 0;
  };

  void Issue(Request& request);
  absl::StatusOr<std::string> EntryFor(const Request& request);
  void Release();

  Session& session_;
  EntrySigner& signer_;
  const HeadKeeper& heads_;
  const Incidents& incidents_;
  Executor& executor_;
  const TakeReceipt take_receipt_;
  bool answers_ = false;
  std::deque<Request> waiting_;
  std::optional<Unresolved> unresolved_;
  Executor::TimerId verdict_timer_ = 0;
  std::vector<uint64_t> sent_;  // session sequences of entries that may be unacknowledged
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_ENTRY_OUTLET_H_
