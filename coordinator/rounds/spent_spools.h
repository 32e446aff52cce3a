// The spools of rounds that are over, on their way out.
#ifndef CONSORT_COORDINATOR_ROUNDS_SPENT_SPOOLS_H_
#define CONSORT_COORDINATOR_ROUNDS_SPENT_SPOOLS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/sync/executor.h"
#include "coordinator/rounds/blocking_runner.h"

namespace consort::coordinator {

// Removes files just before the next round writes as much again, or kKept after the last were added,
// whichever is first: a virtual machine that gives free memory back to its host pays several times more for a
// page that comes anew than for one that was freed a moment ago. Every call on the executor.
class SpentSpools {
 public:
  static constexpr absl::Duration kKept = absl::Seconds(10);

  SpentSpools(Executor& executor, BlockingRunner& blocking) : executor_(executor), blocking_(blocking) {}
  ~SpentSpools() { Disarm(); }
  SpentSpools(const SpentSpools&) = delete;
  SpentSpools& operator=(const SpentSpools&) = delete;

  void Add(std::vector<std::string> paths);
  // Now, off the executor. What cannot be removed is removed when the coordinator starts.
  void Remove();

 private:
  void Disarm();

  Executor& executor_;
  BlockingRunner& blocking_;
  std::vector<std::string> paths_;
  Executor::TimerId timer_ = 0;  // 0: none is set
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_SPENT_SPOOLS_H_
