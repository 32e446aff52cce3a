// A round that trains nothing: an archive adds up what the latents of its recordings are like, as the model
// has them that the round begins with.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_LATENT_ROUND_H_
#define CONSORT_NODE_TRAINER_FAMILIES_LATENT_ROUND_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/families/family.h"
#include "node/trainer/families/latent_totals.h"

namespace consort::trainer {

// What is encoded: of each recording the middle, at most this long, and of an archive at most this much,
// the same length of each recording. More would tell nothing new and take hours.
inline constexpr int64_t kMostSecondsOfARecording = 600;
inline constexpr int64_t kMostSecondsOfAnArchive = 3 * 3600;
// Samples that are encoded at once. Those that are silent do not count.
inline constexpr int64_t kLatentWindow = int64_t{1} << 19;

// Encodes with `encode`, which gives float32 [latent_size, frames], and adds to `totals`; on failure they are
// as they were. An archive may have nothing that sounds: then it adds nothing. Tells `context` of progress
// and of what was heard, and looks at its stop, window by window.
// The result has the totals as statistics, no deltas and no losses. Errors: Cancelled; those of
// Repertoire::Read, `encode`, LatentSums::Add and LatentTotals::Add.
absl::StatusOr<Fitted> AddUpLatents(
    const FitContext& context, const ArchitectureFacts& facts,
    const std::function<absl::StatusOr<std::vector<float>>(absl::Span<const float>)>& encode,
    LatentTotals& totals);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_LATENT_ROUND_H_
