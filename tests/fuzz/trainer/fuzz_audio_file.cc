// Any bytes as a recording: refused with a code of RecordingProblem, or finite facts, samples and an excerpt
// that is no longer than was asked for.
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "node/trainer/audio/audio_file.h"
#include "node/trainer/audio/excerpt.h"
#include "node/trainer/audio/survey.h"
#include "tests/fuzz/support/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace consort::trainer;
  constexpr int kModelRateHz = 44100;
  constexpr int64_t kSamples = 4096;
  const consort::testing::MemoryFile file(data, size);
  const std::atomic<bool> stop = false;
  // A header may promise hours of silence in few bytes: bounded, or one input would take minutes.
  const auto facts = SurveyRecording(file.path(), {.min_seconds = 0.01, .max_seconds = 60}, stop);
  if (!facts.ok()) return 0;
  if (facts->frames <= 0 || facts->sample_rate_hz < AudioFile::kMinRateHz ||
      facts->sample_rate_hz > AudioFile::kMaxRateHz || !std::isfinite(facts->loudness_lufs)) {
    std::abort();
  }
  const int64_t begin = SamplesAtRate(facts->frames, facts->sample_rate_hz, kModelRateHz) / 2;
  const auto excerpt = ReadExcerpt(file.path(), kModelRateHz, begin, kSamples);
  if (!excerpt.ok()) return 0;
  if (excerpt->size() > kSamples) std::abort();
  for (const float sample : *excerpt) {
    if (!std::isfinite(sample)) std::abort();
  }
  return 0;
}
