#include "common/ledger/utf8.h"

#include <cstdint>

namespace consort::ledger {
namespace {

struct Sequence {
  int following;   // continuation bytes after the first; -1: no sequence starts with this byte
  uint8_t lowest;  // bounds of the first continuation byte
  uint8_t highest;
};

Sequence SequenceOf(uint8_t first) {
  if (first < 0x80) return {0, 0, 0};
  if (first >= 0xC2 && first <= 0xDF) return {1, 0x80, 0xBF};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {2, 0x80, 0xBF};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {3, 0x80, 0xBF};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return {-1, 0, 0};
}

}  // namespace

bool IsUtf8(absl::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const Sequence sequence = SequenceOf(static_cast<uint8_t>(bytes[i++]));
    if (sequence.following < 0 || bytes.size() - i < static_cast<size_t>(sequence.following)) return false;
    for (int k = 0; k < sequence.following; ++k) {
      const auto byte = static_cast<uint8_t>(bytes[i++]);
      const uint8_t lowest = k == 0 ? sequence.lowest : 0x80;
      const uint8_t highest = k == 0 ? sequence.highest : 0xBF;
      if (byte < lowest || byte > highest) return false;
    }
  }
  return true;
}

}  // namespace consort::ledger
