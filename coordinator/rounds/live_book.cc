#include "coordinator/rounds/live_book.h"

namespace consort::coordinator {

LiveTask* LiveBook::Find(absl::string_view id) {
  const auto found = tasks_.find(std::string(id));
  return found == tasks_.end() ? nullptr : &found->second;
}

const LiveTask* LiveBook::Find(absl::string_view id) const {
  const auto found = tasks_.find(std::string(id));
  return found == tasks_.end() ? nullptr : &found->second;
}

LiveTask& LiveBook::Start(const std::string& id, const std::string& archive, const std::string& job_id,
                          const std::string& round_id, absl::Duration now) {
  const auto [entry, fresh] = tasks_.try_emplace(id);
  LiveTask& task = entry->second;
  if (fresh) {
    task.archive = archive;
    task.job_id = job_id;
    task.round_id = round_id;
    task.last_progress = now;
  }
  return task;
}

void LiveBook::ForgetRound(absl::string_view round_id) {
  for (auto entry = tasks_.begin(); entry != tasks_.end();) {
    entry = entry->second.round_id == round_id ? tasks_.erase(entry) : std::next(entry);
  }
}

std::vector<std::string> LiveBook::TasksOf(absl::string_view archive) const {
  std::vector<std::string> ids;
  for (const auto& [id, task] : tasks_) {
    if (task.archive == archive) ids.push_back(id);
  }
  return ids;
}

}  // namespace consort::coordinator
