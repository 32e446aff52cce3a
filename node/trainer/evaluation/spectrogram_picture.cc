#include "node/trainer/evaluation/spectrogram_picture.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/descriptors/log_mel.h"
#include "node/trainer/evaluation/picture_text.h"

namespace consort::trainer {
namespace {

using Layout = SpectrogramLayout;

constexpr uint8_t kPaper = kBrightest + 1, kInk = kBrightest + 2;
constexpr float kLeastLoudest = 1e-10f;  // power: a silent original is dark, not all as loud as its loudest
constexpr int kTick = 6;
constexpr int kScaleLeft = Layout::kLeft + Layout::kColumns + 16, kScaleWidth = 18;
constexpr const char* kTitles[] = {"original", "before", "after"};

// Each lighter than the one before, so that the picture also reads in grey.
constexpr std::pair<double, Colour> kRamp[] = {
    {0.0, {8, 6, 24}},     {0.2, {44, 20, 92}},     {0.4, {122, 32, 122}},  {0.6, {200, 58, 94}},
    {0.8, {246, 132, 72}}, {0.92, {252, 208, 120}}, {1.0, {255, 250, 224}},
};

Colour RampAt(double share) {
  size_t next = 1;
  while (next + 1 < std::size(kRamp) && kRamp[next].first < share) ++next;
  const auto& [low, dark] = kRamp[next - 1];
  const auto& [high, light] = kRamp[next];
  Colour colour;
  for (int i = 0; i < 3; ++i) {
    colour[i] =
        static_cast<uint8_t>(std::lround(dark[i] + (share - low) / (high - low) * (light[i] - dark[i])));
  }
  return colour;
}

std::vector<Colour> MakePalette() {
  std::vector<Colour> palette;
  for (int i = 0; i <= kBrightest; ++i) palette.push_back(RampAt(static_cast<double>(i) / kBrightest));
  palette.push_back({255, 255, 255});
  palette.push_back({32, 32, 32});
  return palette;
}

// About a column a frame, however short the sound is.
absl::StatusOr<LogMelSpectrogram> Spectrogram(absl::Span<const float> audio, int sample_rate_hz) {
  LogMelSettings settings;
  settings.sizes = {.transform = 4096,
                    .hop = std::max<int>(1, static_cast<int>(audio.size() / Layout::kColumns)),
                    .window = 4096};
  settings.range = {Layout::kBands, kLowestHz, kHighestHz};
  settings.floor = 1e-20;
  return LogMel(audio, sample_rate_hz, settings);
}

void DrawPanel(Picture& picture, int panel, const LogMelSpectrogram& spectrogram, float loudest) {
  const double decibels_per_unit = 10 / std::log(10.0);
  for (int column = 0; column < Layout::kColumns; ++column) {
    const int64_t frame = std::min(column * spectrogram.frames / Layout::kColumns, spectrogram.frames - 1);
    const float* values = &spectrogram.values[frame * spectrogram.bands];
    for (int band = 0; band < Layout::kBands; ++band) {
      const double decibels = (values[band] - loudest) * decibels_per_unit;
      const double share = std::clamp(1 + decibels / kShownDecibels, 0.0, 1.0);
      picture.At(Layout::kLeft + column, Layout::Top(panel) + Layout::kBands - 1 - band) =
          static_cast<uint8_t>(std::lround(share * kBrightest));
    }
  }
}

void DrawPitchAxis(Picture& picture, int panel) {
  constexpr std::pair<double, const char*> kTicks[] = {
      {100, "100"}, {500, "500"}, {1000, "1k"}, {2000, "2k"}, {4000, "4k"}, {8000, "8k"}, {16000, "16k"}};
  const double low = MelOfHertz(kLowestHz), high = MelOfHertz(kHighestHz);
  for (const auto& [hertz, label] : kTicks) {
    const double share = (MelOfHertz(hertz) - low) / (high - low);
    const int y = Layout::Top(panel) + static_cast<int>(std::lround((1 - share) * (Layout::kBands - 1)));
    for (int x = Layout::kLeft - kTick; x < Layout::kLeft; ++x) picture.At(x, y) = kInk;
    DrawText(picture, Layout::kLeft - kTick - 4 - TextWidth(label), y - kTextHeight / 2, label, kInk);
  }
  DrawText(picture, Layout::kLeft - kTick - 4 - TextWidth("Hz"), Layout::Top(panel) - 2 * kTextHeight - 4,
           "Hz", kInk);
  DrawText(picture, Layout::kLeft, Layout::Top(panel) - kTextHeight - 6, kTitles[panel], kInk);
}

// Ticks a round number of seconds apart, at most ten steps of them.
void DrawTimeAxis(Picture& picture, double seconds) {
  double step = 0.01;
  for (const double factor : {2.0, 2.5, 2.0, 2.0, 2.5, 2.0, 2.0, 2.5, 2.0}) {
    if (seconds / step > 10) step *= factor;
  }
  const int top = Layout::Top(2) + Layout::kBands;
  for (int i = 0; i * step <= seconds + 1e-9; ++i) {
    const int x = Layout::kLeft +
                  std::min<int>(std::lround(i * step / seconds * Layout::kColumns), Layout::kColumns - 1);
    for (int y = top; y < top + kTick; ++y) picture.At(x, y) = kInk;
    const std::string label = absl::StrCat(std::round(i * step * 100) / 100);
    DrawText(picture, x - TextWidth(label) / 2, top + kTick + 6, label, kInk);
  }
  DrawText(picture, Layout::kLeft + Layout::kColumns + 20, top + kTick + 6, "s", kInk);
}

void DrawScale(Picture& picture) {
  const int top = Layout::Top(0), height = Layout::kBands;
  for (int y = 0; y < height; ++y) {
    const auto colour =
        static_cast<uint8_t>(std::lround((1 - static_cast<double>(y) / (height - 1)) * kBrightest));
    for (int x = 0; x < kScaleWidth; ++x) picture.At(kScaleLeft + x, top + y) = colour;
  }
  for (int decibels = 0; decibels <= kShownDecibels; decibels += 20) {
    const int y = top + static_cast<int>(std::lround(decibels / kShownDecibels * (height - 1)));
    for (int x = 0; x < kTick; ++x) picture.At(kScaleLeft + kScaleWidth + x, y) = kInk;
    DrawText(picture, kScaleLeft + kScaleWidth + kTick + 4, y - kTextHeight / 2, absl::StrCat(-decibels),
             kInk);
  }
  DrawText(picture, kScaleLeft, top - kTextHeight - 10, "dB", kInk);
}

}  // namespace

absl::StatusOr<Picture> DrawSpectrograms(absl::Span<const float> original, absl::Span<const float> before,
                                         absl::Span<const float> after, int sample_rate_hz) {
  Picture picture(Layout::kWidth, Layout::kHeight, MakePalette(), kPaper);
  float loudest = std::log(kLeastLoudest);
  for (int panel = 0; panel < 3; ++panel) {
    const absl::Span<const float> audio = panel == 0 ? original : panel == 1 ? before : after;
    ASSIGN_OR_RETURN(const LogMelSpectrogram spectrogram, Spectrogram(audio, sample_rate_hz));
    if (panel == 0) {
      loudest = std::max(loudest, *std::max_element(spectrogram.values.begin(), spectrogram.values.end()));
    }
    DrawPanel(picture, panel, spectrogram, loudest);
    DrawPitchAxis(picture, panel);
  }
  DrawTimeAxis(picture, static_cast<double>(original.size()) / sample_rate_hz);
  DrawScale(picture);
  return picture;
}

}  // namespace consort::trainer
