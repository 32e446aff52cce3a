// The bar of a transfer: share, rate and time left, drawn over itself on a terminal and not at all elsewhere.
#ifndef CONSORT_CLI_TRANSFER_PROGRESS_H_
#define CONSORT_CLI_TRANSFER_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "cli/terminal.h"

namespace consort::cli {

// Not thread-safe. `label` names what is moved.
class TransferProgressBar {
 public:
  TransferProgressBar(const Terminal& terminal, std::string label);
  // `now` is passed in, so that a test needs no clock.
  void Update(uint64_t done, uint64_t total, absl::Time now);
  void Finish() { block_.Clear(); }

  // The line for `done` of `total` bytes, of which `moved` in `elapsed` of this run.
  static std::string Line(absl::string_view label, uint64_t done, uint64_t total, uint64_t moved,
                          absl::Duration elapsed, int width);

 private:
  Terminal terminal_;
  std::string label_;
  LiveBlock block_;
  absl::Time started_ = absl::InfinitePast();
  absl::Time drawn_ = absl::InfinitePast();
  uint64_t first_ = 0;  // bytes that were there when this run began
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_TRANSFER_PROGRESS_H_
