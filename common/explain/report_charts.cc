#include "common/explain/report_charts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/messages/quantity.h"

namespace consort::explain {
namespace {

constexpr double kWidth = 760;
constexpr double kLabelWidth = 190;  // left column for names
constexpr double kRight = 736;       // right end of the plotting area

// A linear scale from values to the horizontal plotting area.
struct Scale {
  double low;
  double high;
  double operator()(double value) const {
    return kLabelWidth + (value - low) / (high - low) * (kRight - kLabelWidth);
  }
};

Scale ScaleOver(double low, double high) {
  const double margin = high > low ? (high - low) * 0.08 : 0.5;
  return {low - margin, high + margin};
}

// A round step that gives about five ticks.
double TickStep(const Scale& scale) {
  const double raw = (scale.high - scale.low) / 5;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

int DigitsFor(double step) { return std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9))); }

std::string Open(double height, absl::string_view title) {
  return absl::StrFormat(
      "<div class=\"wide\"><svg class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
      "aria-label=\"%s\"><title>%s</title>",
      kWidth, height, title, title);
}

std::string Text(double x, double y, absl::string_view anchor, absl::string_view css,
                 absl::string_view text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>", x, y,
                         anchor, css, text);
}

std::string Line(double x1, double y1, double x2, double y2, absl::string_view css) {
  return absl::StrFormat("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>", x1, y1, x2,
                         y2, css);
}

std::string Grid(const Scale& scale, double top, double bottom) {
  const double step = TickStep(scale);
  std::string out;
  for (double tick = std::ceil(scale.low / step) * step; tick <= scale.high; tick += step) {
    absl::StrAppend(&out, Line(scale(tick), top, scale(tick), bottom, "grid"),
                    Text(scale(tick), bottom + 16, "middle", "tick", FormatReal(tick, DigitsFor(step))));
  }
  return out;
}

double Parsed(const std::string& decimal) {
  double value = 0;
  return absl::SimpleAtod(decimal, &value) && std::isfinite(value) ? value : 0;
}

struct ChangeRow {
  const ResultFacts* result;
  double before;
  double after;
  std::optional<std::pair<double, double>> interval;  // of the distance after
};

std::vector<ChangeRow> ChangeRows(absl::Span<const ResultFacts> results) {
  std::vector<ChangeRow> rows;
  for (const ResultFacts& result : results) {
    ChangeRow row{&result, Parsed(result.before), Parsed(result.after), std::nullopt};
    if (!result.low.empty() && !result.high.empty()) {
      row.interval.emplace(row.before + Parsed(result.low), row.before + Parsed(result.high));
    }
    rows.push_back(row);
  }
  return rows;
}

std::string ChangeRowSvg(const ChangeRow& row, double y, const Scale& scale) {
  const std::string verdict = EscapeHtml(row.result->verdict);
  std::string out = Text(kLabelWidth - 16, y + 1, "end", "label", EscapeHtml(row.result->tradition));
  absl::StrAppend(&out, Text(kLabelWidth - 16, y + 16, "end", "tick", EscapeHtml(row.result->archive)));
  if (row.interval.has_value()) {
    absl::StrAppend(
        &out, absl::StrFormat(
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"14\" rx=\"7\" class=\"band %s\"/>",
                  scale(row.interval->first), y - 7,
                  std::max(2.0, scale(row.interval->second) - scale(row.interval->first)), verdict));
  }
  absl::StrAppend(
      &out, Line(scale(row.before), y, scale(row.after), y, absl::StrCat("move ", verdict)),
      absl::StrFormat("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"before\"/>", scale(row.before), y),
      absl::StrFormat("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5.5\" class=\"after %s\"/>", scale(row.after), y,
                      verdict));
  return out;
}

// Mean distance after a round over the base model's, by tradition and round number.
using Shares = std::map<std::string, std::vector<std::pair<int64_t, double>>>;

Shares SharesByTradition(absl::Span<const RoundFacts> rounds) {
  Shares shares;
  for (const RoundFacts& round : rounds) {
    for (const auto& [tradition, sums] : round.scores) {
      if (sums.before > 0) shares[tradition].emplace_back(round.number, sums.after / sums.before);
    }
  }
  return shares;
}

// Four dash patterns: lines stay apart in black and white.
constexpr const char* kDashes[] = {"", "7 4", "2 4", "9 3 2 3"};

// Where a round's number and a share lie in the picture of the rounds, and its lines.
class RoundsFrame {
 public:
  static constexpr double kTop = 16, kBottom = 216, kLeft = 60, kRightEnd = 560;

  explicit RoundsFrame(const Shares& shares) {
    for (const auto& [tradition, points] : shares) {
      most_points_ = std::max(most_points_, points.size());
      for (const auto& [number, share] : points) {
        last_ = std::max(last_, number);
        low_ = std::min(low_, share);
        high_ = std::max(high_, share);
      }
    }
    span_ = high_ > low_ ? high_ - low_ : 0.1;
  }

  size_t most_points() const { return most_points_; }

