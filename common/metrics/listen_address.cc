#include "common/metrics/listen_address.h"

#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace consort {
namespace {

bool IsNumber(absl::string_view text, uint32_t largest) {
  if (text.empty() || text.size() > 5) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  uint32_t value = 0;
  return absl::SimpleAtoi(text, &value) && value <= largest;
}

bool IsLoopback(absl::string_view host) {
  if (host == "[::1]") return true;
  const std::vector<absl::string_view> parts = absl::StrSplit(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  for (const absl::string_view part : parts) {
    if (!IsNumber(part, 255)) return false;
  }
  return true;
}

}  // namespace

absl::Status CheckMetricsAddress(absl::string_view listen) {
  const size_t colon = listen.rfind(':');
  if (colon == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the metrics address needs a host and a port, for example 127.0.0.1:9464: got ", listen));
  }
  if (!IsLoopback(listen.substr(0, colon))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "metrics are served on loopback only; use 127.0.0.1 or [::1] and let a Prometheus on this "
        "machine scrape them: got ",
        listen));
  }
  if (!IsNumber(listen.substr(colon + 1), 65535)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the metrics port must be a plain number up to 65535; TLS options are not supported: got ", listen));
  }
  return absl::OkStatus();
}

}  // namespace consort
