#include "node/daemon/backoff.h"

#include <algorithm>
#include <utility>

namespace consort::node {

Backoff::Backoff(std::function<double()> uniform, absl::Duration first, absl::Duration longest)
    : uniform_(std::move(uniform)), first_(first), longest_(longest), bound_(first) {}

absl::Duration Backoff::Next() {
  const absl::Duration wait = uniform_() * bound_;
  bound_ = std::min(longest_, 2 * bound_);
  return wait;
}

void Backoff::Reset() { bound_ = first_; }

void Backoff::Slow() { bound_ = longest_; }

}  // namespace consort::node
