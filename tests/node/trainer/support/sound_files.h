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
// Noise that any language makes alike: the linear congruential generator of Numerical Recipes, in [-gain,
// gain).
std::vector<float> Noise(uint32_t seed, size_t samples, float gain);
// The sum of sines of `hertz` * k and amplitude 0.3 / k, k from 1 to `partials`.
std::vector<float> Sawtooth(double hertz, size_t samples, int rate_hz, int partials = 12);

// Writes `mono` to `path`, the same in each of `channels`. Fails the running test if libsndfile does.
void WriteSound(const std::string& path, const std::vector<float>& mono, int rate_hz,
                SoundFormat format = SoundFormat::kWav16, int channels = 1);

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_SUPPORT_SOUND_FILES_H_
