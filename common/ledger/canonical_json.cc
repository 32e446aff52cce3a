#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/ledger/entry.h"
#include "common/ledger/utf8.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

using nlohmann::json;

constexpr int64_t kLargestInteger = (int64_t{1} << 53) - 1;  // RFC 7493 2.2: what every reader holds exactly

// Where a value stands. Spelled only when something is refused: most entries are good, and are many.
struct Place {
  const Place* parent = nullptr;  // null: the whole
  absl::string_view name;         // of a member
  size_t index = 0;               // in a list
  bool in_list = false;
};

std::string PathOf(const Place& place) {
  if (place.parent == nullptr) return "";
  std::string path = PathOf(*place.parent);
  if (place.in_list) return absl::StrCat(path, "[", place.index, "]");
  return path.empty() ? std::string(place.name) : absl::StrCat(path, ".", place.name);
}

absl::Status Refused(const Place& place, absl::string_view why) {
  const std::string member = PathOf(place);
  return absl::InvalidArgumentError(absl::StrCat("value cannot be written as canonical JSON: ", why,
                                                 ": member ", member.empty() ? "(whole)" : member));
}

// RFC 8785 3.2.2.2. `text` is UTF-8.
void AppendString(absl::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<uint8_t>(c) < 0x20) {
          absl::StrAppendFormat(&out, "\\u%04x", c);
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

absl::Status AppendInteger(const json& value, const Place& place, std::string& out) {
  // The library keeps an integer as unsigned whenever it was parsed without a sign.
  const bool fits = value.is_number_unsigned()
                        ? value.get<uint64_t>() <= uint64_t{kLargestInteger}
                        : value.get<int64_t>() >= -kLargestInteger && value.get<int64_t>() <= kLargestInteger;
  if (!fits) return Refused(place, "integers must be within 2^53-1; write a decimal string");
  absl::StrAppend(&out, value.get<int64_t>());
  return absl::OkStatus();
}

absl::Status CheckDepth(const Place& place, int depth) {
  if (depth < kMaxJsonDepth) return absl::OkStatus();
  return Refused(place, absl::StrCat("nested deeper than ", kMaxJsonDepth, " levels"));
}

absl::Status Append(const json& value, const Place& place, int depth, std::string& out);

absl::Status AppendObject(const json& value, const Place& place, int depth, std::string& out) {
  RETURN_IF_ERROR(CheckDepth(place, depth));
  out += '{';
  bool first = true;
  for (const auto& [name, inner] : value.items()) {  // in byte order, which for ASCII is UTF-16's
    if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x80; })) {
      return Refused(place, "a member's name is not ASCII");
    }
    if (!first) out += ',';
    first = false;
    AppendString(name, out);
    out += ':';
    RETURN_IF_ERROR(Append(inner, {.parent = &place, .name = name}, depth + 1, out));
  }
  out += '}';
  return absl::OkStatus();
}

absl::Status AppendArray(const json& value, const Place& place, int depth, std::string& out) {
  RETURN_IF_ERROR(CheckDepth(place, depth));
  out += '[';
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ',';
    RETURN_IF_ERROR(Append(value[i], {.parent = &place, .index = i, .in_list = true}, depth + 1, out));
  }
  out += ']';
  return absl::OkStatus();
}

absl::Status Append(const json& value, const Place& place, int depth, std::string& out) {
  switch (value.type()) {
    case json::value_t::null:
      out += "null";
      return absl::OkStatus();
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return absl::OkStatus();
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return AppendInteger(value, place, out);
    case json::value_t::string: {
      const std::string& text = value.get_ref<const std::string&>();
      if (!IsUtf8(text)) return Refused(place, "a string is not UTF-8");
      AppendString(text, out);
      return absl::OkStatus();
    }
    case json::value_t::array:
      return AppendArray(value, place, depth, out);
    case json::value_t::object:
      return AppendObject(value, place, depth, out);
    case json::value_t::number_float:
      return Refused(place, "floating-point numbers have no canonical form here; write a decimal string");
    default:
      return Refused(place, "it is no JSON value");
  }
}

}  // namespace

absl::StatusOr<std::string> CanonicalJson(const json& value) {
  std::string out;
  RETURN_IF_ERROR(Append(value, Place(), 0, out));
  return out;
}

}  // namespace consort::ledger
