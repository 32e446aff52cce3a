#include "node/trainer/families/latent_round.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {
namespace {

// The part of a recording that is encoded.
struct Part {
  size_t entry = 0;
  int64_t begin = 0;
  int64_t end = 0;

  int64_t windows() const { return (end - begin + kLatentWindow - 1) / kLatentWindow; }
};

std::vector<Part> PartsOf(const std::vector<Repertoire::Entry>& entries, int rate) {
  const int64_t share = kMostSecondsOfAnArchive * rate / std::max<int64_t>(entries.size(), 1);
  const int64_t most = std::min(kMostSecondsOfARecording * rate, share);
  std::vector<Part> parts;
  for (size_t entry = 0; entry < entries.size(); ++entry) {
    const int64_t samples = std::min(entries[entry].samples, most);
    const int64_t begin = (entries[entry].samples - samples) / 2;
    parts.push_back({entry, begin, begin + samples});
  }
  return parts;
}

class LatentRound {
 public:
  LatentRound(const FitContext& context, int64_t latent_size,
              const std::function<absl::StatusOr<std::vector<float>>(absl::Span<const float>)>& encode)
      : context_(context), latent_size_(latent_size), encode_(encode) {}

  absl::Status Run(const std::vector<Part>& parts, LatentTotals& totals) {
    for (const Part& part : parts) windows_ += part.windows();
    for (const Part& part : parts) RETURN_IF_ERROR(AddPart(part, totals));
    return absl::OkStatus();
  }

  uint64_t sounding() const { return sounding_; }

 private:
  // Rounded once for a recording, so that it counts the same wherever it lies.
  absl::Status AddPart(const Part& part, LatentTotals& totals) {
    LatentSums sums(latent_size_);
    for (int64_t begin = part.begin; begin < part.end; begin += kLatentWindow) {
      if (context_.stop) return absl::CancelledError("stopped while latents were added up");
      ASSIGN_OR_RETURN(
          const std::vector<float> audio,
          context_.repertoire.Read(part.entry, begin, std::min(kLatentWindow, part.end - begin)));
      context_.repertoire.Heard(part.entry, 1);
      if (!audio.empty() && !IsSilent(audio)) {
        ASSIGN_OR_RETURN(const std::vector<float> means, encode_(audio));
        RETURN_IF_ERROR(sums.Add(means));
        ++sounding_;
      }
      ++done_;
      if (context_.progress) context_.progress(static_cast<int>(done_), static_cast<int>(windows_), 0);
    }
    return totals.Add(sums);
  }

  const FitContext& context_;
  const int64_t latent_size_;
  const std::function<absl::StatusOr<std::vector<float>>(absl::Span<const float>)>& encode_;
  int64_t windows_ = 0;
  int64_t done_ = 0;
  uint64_t sounding_ = 0;
};

}  // namespace

absl::StatusOr<Fitted> AddUpLatents(
    const FitContext& context, const ArchitectureFacts& facts,
    const std::function<absl::StatusOr<std::vector<float>>(absl::Span<const float>)>& encode,
    LatentTotals& totals) {
  LatentRound round(context, facts.latent_size, encode);
  LatentTotals counted = totals;
  RETURN_IF_ERROR(round.Run(PartsOf(context.repertoire.entries(), facts.sample_rate_hz), counted));
  totals = std::move(counted);
  Fitted fitted;
  fitted.statistics = totals.Values();
  fitted.windows = round.sounding();
  return fitted;
}

}  // namespace consort::trainer
