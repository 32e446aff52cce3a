// Entries that the archive's staff signed with the approval key, on their way to the ledger.
#ifndef CONSORT_NODE_DAEMON_STAFF_ENTRIES_H_
#define CONSORT_NODE_DAEMON_STAFF_ENTRIES_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/signing_key.h"
#include "common/sync/executor.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/session.h"

namespace consort::node {

// The daemon cannot make them: it never has the approval key. Owned by the daemon's executor; everything is
// borrowed.
class StaffEntries {
 public:
  // The coordinator answers in milliseconds; the person at the terminal waits no longer.
  static constexpr absl::Duration kAnswerWithin = absl::Seconds(20);
  static constexpr size_t kMaxPending = 16;

  using Done = std::function<void(absl::StatusOr<v1::EntryOutcome>)>;

  StaffEntries(Session& session, Executor& executor) : session_(session), executor_(executor) {}

  // Sends the entry and calls `done` once, with the coordinator's outcome. Errors of the outcome:
  // InvalidArgument unless it is a withdrawal or erasure signed by one of `keys`, the archive's approval keys
  // in force; Unavailable while the session is down or no answer comes, and the entry may yet be logged;
  // ResourceExhausted for too many at once.
  void Submit(const std::string& envelope, const std::vector<VerifierKey>& keys, Done done);
  // Returns the envelope that the outcome is about; empty if none waits for it.
  std::string OnOutcome(const v1::EntryOutcome& outcome);

 private:
  struct Pending {
    std::string envelope;
    std::vector<Done> done;
    Executor::TimerId timer = 0;
  };
  void Finish(const std::string& digest, const absl::StatusOr<v1::EntryOutcome>& outcome);

  Session& session_;
  Executor& executor_;
  std::map<std::string, Pending> pending_;  // by payload digest
};

// SHA-256 of the envelope's payload, hex: how an outcome names an entry. Errors: InvalidArgument.
absl::StatusOr<std::string> PayloadDigestOf(const std::string& envelope);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_STAFF_ENTRIES_H_
