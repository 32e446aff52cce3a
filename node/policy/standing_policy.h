// Approves or refuses a job in the name of the archive's board, by rules that it set beforehand.
#ifndef CONSORT_NODE_POLICY_STANDING_POLICY_H_
#define CONSORT_NODE_POLICY_STANDING_POLICY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "consort/v1/job.pb.h"
#include "consort/v1/session.pb.h"

namespace consort::node {

// What is not allowed here is refused: the defaults allow nothing.
struct StandingPolicy {
  std::vector<std::string> purposes;       // of a job, e.g. "train.generative"; empty: none
  std::vector<std::string> architectures;  // empty: any
  uint64_t max_update_bytes = 0;           // largest update of one round
  uint32_t max_rounds = 0;                 // of one job
  uint32_t min_quorum = 1;                 // fewest archives in the average of a round
};

// A public reason code; it goes into the ledger.
struct PolicyDecision {
  bool approved = false;
  std::string reason;  // "ok" with approved; otherwise purpose-not-allowed, architecture-not-allowed,
                       // privacy-not-allowed, too-many-rounds, quorum-too-small, update-too-large,
                       // no-usable-recording
};

// The first rule that refuses decides. `plan` is what this archive would do for `spec`.
PolicyDecision Decide(const StandingPolicy& policy, const v1::JobSpec& spec, const v1::Plan& plan);

// Canonical JSON (RFC 8785) of the policy; lists in name order, so that the same rules have the same digest.
// Errors: InvalidArgument for a number past 2^53-1 or bad UTF-8.
absl::StatusOr<std::string> PolicyJson(const StandingPolicy& policy);
// SHA-256 of PolicyJson, hex: `policy_digest` of an approval entry.
absl::StatusOr<std::string> PolicyDigest(const StandingPolicy& policy);

}  // namespace consort::node

#endif  // CONSORT_NODE_POLICY_STANDING_POLICY_H_
