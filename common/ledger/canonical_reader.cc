#include "common/ledger/canonical_reader.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/ledger/entry.h"
#include "common/ledger/utf8.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

using nlohmann::json;

constexpr uint64_t kLargestInteger = (uint64_t{1} << 53) - 1;

class Reader {
 public:
  Reader(absl::string_view text, absl::string_view& predicate) : rest_(text), predicate_(predicate) {}

  bool ReadWhole(json& value) { return Read(value, 0) && rest_.empty(); }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Read(json& value, int depth) {
    if (rest_.empty()) return false;
    switch (rest_[0]) {
      case '{':
        value = json::object();
        return depth < kMaxJsonDepth && ReadObject(value.get_ref<json::object_t&>(), depth);
      case '[':
        value = json::array();
        return depth < kMaxJsonDepth && ReadArray(value.get_ref<json::array_t&>(), depth);
      case '"': {
        std::string text;
        if (!ReadString(text)) return false;
        value = std::move(text);
        return true;
      }
      default:
        return ReadWord(value) || ReadInteger(value);
    }
  }

  bool ReadObject(json::object_t& members, int depth) {
    rest_.remove_prefix(1);
    if (Take('}')) return true;
    do {
      std::string name;
      if (!ReadString(name) || !Take(':') || HasHighBytes(name)) return false;
      // In byte order, each name once.
      if (!members.empty() && members.rbegin()->first >= name) return false;
      const absl::string_view from = rest_;
      const auto member = members.emplace_hint(members.end(), std::move(name), nullptr);
      if (!Read(member->second, depth + 1)) return false;
      if (depth == 0 && member->first == "predicate") predicate_ = from.substr(0, from.size() - rest_.size());
    } while (Take(','));
    return Take('}');
  }

  bool ReadArray(json::array_t& items, int depth) {
    rest_.remove_prefix(1);
    if (Take(']')) return true;
    do {
      if (!Read(items.emplace_back(), depth + 1)) return false;
    } while (Take(','));
    return Take(']');
  }

  // RFC 8785 3.2.2.2: each character has one spelling.
  bool ReadString(std::string& text) {
    if (!Take('"')) return false;
    while (true) {
      const auto end = std::find_if(rest_.begin(), rest_.end(), [](char c) {
        return c == '"' || c == '\\' || static_cast<uint8_t>(c) < 0x20;
      });
      const auto plain = static_cast<size_t>(end - rest_.begin());
      text.append(rest_.data(), plain);
      rest_.remove_prefix(plain);
      if (Take('"')) return !HasHighBytes(text) || IsUtf8(text);
      if (!ReadEscape(text)) return false;
    }
  }

  bool ReadEscape(std::string& text) {
    if (!Take('\\') || rest_.empty()) return false;
    constexpr absl::string_view kLetters = "\"\\btnfr";
    constexpr absl::string_view kMeant = "\"\\\b\t\n\f\r";
    if (const size_t at = kLetters.find(rest_[0]); at != absl::string_view::npos) {
      text += kMeant[at];
      rest_.remove_prefix(1);
      return true;
    }
    constexpr absl::string_view kDigits = "0123456789abcdef";
    if (!absl::ConsumePrefix(&rest_, "u00") || rest_.size() < 2) return false;
    const size_t high = kDigits.substr(0, 2).find(rest_[0]);
    const size_t low = kDigits.find(rest_[1]);
    if (high == absl::string_view::npos || low == absl::string_view::npos) return false;
    const auto meant = static_cast<char>(high * 16 + low);
    if (absl::StrContains(kMeant, meant)) return false;  // it has a shorter spelling
    text += meant;
    rest_.remove_prefix(2);
    return true;
  }

  bool ReadWord(json& value) {
    if (absl::ConsumePrefix(&rest_, "true")) {
      value = true;
    } else if (absl::ConsumePrefix(&rest_, "false")) {
      value = false;
    } else if (!absl::ConsumePrefix(&rest_, "null")) {
      return false;
    }
    return true;
  }

  bool ReadInteger(json& value) {
    const bool negative = Take('-');
    uint64_t number = 0;
    size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      number = number * 10 + static_cast<uint64_t>(rest_[digits] - '0');
      if (number > kLargestInteger) return false;
    }
    if (digits == 0 || (rest_[0] == '0' && (digits > 1 || negative))) return false;
    rest_.remove_prefix(digits);
    if (negative) {
      value = -static_cast<int64_t>(number);
    } else {
      value = number;
    }
    return true;
  }

  static bool HasHighBytes(absl::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
  }

  absl::string_view rest_;
  absl::string_view& predicate_;
};

}  // namespace

std::optional<json> ReadCanonicalJson(absl::string_view text, absl::string_view& predicate) {
  json value;
  if (Reader(text, predicate).ReadWhole(value)) return value;
  return std::nullopt;
}

}  // namespace consort::ledger
