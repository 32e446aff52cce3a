// The predicates of the ledger entries that an archive signs. Members: docs/formats/ledger.md.
#ifndef CONSORT_NODE_DAEMON_ENTRIES_H_
#define CONSORT_NODE_DAEMON_ENTRIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/ledger/entry.h"
#include "consort/v1/session.pb.h"
#include "consort/v1/trainer.pb.h"
#include "node/policy/standing_policy.h"

namespace consort::node {

// What is to be signed: EntrySigner adds the members that every entry carries.
struct EntryDraft {
  ledger::Kind kind;
  std::vector<ledger::Subject> subjects;
  std::string predicate;  // a JSON object
};

// `plan_digest`: SHA-256 of the serialized Plan.
EntryDraft ApprovalDraft(const v1::Plan& plan, absl::string_view plan_digest, const PolicyDecision& decision,
                         absl::string_view policy_digest);

// A finished payload.
struct PayloadFacts {
  std::string digest;  // SHA-256, hex
  uint64_t bytes = 0;
};
// `result`: what the trainer said about the training; losses go along only if its job's objective asked for
// them.
EntryDraft ContributionDraft(const v1::TrainTask& task, const PayloadFacts& payload,
                             absl::string_view plan_digest, const v1::TrainResult& result);

struct EvaluationFacts {
  std::string before_digest;  // tensor digests
  std::string after_digest;
  uint64_t bytes_sent = 0;  // derived payload bytes that left for this job so far
  std::string journal_head;
};
// Scores are written with 4 decimals.
EntryDraft EvaluationDraft(const v1::EvaluateTask& task, const v1::EvaluateResult& result,
                           const EvaluationFacts& facts);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_ENTRIES_H_
