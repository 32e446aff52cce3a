#include "node/trainer/models/pqmf.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace consort::trainer {
namespace {

double Power(const at::Tensor& signal) { return signal.to(at::kDouble).pow(2).sum().item<double>(); }

TEST(PqmfTest, RoundTripKeepsNoiseWithinSixtyDecibelsWithoutDelay) {
  const at::Tensor audio =
      at::rand({1, 1, 65536}, at::detail::createCPUGenerator(1), at::TensorOptions()) * 2 - 1;
  const Pqmf pqmf;
  const at::Tensor returned = pqmf.Synthesise(pqmf.Analyse(audio));
  ASSERT_EQ(returned.sizes(), audio.sizes());
  // The first and last 512 samples lack neighbours.
  const at::Tensor kept = audio.narrow(2, 512, 64512);
  const double snr = 10 * std::log10(Power(kept) / Power(kept - returned.narrow(2, 512, 64512)));
  // Measured for this prototype in the literature's form: 60.0 dB.
  EXPECT_GE(snr, 59.9);
}

TEST(PqmfTest, ToneComesOutInTheBandOfItsFrequency) {
  // Bands are 44100 / 32 = 1378 Hz wide: 5000 Hz lies in band 3.
  at::Tensor audio = at::empty({1, 1, 32768});
  for (int i = 0; i < 32768; ++i)
    audio.data_ptr<float>()[i] = std::sin(2 * std::numbers::pi * 5000 / 44100 * i);
  const at::Tensor bands = Pqmf().Analyse(audio);
  ASSERT_EQ(bands.sizes(), at::IntArrayRef({1, 16, 2048}));
  const double total = Power(bands);
  EXPECT_GT(Power(bands.select(1, 3)) / total, 0.999);
}

TEST(PqmfTest, MirroredBandsAreTurnedBack) {
  // 1500 Hz is 122 Hz above the lower edge of band 1, an odd one. Turned back, its band signal is slow: it
  // turns by 2 pi * 122 / 2756 = 0.277 a frame, not by pi - 0.277.
  at::Tensor audio = at::empty({1, 1, 32768});
  for (int i = 0; i < 32768; ++i)
    audio.data_ptr<float>()[i] = std::sin(2 * std::numbers::pi * 1500 / 44100 * i);
  const at::Tensor band = Pqmf().Analyse(audio).select(1, 1).narrow(1, 64, 1920).flatten();
  const at::Tensor spectrum = at::abs(at::fft_rfft(band));
  const double turn = spectrum.argmax().item<int64_t>() * 2 * std::numbers::pi / 1920;
  EXPECT_NEAR(turn, 2 * std::numbers::pi * (1500 - 44100.0 / 32) / (44100.0 / 16), 0.01);
}

}  // namespace
}  // namespace consort::trainer
