#include "node/daemon/work_queue.h"

#include <algorithm>

namespace consort::node {

absl::Status WorkQueue::Add(const std::string& id, std::function<void()> start) {
  if (Holds(id)) return absl::OkStatus();
  if (queued_.size() >= kMaxQueued) {
    return absl::ResourceExhaustedError(
        "this node has too much work queued; the coordinator must ask again later");
  }
  queued_.emplace_back(id, std::move(start));
  if (running_.empty()) StartNext();
  return absl::OkStatus();
}

void WorkQueue::Done(const std::string& id) {
  if (running_ != id) return;
  running_.clear();
  StartNext();
}

bool WorkQueue::Remove(const std::string& id) {
  const auto found =
      std::find_if(queued_.begin(), queued_.end(), [&id](const auto& piece) { return piece.first == id; });
  if (found == queued_.end()) return false;
  queued_.erase(found);
  return true;
}

bool WorkQueue::Holds(const std::string& id) const {
  const auto ids = Ids();
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::vector<std::string> WorkQueue::Ids() const {
  std::vector<std::string> ids;
  if (!running_.empty()) ids.push_back(running_);
  for (const auto& [id, unused] : queued_) ids.push_back(id);
  return ids;
}

void WorkQueue::StartNext() {
  if (queued_.empty()) return;
  auto [id, start] = std::move(queued_.front());
  queued_.pop_front();
  running_ = id;
  start();
}

}  // namespace consort::node
