#include "node/trainer/engine/tradition_losses.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/evaluation/reconstruction_score.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {
namespace {

// `parts` one window after the other; what is left at a part's end counts if it is all that the part has.
std::vector<Part> WindowsOf(const std::vector<Part>& parts, int64_t window) {
  std::vector<Part> windows;
  for (const Part& part : parts) {
    if (part.samples < window) windows.push_back(part);
    for (int64_t begin = 0; begin + window <= part.samples; begin += window) {
      windows.push_back({part.entry, part.begin + begin, window});
    }
  }
  return windows;
}

// The first audible of windows [begin, end); empty if all are silent.
absl::StatusOr<std::vector<float>> FirstAudible(Repertoire& repertoire, const std::vector<Part>& windows,
                                                size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    ASSIGN_OR_RETURN(std::vector<float> audio,
                     repertoire.Read(windows[i].entry, windows[i].begin, windows[i].samples));
    repertoire.Heard(windows[i].entry, 1);
    if (!IsSilent(audio)) return audio;
  }
  return std::vector<float>();
}

}  // namespace

absl::StatusOr<std::vector<v1::TraditionLoss>> LossesOfTraditions(Repertoire& repertoire,
                                                                  const std::vector<Part>& parts,
                                                                  FamilyModel& model, const JobTerms& terms) {
  std::map<std::string, std::vector<Part>> traditions;
  for (const Part& part : parts) traditions[repertoire.entries()[part.entry].tradition].push_back(part);
  std::vector<v1::TraditionLoss> losses;
  for (const auto& [tradition, stretches] : traditions) {
    double sum = 0;
    uint32_t windows = 0;
    const std::vector<Part> all = WindowsOf(stretches, terms.fit.window_samples);
    const size_t most = std::min(all.size(), kLossWindows);
    for (size_t i = 0; i < most; ++i) {
      ASSIGN_OR_RETURN(const std::vector<float> audio,
                       FirstAudible(repertoire, all, i * all.size() / most, (i + 1) * all.size() / most));
      if (audio.empty()) continue;
      ASSIGN_OR_RETURN(const RecordingScore scored,
                       ScoreRecording(model, terms.family->facts(), audio, tradition));
      sum += scored.score;
      ++windows;
    }
    if (windows == 0) continue;
    v1::TraditionLoss& loss = losses.emplace_back();
    loss.set_tradition(tradition);
    loss.set_loss(std::round(sum / windows * 1e4) / 1e4);
    loss.set_windows(windows);
  }
  return losses;
}

}  // namespace consort::trainer
