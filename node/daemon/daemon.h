// The archive's daemon: one session, and what its messages set in motion.
#ifndef CONSORT_NODE_DAEMON_DAEMON_H_
#define CONSORT_NODE_DAEMON_DAEMON_H_

#include <cstdint>
#include <set>
#include <string>

#include "consort/v1/control.pb.h"
#include "node/daemon/entry_outlet.h"
#include "node/daemon/evaluation.h"
#include "node/daemon/own_rotation.h"
#include "node/daemon/parts.h"
#include "node/daemon/planning.h"
#include "node/daemon/session.h"
#include "node/daemon/staff_entries.h"
#include "node/daemon/training.h"
#include "node/daemon/witnessing.h"
#include "node/daemon/work_queue.h"

namespace consort::node {

// Every call comes from `parts.control`. Both executors must have stopped before this goes.
class Daemon : private SessionOwner {
 public:
  static constexpr absl::Duration kControlRowEvery = absl::Minutes(1);
  // A coordinator sends its open tasks again within seconds of a new session; work that it has not asked
  // about by then belongs to a round that ended while we were away, and its files go.
  static constexpr absl::Duration kForgottenAfter = absl::Hours(1);

  Daemon(DaemonSettings settings, DaemonParts parts);

  void Start();
  // Ends the session and writes the last counted row. Work that runs is stored as far as it is and goes on
  // after a restart.
  void Stop();

  // Everything but the trainer's own description.
  v1::NodeStatus Status() const;

  // A person has decided about an incident. Errors: as Witnessing::Resolve.
  absl::Status ResolveIncident(const std::string& id, const std::string& decision, const std::string& by);
  void SubmitStaffEntry(const std::string& envelope, StaffEntries::Done done);

 private:
  void FillHello(v1::NodeHello& hello) override;
  v1::NodeHealth Health() override;
  absl::Status OnWelcome(const v1::Welcome& welcome, bool resumed) override;
  void OnMessage(const v1::Envelope& envelope) override;
  void OnDisconnected() override { UpdateMetrics(); }
  void OnSent(const v1::Envelope& envelope) override;

  void OnHead(const v1::LedgerHead& head);
  void OnOutcome(const v1::EntryOutcome& outcome);
  bool SpeaksForOurLedger(const v1::Welcome& welcome) const;
  void TakeFacts();
  void OnJobEnded(const v1::JobEnded& ended);
  void RetireForgotten();
  void Cancel(const std::string& id, const std::string& reason);
  void WriteControlRow();
  void ScheduleControlRow();
  void UpdateMetrics();

  DaemonSettings settings_;  // the keys of its trust follow the mirror
  DaemonParts parts_;
  Session session_;
  Witnessing witnessing_;
  EntryOutlet outlet_;
  WorkQueue queue_;
  Planning planning_;
  Training training_;
  Evaluation evaluation_;
  StaffEntries staff_entries_;
  OwnRotation rotation_;

  std::set<std::string> asked_;  // tasks that this session asked for and whose job has not ended
  Executor::TimerId forgotten_timer_ = 0;
  uint64_t control_messages_ = 0;  // since the last counted row
  uint64_t control_bytes_ = 0;
  Executor::TimerId control_timer_ = 0;
};

// Declares the metrics that daemon and flows write. Call once for each registry.
void DeclareNodeMetrics(MetricsRegistry& metrics);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_DAEMON_H_
