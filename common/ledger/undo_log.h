// How a state machine takes steps back: each change leaves behind what undoes it. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_UNDO_LOG_H_
#define CONSORT_COMMON_LEDGER_UNDO_LOG_H_

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace consort::ledger {

// Changes go through Set, Emplace and Remember. What they refer to must stay where it is as long as the steps
// are kept: members of the owner, and elements of node-based containers (std::map, std::set).
class UndoLog {
 public:
  // From now on steps are kept; before, changes cost nothing.
  void Keep() { keeps_ = true; }
  bool keeps() const { return keeps_; }
  size_t size() const { return steps_.size(); }

  // Takes back every step after the first `size`, the newest first.
  void UndoTo(size_t size) {
    while (steps_.size() > size) {
      steps_.back()();
      steps_.pop_back();
    }
  }
  void Forget() { steps_.clear(); }

  // Keeps the value of `place` as it is, for a change that follows.
  template <class Value>
  void Remember(Value& place) {
    if (keeps_) steps_.push_back([&place, old = place] { place = old; });
  }
  template <class Value, class New>
  void Set(Value& place, New&& value) {
    Remember(place);
    place = std::forward<New>(value);
  }
  // As the container's emplace.
  template <class Container, class... Arguments>
  auto Emplace(Container& container, Arguments&&... arguments) {
    auto result = container.emplace(std::forward<Arguments>(arguments)...);
    if (result.second && keeps_) steps_.push_back([&container, at = result.first] { container.erase(at); });
    return result;
  }

 private:
  bool keeps_ = false;
  std::vector<std::function<void()>> steps_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_UNDO_LOG_H_
