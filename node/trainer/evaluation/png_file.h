// Writes small pictures: PNG with a palette.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_PNG_FILE_H_
#define CONSORT_NODE_TRAINER_EVALUATION_PNG_FILE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace consort::trainer {

using Colour = std::array<uint8_t, 3>;  // red, green, blue

struct Picture {
  Picture(int width, int height, std::vector<Colour> palette, uint8_t background)
      : width(width), height(height), palette(std::move(palette)), pixels(width * height, background) {}

  uint8_t& At(int x, int y) { return pixels[y * width + x]; }
  uint8_t At(int x, int y) const { return pixels[y * width + x]; }

  int width, height;            // > 0
  std::vector<Colour> palette;  // 1 to 256 colours
  std::vector<uint8_t> pixels;  // [height, width], indices into the palette; the first row is the top
};

// The bytes of a PNG file (ISO/IEC 15948), colour type 3, 8 bits. Errors: Internal with zlib's code.
absl::StatusOr<std::string> PngBytes(const Picture& picture);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_PNG_FILE_H_
