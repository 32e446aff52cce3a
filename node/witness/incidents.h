// What this archive holds against the ledger: the evidence, and what a person has decided about it. While an
// incident is open the node signs nothing.
#ifndef CONSORT_NODE_WITNESS_INCIDENTS_H_
#define CONSORT_NODE_WITNESS_INCIDENTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace consort::node {

// Kinds. Permanent: they stand in the ledger's `incident` entries.
inline constexpr char kIncidentFork[] = "fork";          // two histories, or a root that no entries give
inline constexpr char kIncidentRollback[] = "rollback";  // a shorter history than one that was signed before
inline constexpr char kIncidentBadEntry[] = "bad-entry";
inline constexpr char kIncidentReceipt[] = "receipt-not-honoured";
inline constexpr char kIncidentOverdue[] = "receipt-overdue";
inline constexpr char kIncidentRestored[] = "restored";  // not the node but a person found it
inline constexpr char kIncidentKey[] = "key";            // our entry key has signed what we did not

// What a person may decide.
inline constexpr char kDecisionGoOn[] = "go-on";
inline constexpr char kDecisionAcceptRestored[] = "accept-restored";
inline constexpr char kDecisionStayStopped[] = "stay-stopped";

struct Incident {
  std::string id;    // 16 lower-case hex digits, made from kind and evidence
  std::string kind;  // `unreadable` for a folder whose incident.json cannot be read
  std::string detail;
  int64_t unix_seconds = 0;
  std::string decision;  // empty before
  std::string by;        // role of who decided
  int64_t decided_unix_seconds = 0;

  // Staying stopped is a decision that closes nothing.
  bool open() const { return decision.empty() || decision == kDecisionStayStopped; }
};

// File names and contents: "ours.note", "theirs.note", "receipt.json", "entry-12.json".
using Evidence = std::map<std::string, std::string>;

// One folder an incident, with incident.json and the evidence; evidence is written once and never again.
// Thread-safe: the control executor and the witness raise incidents, and both ask.
class Incidents {
 public:
  // More than so many at once say nothing new, and a log that lies must not fill the archive's disk.
  static constexpr size_t kMaxOpen = 16;

  // Creates `directory` if missing. Errors: the disk's.
  static absl::StatusOr<std::unique_ptr<Incidents>> Open(const std::string& directory);

  // Called for each new incident, on the thread that raised it. Set once, before anything is raised.
  void Observe(std::function<void(const Incident&)> raised) { raised_ = std::move(raised); }

  // Keeps the evidence, synced, and opens an incident. The same kind with the same evidence is the same
  // incident: nothing changes, also when a person has decided about it. Errors: the disk's; the incident is
  // open all the same, until the process ends at least.
  absl::Status Raise(absl::string_view kind, absl::string_view detail, const Evidence& evidence,
                     absl::Time now) CONSORT_EXCLUDES(mutex_);

  // Errors: NotFound; InvalidArgument for another decision or a `by` that is not a role word of 1 to 64 a-z,
  // 0-9 and '-'; the disk's, and nothing is decided.
  absl::Status Resolve(const std::string& id, absl::string_view decision, absl::string_view by,
                       absl::Time now) CONSORT_EXCLUDES(mutex_);

  std::vector<Incident> List() const CONSORT_EXCLUDES(mutex_);  // by time
  std::string OpenId() const CONSORT_EXCLUDES(mutex_);          // of the oldest open one; empty: none
  bool Knows(absl::string_view kind, const Evidence& evidence) const CONSORT_EXCLUDES(mutex_);
  // Errors: NotFound; the disk's.
  absl::StatusOr<Evidence> EvidenceOf(const std::string& id) const CONSORT_EXCLUDES(mutex_);

 private:
  struct Kept {
    Incident incident;
    Evidence unsaved;  // what a full disk did not take
  };

  explicit Incidents(std::string directory) : directory_(std::move(directory)) {}
  absl::Status Load(const std::string& id);
  absl::Status Save(const Incident& incident, const Evidence& evidence) const;

  const std::string directory_;
  std::function<void(const Incident&)> raised_;
  mutable Mutex mutex_;
  std::map<std::string, Kept> kept_ CONSORT_GUARDED_BY(mutex_);  // by id
};

}  // namespace consort::node

#endif  // CONSORT_NODE_WITNESS_INCIDENTS_H_
