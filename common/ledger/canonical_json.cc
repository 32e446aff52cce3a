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

absl::Status Refused(absl::string_view member, absl::string_view why) {
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

absl::Status AppendInteger(const json& value, absl::string_view member, std::string& out) {
  // The library keeps an integer as unsigned whenever it was parsed without a sign.
  const bool fits = value.is_number_unsigned()
                        ? value.get<uint64_t>() <= uint64_t{kLargestInteger}
                        : value.get<int64_t>() >= -kLargestInteger && value.get<int64_t>() <= kLargestInteger;
  if (!fits) return Refused(member, "integers must be within 2^53-1; write a decimal string");
  absl::StrAppend(&out, value.get<int64_t>());
  return absl::OkStatus();
}

absl::Status CheckDepth(absl::string_view member, int depth) {
  if (depth < kMaxJsonDepth) return absl::OkStatus();
  return Refused(member, absl::StrCat("nested deeper than ", kMaxJsonDepth, " levels"));
}

absl::Status Append(const json& value, const std::string& member, int depth, std::string& out);

absl::Status AppendObject(const json& value, const std::string& member, int depth, std::string& out) {
  RETURN_IF_ERROR(CheckDepth(member, depth));
  out += '{';
  bool first = true;
  for (const auto& [name, inner] : value.items()) {  // in byte order, which for ASCII is UTF-16's
    const std::string path = member.empty() ? name : absl::StrCat(member, ".", name);
    if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x80; })) {
      return Refused(member, "a member's name is not ASCII");
    }
    if (!first) out += ',';
    first = false;
    AppendString(name, out);
    out += ':';
    RETURN_IF_ERROR(Append(inner, path, depth + 1, out));
  }
  out += '}';
  return absl::OkStatus();
}

absl::Status AppendArray(const json& value, const std::string& member, int depth, std::string& out) {
  RETURN_IF_ERROR(CheckDepth(member, depth));
  out += '[';
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ',';
    RETURN_IF_ERROR(Append(value[i], absl::StrCat(member, "[", i, "]"), depth + 1, out));
  }
  out += ']';
  return absl::OkStatus();
}

absl::Status Append(const json& value, const std::string& member, int depth, std::string& out) {
  switch (value.type()) {
    case json::value_t::null:
      out += "null";
      return absl::OkStatus();
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return absl::OkStatus();
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return AppendInteger(value, member, out);
    case json::value_t::string: {
      const std::string& text = value.get_ref<const std::string&>();
      if (!IsUtf8(text)) return Refused(member, "a string is not UTF-8");
      AppendString(text, out);
      return absl::OkStatus();
    }
    case json::value_t::array:
      return AppendArray(value, member, depth, out);
    case json::value_t::object:
      return AppendObject(value, member, depth, out);
    case json::value_t::number_float:
      return Refused(member, "floating-point numbers have no canonical form here; write a decimal string");
    default:
      return Refused(member, "it is no JSON value");
  }
}

}  // namespace

absl::StatusOr<std::string> CanonicalJson(const json& value) {
  std::string out;
  RETURN_IF_ERROR(Append(value, "", 0, out));
  return out;
}

}  // namespace consort::ledger
