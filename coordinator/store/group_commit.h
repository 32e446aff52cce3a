// Many small transactions of one moment as one commit: one sync of the disk for all of them.
#ifndef CONSORT_COORDINATOR_STORE_GROUP_COMMIT_H_
#define CONSORT_COORDINATOR_STORE_GROUP_COMMIT_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "common/sync/executor.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Every call, and every work and done, on the executor.
class GroupCommit {
 public:
  using Work = std::function<absl::Status(Transaction&)>;
  using Done = std::function<void(const absl::Status&)>;

  GroupCommit(Store& store, Executor& executor) : store_(store), executor_(executor) {}  // borrowed

  // Runs `work` soon, after everything added before it, and then `done` with what became of it: its own
  // error, after which it has left nothing behind and the others stand; OK once it is durable; the commit's
  // error if that failed for all. Work that is waiting when this ends is dropped without a word.
  void Add(Work work, Done done);

  // Work in one commit: bounds the time for which the executor does nothing else.
  static constexpr size_t kMaxGroup = 256;

 private:
  struct Item {
    Work work;
    Done done;
    absl::Status status;
  };
  void Post();
  void Flush();

  Store& store_;
  Executor& executor_;
  std::deque<Item> waiting_;
  bool posted_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_GROUP_COMMIT_H_
