// Loudness as broadcasters measure it (ITU-R BS.1770-4, EBU R 128), of one channel.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_LOUDNESS_METER_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_LOUDNESS_METER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

// What stands for silence, whose loudness would be minus infinity.
inline constexpr double kSilenceLufs = -100;

// y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].
struct Biquad {
  double b0 = 1, b1 = 0, b2 = 0, a1 = 0, a2 = 0;
};

// The two stages of K-weighting at a rate: a shelf that stands for the head, then a high-pass. BS.1770-4
// tables them for 48 kHz only (annex 1, tables 1 and 2); other rates get the bilinear transforms of the
// analogue filters that give those tables at 48 kHz (De Man, AES convention 145, 2018).
std::array<Biquad, 2> KWeighting(int sample_rate_hz);

// Measures a stream of samples; keeps the last 400 ms and 8 bytes for each 100 ms. Not thread-safe.
class LoudnessMeter {
 public:
  // Errors: InvalidArgument for a rate outside 8 to 192 kHz.
  static absl::StatusOr<LoudnessMeter> Create(int sample_rate_hz);

  // `samples`: finite, full scale = 1.
  void Add(absl::Span<const float> samples);
  // Loudness in LUFS of the last 400 ms, at least kSilenceLufs; before the first sample there was silence.
  double Momentary() const;
  // Gated loudness in LUFS of all so far: the mean power of the 400 ms blocks, one each 100 ms, above -70
  // LUFS and above the loudness of those minus 10 LU. kSilenceLufs if none is. A sound shorter than a block
  // is measured with silence behind it.
  double Integrated() const;

 private:
  explicit LoudnessMeter(int sample_rate_hz);

  std::array<Biquad, 2> stages_;
  std::array<std::array<double, 2>, 2> states_ = {};  // transposed direct form II
  int step_;                                          // samples between blocks
  std::vector<double> squares_;                       // of the last 400 ms, a ring
  size_t next_ = 0;
  double sum_ = 0;  // of squares_
  int64_t samples_ = 0;
  std::vector<double> block_powers_;  // those above the absolute gate
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_LOUDNESS_METER_H_
