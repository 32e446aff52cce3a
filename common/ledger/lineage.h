// What has become of a contribution: which states, models, releases and later jobs it is in, computed from
// the log alone, so that anybody computes the same. A contribution is in the state that an aggregation made
// which lists its leaf; a state is in whatever starts from it, through rounds and jobs.
#ifndef CONSORT_COMMON_LEDGER_LINEAGE_H_
#define CONSORT_COMMON_LEDGER_LINEAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/ledger/entry.h"

namespace consort::ledger {

// One entry on the way, by what it is: members that its kind does not have are empty or 0.
struct LineageStep {
  uint64_t leaf = 0;
  Kind kind = Kind::kContribution;
  std::string job_id;
  uint64_t round = 0;
  std::string
      digest;  // tensors: of the state that an aggregation or release names, that a round or job starts from
  std::string artifact;  // of that state's file
  std::string code;      // decision: outcome; withdrawal: effect; erasure: ground
  std::string reason;    // decision, withdrawal: reason; erasure: the commitment
};

struct Reach {
  LineageStep contribution;  // digest: of the update
  std::string archive;
  std::optional<LineageStep> decision;
  std::vector<LineageStep> steps;  // round-open, aggregation, model-release and job that hold it, by leaf
  std::vector<LineageStep> marks;  // withdrawal and erasure that name it, by leaf

  // Those of `steps` of one kind.
  std::vector<LineageStep> Of(Kind kind) const;
};

// Fed entry by entry; memory grows with rounds and contributions. Signatures and rules are not judged here:
// VerifyExport does that. Not thread-safe.
class Lineage {
 public:
  // Takes the entry at `index`, the next one; kinds that carry nothing on are skipped. Errors:
  // InvalidArgument for an entry out of turn, one that cannot be read or lacks a member that is needed here,
  // naming leaf and member; nothing of it is remembered then.
  absl::Status Take(uint64_t index, absl::string_view envelope);

  uint64_t size() const { return size_; }

  // Errors: NotFound unless an entry at `leaf` was taken and is a contribution.
  absl::StatusOr<Reach> ReachOf(uint64_t leaf) const;

 private:
  struct Event {
    LineageStep step;
    std::string round_id;                 // round-open, contribution, aggregation
    std::string base_artifact;            // job: file of the base model
    std::string first_state;              // job: tensors before round 1
    std::vector<uint64_t> contributions;  // aggregation: leaves that it lists
    uint64_t about = 0;                   // decision, withdrawal, erasure: the leaf that it is about
    std::string archive;
  };
  class Walk;

  std::vector<Event> events_;                 // of the kinds that carry something on, by leaf
  std::map<uint64_t, size_t> contributions_;  // index into events_ by leaf
  uint64_t size_ = 0;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_LINEAGE_H_
