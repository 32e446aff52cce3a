#include "node/trainer/training/window_sampler.h"

#include <algorithm>
#include <cstddef>
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

WindowSampler::WindowSampler(std::vector<WindowSource> sources, int64_t window, uint64_t seed, Read read)
    : sources_(std::move(sources)),
      window_(window),
      read_(std::move(read)),
      state_{SeededRandom(seed).state(), std::vector<uint64_t>(sources_.size())} {}

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
    for (const size_t source : drawn.sources) ++state.windows[source];
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

// Takes one of `left` out, by share.
size_t WindowSampler::Pick(std::vector<size_t>& left, SeededRandom& random) const {
  double sum = 0;
  for (const size_t source : left) sum += sources_[source].share;
  double rest = random.Uniform() * sum;
  size_t place = 0;
  while (place + 1 < left.size() && rest >= sources_[left[place]].share) {
    rest -= sources_[left[place]].share;
    ++place;
  }
  const size_t picked = left[place];
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(place));
  return picked;
}

absl::StatusOr<WindowSampler::Row> WindowSampler::DrawRow(SeededRandom& random) const {
  Row row;
  std::vector<size_t> left(sources_.size());
  std::iota(left.begin(), left.end(), size_t{0});
  while (!left.empty() && static_cast<int64_t>(row.audio.size()) < window_) {
    const size_t source = Pick(left, random);
    if (row.sources.empty()) {
      const size_t group = sources_[source].group;
      left.erase(std::remove_if(left.begin(), left.end(),
                                [&](size_t other) { return sources_[other].group != group; }),
                 left.end());
    }
    const int64_t length = sources_[source].samples;
    const int64_t wanted = std::min(length, window_ - static_cast<int64_t>(row.audio.size()));
    const auto begin = static_cast<int64_t>(random.Below(static_cast<uint64_t>(length - wanted + 1)));
    ASSIGN_OR_RETURN(const std::vector<float> piece, read_(source, begin, wanted));
    if (static_cast<int64_t>(piece.size()) != wanted) {
      return absl::DataLossError(
          absl::StrCat("a recording has changed since it was surveyed; scan the folder again: ", piece.size(),
                       " samples read, ", wanted, " expected"));
    }
    row.audio.insert(row.audio.end(), piece.begin(), piece.end());
    row.sources.push_back(source);
  }
  return row;
}

}  // namespace consort::trainer
