#include "node/trainer/training/window_sampler.h"

#include <algorithm>
#include <numeric>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

constexpr int kSilentDraws = 8;             // then a silent window is used after all
constexpr double kSilentMeanSquare = 1e-8;  // -80 dB of full scale

}  // namespace

bool IsSilent(absl::Span<const float> audio) {
  const double power = std::inner_product(audio.begin(), audio.end(), audio.begin(), 0.0);
  return power < kSilentMeanSquare * static_cast<double>(audio.size());
}

WindowSampler::WindowSampler(std::vector<int64_t> lengths, int64_t window, uint64_t seed, Read read)
    : lengths_(std::move(lengths)),
      window_(window),
      read_(std::move(read)),
      state_{SeededRandom(seed).state(), std::vector<uint64_t>(lengths_.size())} {}

WindowSampler::~WindowSampler() { DropAhead(); }

absl::StatusOr<Batch> WindowSampler::Draw(int rows) {
  ASSIGN_OR_RETURN(Drawn drawn, TakeAheadOrDraw(rows));
  state_ = std::move(drawn.after);
  // One draw may be all that is wanted; after two there will be more.
  if (drawn_before_) ReadAhead(rows);
  drawn_before_ = true;
  return std::move(drawn.batch);
}

void WindowSampler::Restore(State state) {
  DropAhead();
  state_ = std::move(state);
}

absl::StatusOr<WindowSampler::Drawn> WindowSampler::TakeAheadOrDraw(int rows) {
  if (ahead_.valid() && ahead_rows_ == rows) return ahead_.get();
  DropAhead();
  return DrawFrom(state_, rows);
}

void WindowSampler::ReadAhead(int rows) {
  ahead_rows_ = rows;
  try {
    ahead_ = std::async(std::launch::async, [this, rows, from = state_] { return DrawFrom(from, rows); });
  } catch (const std::system_error&) {
    // No thread to be had: the next Draw reads by itself.
  }
}

void WindowSampler::DropAhead() {
  if (!ahead_.valid()) return;
  ahead_unwanted_ = true;
  ahead_.wait();
  ahead_ = {};
  ahead_unwanted_ = false;
}

absl::StatusOr<WindowSampler::Drawn> WindowSampler::DrawFrom(State state, int rows) const {
  SeededRandom random(state.random);
  Batch batch;
  batch.samples = window_;
  for (int row = 0; row < rows; ++row) {
    if (ahead_unwanted_) return absl::CancelledError("a batch that was read ahead is not wanted");
    ASSIGN_OR_RETURN(Row drawn, DrawAudibleRow(random));
    for (size_t recording : drawn.recordings) ++state.windows[recording];
    batch.valid.push_back(static_cast<int64_t>(drawn.audio.size()));
    batch.audio.insert(batch.audio.end(), drawn.audio.begin(), drawn.audio.end());
    batch.audio.resize((row + 1) * window_, 0.0f);
  }
  state.random = random.state();
  return Drawn{std::move(batch), std::move(state)};
}

absl::StatusOr<WindowSampler::Row> WindowSampler::DrawAudibleRow(SeededRandom& random) const {
  for (int draw = 1;; ++draw) {
    ASSIGN_OR_RETURN(Row row, DrawRow(random));
    if (draw == kSilentDraws || !IsSilent(row.audio)) return row;
  }
}

absl::StatusOr<WindowSampler::Row> WindowSampler::DrawRow(SeededRandom& random) const {
  Row row;
  std::vector<size_t> left(lengths_.size());
  std::iota(left.begin(), left.end(), size_t{0});
  while (!left.empty() && static_cast<int64_t>(row.audio.size()) < window_) {
    const size_t pick = random.Below(left.size());
    const size_t recording = left[pick];
    left[pick] = left.back();
    left.pop_back();

    const int64_t wanted = std::min(lengths_[recording], window_ - static_cast<int64_t>(row.audio.size()));
    const int64_t begin = static_cast<int64_t>(random.Below(lengths_[recording] - wanted + 1));
    ASSIGN_OR_RETURN(const std::vector<float> piece, read_(recording, begin, wanted));
    if (static_cast<int64_t>(piece.size()) != wanted) {
      return absl::DataLossError(
          absl::StrCat("a recording has changed since it was surveyed; scan the folder again: ", piece.size(),
                       " samples read, ", wanted, " expected"));
    }
    row.audio.insert(row.audio.end(), piece.begin(), piece.end());
    row.recordings.push_back(recording);
  }
  return row;
}

}  // namespace consort::trainer
