#include "coordinator/app/report_source.h"

#include <optional>
#include <vector>

#include "common/explain/job_report.h"
#include "common/status/macros.h"
#include "coordinator/ledger/commitments.h"

namespace consort::coordinator {

absl::StatusOr<std::string> ReportOf(const std::string& job_id, Store& store, const Sequencer& sequencer) {
  std::vector<explain::ReportEntry> entries;
  explain::ReportProof proof;
  proof.log_vkey = sequencer.log_key().verifier().ToString();
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const JobRow job, transaction.GetJob(job_id));
    for (const std::string& commitment : {job.name_commitment, job.submitter_commitment}) {
      if (commitment.empty()) continue;
      ASSIGN_OR_RETURN(proof.openings[commitment], CommittedText(transaction, commitment));
    }
    ASSIGN_OR_RETURN(const std::optional<CheckpointRow> sealed, transaction.LatestCheckpoint());
    if (sealed.has_value()) proof.checkpoint = sealed->note;
    ASSIGN_OR_RETURN(const std::optional<WitnessedRow> witnessed, transaction.LatestWitnessed());
    if (witnessed.has_value()) proof.witnessed_size = witnessed->size;
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    // Nothing about a job stands before its own entry.
    const uint64_t start = job.job_index < 0 ? size : static_cast<uint64_t>(job.job_index);
    return transaction.ReadLeaves(start, size, [&entries](const LeafRow& leaf) {
      entries.push_back({leaf.index, leaf.body});
      return absl::OkStatus();
    });
  }));
  return explain::RenderJobReport(job_id, entries, proof);
}

}  // namespace consort::coordinator
