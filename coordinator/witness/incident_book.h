// What archives, and the coordinator's own checks, hold against the log: kept, entered into the ledger,
// shown.
#ifndef CONSORT_COORDINATOR_WITNESS_INCIDENT_BOOK_H_
#define CONSORT_COORDINATOR_WITNESS_INCIDENT_BOOK_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consort/v1/ledger.pb.h"
#include "consort/v1/session.pb.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/node_gateway.h"
#include "coordinator/witness/ledger_metrics.h"

namespace consort::coordinator {

// Owned by the control executor. As a listener it takes IncidentReports, and a hello without an incident for
// the word that what its archive had reported is resolved there.
class IncidentBook final : public NodeEvents {
 public:
  // All borrowed.
  IncidentBook(Store& store, Sequencer& sequencer, Executor& executor, LedgerMetrics& metrics)
      : store_(store), sequencer_(sequencer), executor_(executor), metrics_(metrics) {}

  // Counts what is open. Once, before sessions are let in. Errors: those of the store.
  absl::Status Load();

  // Keeps an incident and enters it into the ledger; the same `id` again is once. An archive cannot have more
  // than kMaxOpen open: what goes beyond is only logged. `logged` false: kept without an entry, where the
  // ledger takes none. Errors: InvalidArgument for a kind that the ledger does not know; those of the store.
  enum class Entry { kAppend, kNone };
  absl::Status Report(const std::string& archive, const v1::IncidentReport& report, Entry entry);

  // True while one of this kind that concerns the archive is open.
  absl::StatusOr<bool> IsOpen(const std::string& archive, const std::string& kind);
  // Oldest first.
  absl::StatusOr<std::vector<v1::Incident>> List();
  // Incidents that are not resolved, as of the last change.
  uint32_t open() const { return open_; }

  void OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) override;
  void OnSessionResumed(const std::string&) override {}
  void OnSessionGone(const std::string&) override {}
  void OnMessage(const std::string& archive, const v1::Envelope& envelope) override;

  static constexpr size_t kMaxOpen = 16;                 // an archive
  static constexpr size_t kMaxEvidence = 8;              // pieces of one incident
  static constexpr size_t kMaxEvidenceBytes = 64 << 10;  // each
  static constexpr size_t kMaxDetailBytes = 200;

 private:
  absl::Status Resolve(const std::string& archive);
  absl::StatusOr<uint64_t> AppendEntry(Transaction& transaction, const IncidentRow& row,
                                       const v1::IncidentReport& report, int64_t resolved_index);

  Store& store_;
  Sequencer& sequencer_;
  Executor& executor_;
  LedgerMetrics& metrics_;
  uint32_t open_ = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_WITNESS_INCIDENT_BOOK_H_
