// Which of a job's manifests a round uses.
#ifndef CONSORT_COMMON_UPDATE_MANIFEST_TURN_H_
#define CONSORT_COMMON_UPDATE_MANIFEST_TURN_H_

#include <cstddef>
#include <cstdint>
#include <optional>

namespace consort {

// The index of the manifest in force in `round` (from 1) of a job of `rounds` rounds with so many
// `manifests`. They take turns; where the last round has one of its own, as for a latent analysis, that is
// the last of them and has no other turn. Nothing if there is no manifest for the round.
inline std::optional<size_t> ManifestTurn(size_t manifests, bool own_last, uint32_t round, uint32_t rounds) {
  if (round == 0 || manifests <= (own_last ? 1u : 0u)) return std::nullopt;
  if (own_last && round == rounds) return manifests - 1;
  return (round - 1) % (manifests - (own_last ? 1 : 0));
}

}  // namespace consort

#endif  // CONSORT_COMMON_UPDATE_MANIFEST_TURN_H_
