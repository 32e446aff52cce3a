// The lower-case words that enums have in the ledger, in reasons and in metrics (docs/formats/ledger.md).
#ifndef CONSORT_COORDINATOR_JOBS_SPEC_WORDS_H_
#define CONSORT_COORDINATOR_JOBS_SPEC_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "consort/v1/job.pb.h"

namespace consort::coordinator {

std::string MethodWord(v1::Method method);           // full, adapter-frozen-a
std::string StrategyWord(v1::Strategy strategy);     // fedavg, fedavgm, fedadam
std::string WeightingWord(v1::Weighting weighting);  // examples, archive, tradition
std::string ObjectiveWord(v1::Objective objective);  // weighted, q-fair, minimax, no-harm
std::string PrivacyWord(v1::PrivacyMode mode);       // plain
std::string JobStateWord(v1::JobState state);        // submitted, awaiting-approval, ...
std::string RoundStateWord(v1::RoundState state);    // opened, recruiting, ...
std::string ParticipationStateWord(v1::ParticipationState state);
std::string VerdictWord(v1::TraditionResult::Verdict verdict);  // improved, unclear, harmed

// The machine code that a reason begins with: everything before the first ':'.
absl::string_view ReasonCode(absl::string_view reason);

// Whether nothing follows any more.
bool Ended(v1::JobState state);
bool Ended(v1::RoundState state);
// Whether the coordinator no longer waits for the archive in this round.
bool Ended(v1::ParticipationState state);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_JOBS_SPEC_WORDS_H_
