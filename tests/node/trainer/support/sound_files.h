// Makes sounds and sound files for tests.
#ifndef CONSORT_TESTS_NODE_TRAINER_SUPPORT_SOUND_FILES_H_
#define CONSORT_TESTS_NODE_TRAINER_SUPPORT_SOUND_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace consort::trainer::testing {

enum class SoundFormat { kWav16, kWav24, kWavFloat, kBwf, kRf64, kFlac, kOgg, kMp3 };

// A sine of `hertz`, mono.
std::vector<float> Sine(double hertz, double seconds, int rate_hz, float gain = 0.5f);
// A plucked-string-like sound with overtones that depends on `seed`, mono.
std::vector<float> Pluck(uint64_t seed, double seconds, int rate_hz);

// Writes `mono` to `path`, the same in each of `channels`. Fails the running test if libsndfile does.
void WriteSound(const std::string& path, const std::vector<float>& mono, int rate_hz,
                SoundFormat format = SoundFormat::kWav16, int channels = 1);

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_SUPPORT_SOUND_FILES_H_
