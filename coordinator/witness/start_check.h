// Asks the archives, before anything is signed after a start, whether any of them has seen more of this log
// than the database holds. A database that has forgotten something signs nothing and takes no entry.
#ifndef CONSORT_COORDINATOR_WITNESS_START_CHECK_H_
#define CONSORT_COORDINATOR_WITNESS_START_CHECK_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/node_gateway.h"
#include "coordinator/witness/incident_book.h"
#include "coordinator/witness/ledger_metrics.h"

namespace consort::coordinator {

// Owned by the control executor. Every hello is looked at, also of those who come when the log signs again.
class StartCheck final : public NodeEvents {
 public:
  // All borrowed.
  struct Parts {
    Store& store;
    Sequencer& sequencer;
    IncidentBook& incidents;
    LedgerMetrics& metrics;
  };
  explicit StartCheck(const Parts& parts) : parts_(parts) {}

  // Puts the log on hold until so many archives were heard that every quorum of the policy in force holds an
  // honest one of them; at once for good if an earlier start found the database rolled back. Nothing to ask:
  // no policy is in force. Once, before sessions are let in and before anything is sealed. Errors: those of
  // the store.
  absl::Status Begin();

  // Calls `signs` when the hold ends, and `rolled_back` when it is found that it never may.
  void OnSigning(std::function<void()> signs) { signs_ = std::move(signs); }
  // At once if it is found already.
  void OnRolledBack(std::function<void()> rolled_back) {
    rolled_back_ = std::move(rolled_back);
    if (rolled_back_found_) rolled_back_();
  }

  // As FederationStatus.ledger_hold: empty, "asking-witnesses: names" or "rolled-back: what shows it".
  std::string hold() const;

  void OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) override;
  void OnSessionResumed(const std::string&) override {}
  void OnSessionGone(const std::string&) override {}
  void OnMessage(const std::string&, const v1::Envelope&) override {}

 private:
  // What shows that the database has forgotten something; an empty detail: nothing does. `kind` as of an
  // incident.
  struct Finding {
    std::string kind;
    std::string detail;
    std::string evidence;
  };
  absl::StatusOr<Finding> CheckNote(Transaction& transaction, const std::string& note) const;
  absl::StatusOr<Finding> CheckReceipt(Transaction& transaction, const std::string& receipt) const;
  void RolledBack(const std::string& archive, const Finding& finding);
  void HoldForGood(const std::string& reason);
  // Archives that must be heard from and were not; empty: enough were.
  std::string StillToAsk() const;
  void Consider();

  Parts parts_;
  std::set<std::string> heard_;  // archives
  uint64_t sealed_size_ = 0;     // at the start
  bool asking_ = false;
  bool rolled_back_found_ = false;
  std::function<void()> signs_ = [] {};
  std::function<void()> rolled_back_ = [] {};
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_WITNESS_START_CHECK_H_
