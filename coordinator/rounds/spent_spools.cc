#include "coordinator/rounds/spent_spools.h"

#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace consort::coordinator {

void SpentSpools::Add(std::vector<std::string> paths) {
  paths_.insert(paths_.end(), std::make_move_iterator(paths.begin()), std::make_move_iterator(paths.end()));
  Disarm();
  timer_ = executor_.PostAfter(kKept, [this] {
    timer_ = 0;
    Remove();
  });
}

void SpentSpools::Remove() {
  Disarm();
  if (paths_.empty()) return;
  blocking_.Run([paths = std::exchange(paths_, {})] {
    for (const std::string& path : paths) {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  });
}

void SpentSpools::Disarm() {
  if (timer_ != 0) executor_.Cancel(std::exchange(timer_, 0));
}

}  // namespace consort::coordinator
