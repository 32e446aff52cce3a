#include "node/trainer/descriptors/chroma.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "node/trainer/descriptors/short_time_spectrum.h"
#include "tests/node/trainer/support/sound_files.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::Sine;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<SpectralPeak> PeaksOf(const std::vector<double>& tones) {
  std::vector<float> frame(2048);
  for (const double hertz : tones) {
    const std::vector<float> tone = Sine(hertz, 0.05, 44100, 0.2f);
    for (size_t i = 0; i < frame.size(); ++i) frame[i] += tone[i];
  }
  ShortTimeSpectrum spectrum = ShortTimeSpectrum::Create(SpectrumSizes()).value();
  std::vector<SpectralPeak> peaks;
  FindPeaks(spectrum.Power(frame), 44100.0 / 2048, peaks);
  return peaks;
}

double Hertz(double semitones) { return 440 * std::exp2((semitones - 69) / 12); }

TEST(ChromaTest, PeakOfASineIsWithinThreeCents) {
  for (const double semitones : {57.0, 60.3, 69.0, 81.7, 96.0}) {
    const std::vector<SpectralPeak> peaks = PeaksOf({Hertz(semitones)});
    ASSERT_THAT(peaks, SizeIs(::testing::Ge(1u)));
    const auto strongest = std::max_element(peaks.begin(), peaks.end(),
                                            [](const auto& a, const auto& b) { return a.power < b.power; });
    EXPECT_NEAR(strongest->semitones, semitones, 0.03);
  }
}

TEST(ChromaTest, MajorTriadIsThreeEqualClasses) {
  const Chroma chroma = ChromaOf(PeaksOf({Hertz(72), Hertz(76), Hertz(79)}));  // C5, E5, G5
  EXPECT_NEAR(chroma[0], 1 / 3.0, 0.07);
  EXPECT_NEAR(chroma[4], 1 / 3.0, 0.07);
  EXPECT_NEAR(chroma[7], 1 / 3.0, 0.07);
  EXPECT_NEAR(std::accumulate(chroma.begin(), chroma.end(), 0.0f), 1, 1e-5);
}

TEST(ChromaTest, OctavesAreOneClass) {
  const Chroma chroma = ChromaOf(PeaksOf({220, 440, 880, 1760}));
  EXPECT_GT(chroma[9], 0.95);
}

TEST(ChromaTest, ANoteBetweenTwoClassesCountsForBoth) {
  const Chroma chroma = ChromaOf(std::vector<SpectralPeak>{{69.25, 2.0}});
  EXPECT_FLOAT_EQ(chroma[9], 0.75f);
  EXPECT_FLOAT_EQ(chroma[10], 0.25f);
}

TEST(ChromaTest, ALowNoteBelowCMinusOneWraps) {
  const Chroma chroma = ChromaOf(std::vector<SpectralPeak>{{-1.0, 1.0}});
  EXPECT_FLOAT_EQ(chroma[11], 1.0f);
}

TEST(ChromaTest, SilenceHasNoPeaksAndNoChroma) {
  std::vector<SpectralPeak> peaks = {{1, 1}};
  FindPeaks(std::vector<float>(1025), 44100.0 / 2048, peaks);
  EXPECT_THAT(peaks, IsEmpty());
  EXPECT_THAT(ChromaOf(peaks), Each(0.0f));
  FineChroma fine = {};
  AddTo(fine, peaks);
  EXPECT_EQ(TuningCents(fine), 0);
  EXPECT_THAT(TunedChroma(fine, 0), Each(0.0f));
}

TEST(ChromaTest, TuningIsFoundAndTakenOut) {
  for (const double cents : {-45.0, -20.0, 0.0, 30.0, 45.0}) {
    FineChroma fine = {};
    for (const double note : {60.0, 62.0, 64.0, 67.0, 69.0}) {  // a pentatonic scale
      AddTo(fine, std::vector<SpectralPeak>{{note + cents / 100, 1.0}});
    }
    const double tuning = TuningCents(fine);
    EXPECT_NEAR(tuning, cents, 0.5) << cents;
    const Chroma chroma = TunedChroma(fine, tuning);
    for (const int pitch_class : {0, 2, 4, 7, 9}) EXPECT_NEAR(chroma[pitch_class], 0.2, 1e-5) << cents;
  }
}

}  // namespace
}  // namespace consort::trainer