  std::string Axes() const {
    std::string out;
    for (double share : {low_, (low_ + high_) / 2, high_}) {
      absl::StrAppend(
          &out, Line(kLeft, Y(share), kRightEnd, Y(share), "grid"),
          Text(kLeft - 8, Y(share) + 4, "end", "tick", absl::StrCat(FormatReal(share * 100, 1), " %")));
    }
    absl::StrAppend(&out, Line(kLeft, Y(1), kRightEnd, Y(1), "base"));
    const int64_t every = std::max<int64_t>(1, (last_ + 9) / 10);  // at most about ten ticks
    for (int64_t number = 0; number <= last_; number += every) {
      absl::StrAppend(&out, Text(X(number), kBottom + 16, "middle", "tick", FormatCount(number)));
    }
    return out;
  }

  std::string Series(const std::vector<std::pair<int64_t, double>>& points, size_t index) const {
    std::string path = absl::StrFormat("M%.1f %.1f", X(0), Y(1));
    for (const auto& [number, share] : points)
      absl::StrAppendFormat(&path, " L%.1f %.1f", X(number), Y(share));
    return absl::StrFormat("<path d=\"%s\" class=\"series s%d\" stroke-dasharray=\"%s\"/>", path,
                           index % std::size(kDashes), kDashes[index % std::size(kDashes)]);
  }

  // Names beside the ends of their lines, moved apart where they would overlap.
  std::string Labels(const Shares& shares) const {
    std::vector<std::pair<double, std::string>> labels;
    for (const auto& [tradition, points] : shares) labels.emplace_back(Y(points.back().second), tradition);
    std::sort(labels.begin(), labels.end());
    std::string out;
    double previous = kTop - 14;
    for (const auto& [y, tradition] : labels) {
      previous = std::max(y + 4, previous + 14);
      absl::StrAppend(&out, Text(kRightEnd + 10, previous, "start", "label", EscapeHtml(tradition)));
    }
    return out;
  }

 private:
  double X(int64_t number) const {
    return kLeft + static_cast<double>(number) / static_cast<double>(last_) * (kRightEnd - kLeft);
  }
  double Y(double share) const {
    return kBottom - (share - low_ + span_ * 0.06) / (span_ * 1.12) * (kBottom - kTop);
  }

  size_t most_points_ = 0;
  int64_t last_ = 1;
  double low_ = 1;  // the base model's share is always in the picture
  double high_ = 1;
  double span_ = 0;
};

}  // namespace

std::string BeforeAfterChart(absl::Span<const ResultFacts> results, const ReportText& text) {
  if (results.empty()) return "";
  const std::vector<ChangeRow> rows = ChangeRows(results);
  double low = rows[0].before, high = rows[0].before;
  for (const ChangeRow& row : rows) {
    const auto interval = row.interval.value_or(std::make_pair(row.after, row.after));
    low = std::min({low, row.before, row.after, interval.first});
    high = std::max({high, row.before, row.after, interval.second});
  }
  const Scale scale = ScaleOver(low, high);
  const double top = 30, row_height = 48, bottom = top + row_height * static_cast<double>(rows.size());
  std::string out = Open(bottom + 44, text("report.change.chart"));
  absl::StrAppend(&out, Text(kLabelWidth, 16, "start", "tick", text("report.change.closer")),
                  Text(kRight, 16, "end", "tick", text("report.change.farther")), Grid(scale, top, bottom));
  for (size_t i = 0; i < rows.size(); ++i) {
    absl::StrAppend(&out, ChangeRowSvg(rows[i], top + row_height * (static_cast<double>(i) + 0.5), scale));
  }
  absl::StrAppend(&out,
                  Text((kLabelWidth + kRight) / 2, bottom + 36, "middle", "tick", text("report.change.axis")),
                  "</svg></div>");
  return out;
}

std::string RoundsChart(absl::Span<const RoundFacts> rounds, const ReportText& text) {
  const Shares shares = SharesByTradition(rounds);
  const RoundsFrame frame(shares);
  if (frame.most_points() < 2) return "";
  std::string out = Open(RoundsFrame::kBottom + 42, text("report.rounds.chart"));
  absl::StrAppend(&out, frame.Axes());
  size_t index = 0;
  for (const auto& [tradition, points] : shares) absl::StrAppend(&out, frame.Series(points, index++));
  absl::StrAppend(&out, frame.Labels(shares),
                  Text((RoundsFrame::kLeft + RoundsFrame::kRightEnd) / 2, RoundsFrame::kBottom + 34, "middle",
                       "tick", text("report.rounds.axis")));
  return absl::StrCat(out, "</svg></div>");
}

std::string BytesChart(absl::Span<const std::pair<std::string, int64_t>> bytes, const ReportText& text) {
  if (bytes.empty()) return "";
  int64_t most = 1;
  for (const auto& [archive, count] : bytes) most = std::max(most, count);
  const double row_height = 30;
  std::string out = Open(row_height * static_cast<double>(bytes.size()) + 8, text("report.bytes.chart"));
  double y = 18;
  for (const auto& [archive, count] : bytes) {
    const double width = static_cast<double>(count) / static_cast<double>(most) * (kRight - kLabelWidth - 90);
    absl::StrAppend(
        &out, Text(kLabelWidth - 16, y + 4, "end", "label", EscapeHtml(archive)),
        absl::StrFormat("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"14\" rx=\"2\" class=\"bar\"/>",
                        kLabelWidth, y - 7, std::max(1.0, width)),
        Text(kLabelWidth + width + 8, y + 4, "start", "tick", FormatBytes(count)));
    y += row_height;
  }
  return absl::StrCat(out, "</svg></div>");
}

}  // namespace consort::explain
