#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/entry.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

using nlohmann::json;

// Builds the value and stops at the first thing that a lenient parser would let through.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(number_integer_t value) override { return Put(value); }
  bool number_unsigned(number_unsigned_t value) override { return Put(value); }
  bool number_float(number_float_t value, const string_t&) override { return Put(value); }
  bool string(string_t& value) override { return Put(std::move(value)); }
  bool binary(binary_t&) override { return Refuse("JSON text holds binary data"); }
  bool start_object(size_t) override { return Open(json::object()); }
  bool start_array(size_t) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& name) override {
    if (open_.back()->contains(name)) return Refuse(absl::StrCat("JSON object repeats the member ", name));
    key_ = std::move(name);
    return true;
  }
  bool parse_error(size_t position, const std::string&, const json::exception&) override {
    return Refuse(absl::StrCat("JSON text cannot be read at byte ", position));
  }

  const std::string& error() const { return error_; }
  json Take() { return std::move(root_); }

 private:
  // Puts a value where the text has it. Pointers into containers stay good: only the innermost one grows.
  json* Add(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& container = *open_.back();
    if (container.is_array()) {
      container.push_back(std::move(value));
      return &container.back();
    }
    json& member = container[key_];
    member = std::move(value);
    return &member;
  }
  bool Put(json value) {
    Add(std::move(value));
    return true;
  }
  bool Open(json container) {
    if (open_.size() == kMaxJsonDepth) {
      return Refuse(absl::StrCat("JSON text is nested too deeply; at most ", kMaxJsonDepth, " levels"));
    }
    open_.push_back(Add(std::move(container)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }
  bool Refuse(std::string reason) {
    if (error_.empty()) error_ = std::move(reason);
    return false;
  }

  json root_;
  std::vector<json*> open_;
  std::string key_;
  std::string error_;
};

}  // namespace

absl::StatusOr<json> ParseStrictJson(absl::string_view text) {
  // The parser takes a zero byte for the end of its input and skips a byte order mark.
  if (absl::StrContains(text, '\0') || absl::StartsWith(text, "\xEF\xBB\xBF")) {
    return absl::InvalidArgumentError("JSON text holds a zero byte or starts with a byte order mark");
  }
  try {
    StrictBuilder builder;
    if (!json::sax_parse(text.begin(), text.end(), &builder))
      return absl::InvalidArgumentError(builder.error());
    return builder.Take();
  } catch (const json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("JSON text cannot be read: error ", error.id));
  }
}

}  // namespace consort::ledger
