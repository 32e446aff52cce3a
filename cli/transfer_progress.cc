#include "cli/transfer_progress.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/messages/quantity.h"
#include "common/text/display_width.h"

namespace consort::cli {
namespace {

constexpr absl::Duration kRedrawInterval = absl::Milliseconds(100);
constexpr absl::Duration kRateNeeds = absl::Milliseconds(500);  // before that a rate is noise

}  // namespace

TransferProgressBar::TransferProgressBar(const Terminal& terminal, std::string label)
    : terminal_(terminal), label_(std::move(label)), block_(terminal) {}

void TransferProgressBar::Update(uint64_t done, uint64_t total, absl::Time now) {
  if (started_ == absl::InfinitePast()) {
    started_ = now;
    first_ = done;
  }
  if (now - drawn_ < kRedrawInterval) return;
  drawn_ = now;
  block_.Draw(
      {Line(label_, done, total, done - std::min(done, first_), now - started_, terminal_.width() - 1)});
}

std::string TransferProgressBar::Line(absl::string_view label, uint64_t done, uint64_t total, uint64_t moved,
                                      absl::Duration elapsed, int width) {
  const double share = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  std::string line = absl::StrCat(label, "  ", Bar(share, 24), " ", FormatBytes(static_cast<int64_t>(done)),
                                  " of ", FormatBytes(static_cast<int64_t>(total)));
  if (elapsed >= kRateNeeds && moved > 0) {
    const double rate = static_cast<double>(moved) / absl::ToDoubleSeconds(elapsed);
    const double left = static_cast<double>(total - std::min(total, done)) / rate;
    absl::StrAppend(&line, ", ", FormatBytes(static_cast<int64_t>(rate)), "/s, ",
                    FormatSeconds(static_cast<int64_t>(left), Language::kEnglish), " left");
  }
  return Fit(line, width);
}

}  // namespace consort::cli
