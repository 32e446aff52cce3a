// Uploads and contributions: where an update is spooled, whether it may be added, and the verdict its archive
// gets.
#ifndef CONSORT_COORDINATOR_ROUNDS_CONTRIBUTIONS_H_
#define CONSORT_COORDINATOR_ROUNDS_CONTRIBUTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/rounds/archive_entries.h"
#include "coordinator/rounds/collecting.h"
#include "coordinator/rounds/engine_context.h"
#include "coordinator/rounds/update_inspection.h"

namespace consort::coordinator {

class Contributions {
 public:
  Contributions(EngineContext& context, Collecting& collecting)
      : context_(context), collecting_(collecting) {}

  // UpdateIntake, on the executor.
  absl::StatusOr<std::string> OpenSpool(const std::string& archive, const std::string& participation_id,
                                        uint64_t total_bytes);
  void OnSpoolProgress(const std::string& participation_id, uint64_t committed_bytes);
  void OnSpoolTrouble(const std::string& participation_id, const std::string& problem);
  void OnSpoolComplete(const std::string& participation_id, const std::string& digest);

  // A contribution is checked in two steps: what its entry says at once, what its payload says off the
  // executor. Both ends are one transaction: entry, decision and row. One that comes again gets the same
  // verdict again; one that comes too late is logged and rejected, so that the archive's series of entries
  // has no gap.
  void OnContribution(const std::string& archive, const v1::Envelope& envelope);

  struct Case;  // one contribution with the rows it is about: contribution_case.h

 private:
  absl::Status Take(const std::string& archive, const v1::Envelope& envelope);
  absl::Status CheckClaims(const Case& one) const;
  absl::Status Inspect(const Case& one);
  absl::Status OnInspected(const std::string& archive, const v1::Envelope& envelope,
                           const absl::StatusOr<Inspection>& inspection);
  // `problem` empty: accepted.
  absl::Status Decide(const Case& one, const std::string& problem);
  absl::Status DecideForeign(const std::string& archive, const v1::Envelope& envelope,
                             const ParticipationRow& claimed);
  absl::Status RefuseOpen(const std::string& archive, const std::string& round_id, const std::string& reason);
  absl::Status RepeatVerdict(const Case& one);
  void SendVerdict(const std::string& archive, const std::string& request_id,
                   const std::string& participation_id, bool accepted, const std::string& reason,
                   const Appended* contribution);
  absl::StatusOr<Case> ReadCase(const std::string& archive, const v1::Envelope& envelope);

  EngineContext& context_;
  Collecting& collecting_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_CONTRIBUTIONS_H_
