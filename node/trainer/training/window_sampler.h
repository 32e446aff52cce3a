// Draws training windows from recordings.
#ifndef CONSORT_NODE_TRAINER_TRAINING_WINDOW_SAMPLER_H_
#define CONSORT_NODE_TRAINER_TRAINING_WINDOW_SAMPLER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/random/seeded_random.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// Whether audio is so quiet (below -80 dB of full scale, mean square) that there is nothing to learn from it.
bool IsSilent(absl::Span<const float> audio);

// A recording, or a stretch of one, that windows are drawn from.
struct WindowSource {
  int64_t samples = 0;  // > 0
  double share = 1;     // > 0; in what proportion windows start here
  size_t group = 0;     // its tradition
};

// Each window starts from a source drawn by share, whatever its length, so that long ones do not dominate.
// One shorter than the window is followed by others of its group, each at most once in a window; what is
// still missing then is padding. A window that is all but silent is drawn again a few times. The same seed
// gives the same windows.
//
// From the second Draw on the next batch is read in a thread of its own while the caller learns from this
// one, so that decoding holds no step up. What is drawn, what state() says and which Draw fails do not depend
// on that. Not thread-safe.
class WindowSampler {
 public:
  // Reads `samples` samples of a source from `begin` on; fewer where it ends. Called from one thread at a
  // time, but not always the caller's, and for a batch more than is drawn.
  using Read =
      std::function<absl::StatusOr<std::vector<float>>(size_t source, int64_t begin, int64_t samples)>;

  // `sources`: at least one. `window`: samples, > 0.
  WindowSampler(std::vector<WindowSource> sources, int64_t window, uint64_t seed, Read read);
  ~WindowSampler();  // waits for the read that goes on
  WindowSampler(const WindowSampler&) = delete;
  WindowSampler& operator=(const WindowSampler&) = delete;

  // After an error the sampler is as it was before. Errors: those of `read`; DataLoss if a recording has
  // become shorter than its length.
  absl::StatusOr<Batch> Draw(int rows);

  // For each source, the number of windows so far in which it was heard.
  const std::vector<uint64_t>& windows() const { return state_.windows; }

  // What a continuation needs: the order of what comes next, and what was heard.
  struct State {
    uint64_t random = 0;
    std::vector<uint64_t> windows;
  };
  const State& state() const { return state_; }
  // Precondition: as many sources as this sampler has.
  void Restore(State state);

 private:
  struct Row {
    std::vector<float> audio;
    std::vector<size_t> sources;
  };
  struct Drawn {
    Batch batch;
    State after;
  };
  size_t Pick(std::vector<size_t>& left, SeededRandom& random) const;
  absl::StatusOr<Row> DrawRow(SeededRandom& random) const;
  absl::StatusOr<Row> DrawAudibleRow(SeededRandom& random) const;
  absl::StatusOr<Drawn> DrawFrom(State state, int rows) const;
  absl::StatusOr<Drawn> TakeAheadOrDraw(int rows);
  void ReadAhead(int rows);
  void DropAhead();

  const std::vector<WindowSource> sources_;
  const int64_t window_;
  const Read read_;
  State state_;
  bool drawn_before_ = false;
  std::atomic<bool> ahead_unwanted_ = false;
  int ahead_rows_ = 0;
  std::future<absl::StatusOr<Drawn>> ahead_;  // last: its thread uses everything above
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_WINDOW_SAMPLER_H_
