// The coordinator's own ledger entries about jobs and rounds, each built from rows and appended in the
// caller's transaction. Members: docs/formats/ledger.md.
#ifndef CONSORT_COORDINATOR_ROUNDS_ENTRIES_H_
#define CONSORT_COORDINATOR_ROUNDS_ENTRIES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/aggregation/aggregate.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Appends in one transaction. Errors of every call: those of Sequencer::AppendOwn; ResourceExhausted if the
// entry would be larger than an entry may be.
class EntryWriter {
 public:
  // Both borrowed for as long as this lives.
  EntryWriter(Transaction& transaction, Sequencer& sequencer)
      : transaction_(transaction), sequencer_(sequencer) {}

  // `base_digest`: tensor digest of the base model. `manifest_digests`: in their order.
  absl::StatusOr<Appended> Job(const JobRow& job, const v1::JobSpec& spec, const std::string& base_digest,
                               const std::vector<std::string>& manifest_digests);
  // `approved`: the offers that were approved, with their archives' key ids, by archive.
  absl::StatusOr<Appended> Roster(const JobRow& job,
                                  const std::vector<std::pair<OfferRow, std::string>>& approved);

  struct Weights {
    using OfTraditions = std::vector<std::pair<std::string, uint64_t>>;
    std::vector<std::pair<std::string, uint32_t>> archives;  // the frozen cohort
    std::vector<OfTraditions> shares;                        // of each archive, in their order
    OfTraditions traditions;                                 // over the whole cohort
  };
  absl::StatusOr<Appended> RoundOpen(const v1::JobSpec& spec, const RoundRow& round, const Weights& weights);

  // `participation`: with its contribution_index. `leaf_hash`: 32 bytes. `reason`: a code; "ok" when
  // accepted.
  absl::StatusOr<Appended> ContributionDecision(const RoundRow& round, const ParticipationRow& participation,
                                                const Appended& contribution, bool accepted,
                                                absl::string_view reason);
  absl::StatusOr<Appended> RoundAbandoned(const RoundRow& round, absl::string_view reason);
  absl::StatusOr<Appended> JobEnded(const JobRow& job, absl::string_view outcome, absl::string_view reason);

  // `participations`: all of the round, by archive. `round`: with its result.
  absl::StatusOr<Appended> Aggregation(const v1::JobSpec& spec, const RoundRow& round,
                                       const std::vector<ParticipationRow>& participations,
                                       const AggregateResult& result);
  // `base_digest`: tensor digest of the base model.
  absl::StatusOr<Appended> ModelRelease(const JobRow& job, const v1::JobSpec& spec,
                                        const std::string& base_digest,
                                        const std::vector<v1::TraditionResult>& results);

 private:
  Transaction& transaction_;
  Sequencer& sequencer_;
};

// The tensor digest of the base model, as the job's entry says. Errors: DataLoss; Internal.
absl::StatusOr<std::string> BaseDigestOf(Transaction& transaction, const JobRow& job);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_ENTRIES_H_
