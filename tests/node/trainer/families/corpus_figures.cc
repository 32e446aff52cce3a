// Prints what the families without networks reach on the folders of recordings under CONSORT_CORPUS, each
// folder a tradition: F1 of descriptor-mixture (`consort-family-figures COMPONENTS ROUNDS`) and the
// yardstick's multi-scale STFT distance. Every third recording of a folder is held out, three times over, so
// that each is judged once by what was learnt without it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "node/trainer/audio/audio_file.h"
#include "node/trainer/families/concatenation.h"
#include "node/trainer/families/descriptor_mixture.h"
#include "node/trainer/measures/macro_f1.h"
#include "node/trainer/models/spectral_distance.h"
#include "tests/node/trainer/families/sound_repertoire.h"

namespace consort::trainer {
namespace {

constexpr int kFolds = 3;
constexpr int kRate = 44100;
constexpr size_t kScored = 10 * kRate;  // of a recording's middle, as evaluation does

struct Recording {
  std::string tradition;
  int fold = 0;
  std::vector<float> audio;
};

std::vector<float> ReadAll(const std::string& path) {
  auto file = AudioFile::Open(path).value();
  std::vector<float> all, mono;
  while (true) {
    const auto block = file->ReadBlock().value();
    if (block.empty()) return all;
    MixToMono(block, file->channels(), mono);
    all.insert(all.end(), mono.begin(), mono.end());
  }
}

std::vector<Recording> ReadCorpus(const std::string& directory) {
  std::map<std::string, std::string> traditions;  // by path
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!HasAudioExtension(entry.path().filename().string())) continue;
    traditions[entry.path().string()] = entry.path().parent_path().filename();
  }
  std::vector<Recording> recordings;
  std::map<std::string, int> seen;
  for (const auto& [path, tradition] : traditions) {
    recordings.push_back({tradition, seen[tradition]++ % kFolds, ReadAll(path)});
  }
  return recordings;
}

FamilyTerms Terms(const std::vector<Recording>& recordings, int components) {
  FamilyTerms terms;
  for (const Recording& recording : recordings) {
    if (terms.traditions.empty() || terms.traditions.back() != recording.tradition) {
      terms.traditions.push_back(recording.tradition);
    }
  }
  terms.model.components = components;
  terms.seed = 1;
  return terms;
}

void PrintClasses(const std::vector<Recording>& recordings, int components, int rounds) {
  std::vector<std::string> truth, predicted;
  std::atomic<bool> stop = false;
  for (int fold = 0; fold < kFolds; ++fold) {
    testing::SoundRepertoire repertoire;
    for (const Recording& recording : recordings) {
      if (recording.fold != fold) repertoire.Add(recording.tradition, recording.audio);
    }
    const auto model = DescriptorMixture().Load(Terms(recordings, components), {}, {}).value();
    for (int round = 0; round < rounds; ++round) {
      const Fitted fitted = model->Fit({repertoire, FitTerms(), {}, stop}).value();
      std::fprintf(stderr, "fold %d round %d: %.3f nats a segment under the parameters before, %.3f after\n",
                   fold, round + 1, -fitted.first_loss, -fitted.last_loss);
    }
    for (const Recording& recording : recordings) {
      if (recording.fold != fold) continue;
      const auto probabilities = model->Classify(recording.audio).value();
      truth.push_back(recording.tradition);
      predicted.push_back(model->classes()[std::max_element(probabilities.begin(), probabilities.end()) -
                                           probabilities.begin()]);
    }
  }
  const MacroF1 f1 = ComputeMacroF1(truth, predicted).value();
  std::printf("descriptor-mixture, %d components, %d rounds: macro F1 %.3f\n", components, rounds, f1.value);
  for (const auto& [tradition, value] : f1.by_class) std::printf("  %-20s %.3f\n", tradition.c_str(), value);
}

void PrintYardstick(const std::vector<Recording>& recordings) {
  using Clock = std::chrono::steady_clock;
  std::map<std::string, std::vector<double>> distances;
  double library_seconds = 0, adding = 0, searched = 0, searching = 0;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::map<std::string, UnitLibrary> libraries;
    const auto began = Clock::now();
    for (const Recording& recording : recordings) {
      UnitLibrary& library = libraries.try_emplace(recording.tradition, UnitSettings()).first->second;
      if (recording.fold == fold) continue;
      (void)library.Add(recording.audio).value();
      library_seconds += static_cast<double>(recording.audio.size()) / kRate;
    }
    const auto added = Clock::now();
    for (const Recording& recording : recordings) {
      if (recording.fold != fold) continue;
      const size_t begin = recording.audio.size() > kScored ? (recording.audio.size() - kScored) / 2 : 0;
      const auto target = absl::MakeConstSpan(recording.audio).subspan(begin, kScored);
      const UnitLibrary& library = libraries.at(recording.tradition);
      const auto output = YardstickReconstruction(library, target, std::nullopt).value();
      distances[recording.tradition].push_back(SpectralDistance(target, output).value());
      double samples = 0;
      for (size_t i = 0; i < library.recordings(); ++i)
        samples += static_cast<double>(library.recording(i).size());
      searched += samples / kRate * static_cast<double>(target.size()) / kRate;
    }
    adding += std::chrono::duration<double>(added - began).count();
    searching += std::chrono::duration<double>(Clock::now() - added).count();
  }
  std::printf(
      "yardstick, multi-scale STFT distance (one hour is taken in in %.1f s; 10 s in an hour take %.1f s)\n",
      3600 * adding / library_seconds, 36000 * searching / searched);
  for (const auto& [tradition, values] : distances) {
    double sum = 0;
    for (const double value : values) sum += value;
    std::printf("  %-20s mean %.2f  least %.2f  greatest %.2f  of %zu\n", tradition.c_str(),
                sum / static_cast<double>(values.size()), *std::min_element(values.begin(), values.end()),
                *std::max_element(values.begin(), values.end()), values.size());
  }
}

}  // namespace
}  // namespace consort::trainer

int main(int argc, char** argv) {
  const char* corpus = std::getenv("CONSORT_CORPUS");
  int components = 2, rounds = 10;
  if (corpus == nullptr || (argc > 1 && !absl::SimpleAtoi(argv[1], &components)) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &rounds))) {
    std::fprintf(stderr, "set CONSORT_CORPUS to a folder of folders; arguments: COMPONENTS ROUNDS\n");
    return 2;
  }
  const auto recordings = consort::trainer::ReadCorpus(corpus);
  consort::trainer::PrintYardstick(recordings);
  consort::trainer::PrintClasses(recordings, components, rounds);
}
