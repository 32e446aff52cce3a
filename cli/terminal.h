// What the person's terminal can do: progress is drawn only where somebody sees it, colour only where it is
// wanted.
#ifndef CONSORT_CLI_TERMINAL_H_
#define CONSORT_CLI_TERMINAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort::cli {

enum class Colour { kNone, kGreen, kRed, kDim, kBold };

// Value type; the constructor that takes facts is for tests.
class Terminal {
 public:
  Terminal(bool is_terminal, bool has_colour, int width)
      : is_terminal_(is_terminal), has_colour_(has_colour), width_(width) {}
  // Asks the system about a file descriptor: a terminal, its width, and NO_COLOR (https://no-color.org).
  static Terminal Of(int file_descriptor);

  bool is_terminal() const { return is_terminal_; }
  int width() const { return width_; }
  // `text` in `colour`, or as it is where there is none.
  std::string Paint(absl::string_view text, Colour colour) const;

 private:
  bool is_terminal_;
  bool has_colour_;
  int width_;
};

// "█████░░░░░": `width` columns, filled to `share` (clamped to 0..1).
std::string Bar(double share, int width);

// A block of lines on stderr that is drawn over itself. Draws nothing unless stderr is a terminal. Not
// thread-safe.
class LiveBlock {
 public:
  explicit LiveBlock(const Terminal& terminal) : terminal_(terminal) {}
  void Draw(const std::vector<std::string>& lines);
  // Leaves the last block on the screen, below it the cursor.
  void Keep() { drawn_ = 0; }
  // Removes it.
  void Clear() { Draw({}); }

 private:
  Terminal terminal_;
  size_t drawn_ = 0;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_TERMINAL_H_
