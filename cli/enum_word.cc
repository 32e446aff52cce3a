#include "cli/enum_word.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace consort::cli {
namespace {

constexpr absl::string_view kUnspecified = "UNSPECIFIED";

// Every enum starts with PREFIX_UNSPECIFIED = 0: that value tells the prefix of the others.
std::string WordOfName(const google::protobuf::EnumDescriptor& type, absl::string_view name) {
  const size_t prefix = type.value(0)->name().size() - kUnspecified.size();
  return absl::StrReplaceAll(absl::AsciiStrToLower(name.substr(prefix)), {{"_", "-"}});
}

}  // namespace

std::string EnumWord(const google::protobuf::EnumDescriptor& type, int value) {
  if (value == 0) return "";
  const auto* known = type.FindValueByNumber(value);
  return known == nullptr ? absl::StrCat(value) : WordOfName(type, known->name());
}

absl::StatusOr<int> EnumFromWord(const google::protobuf::EnumDescriptor& type, absl::string_view word) {
  std::string known;
  for (int i = 1; i < type.value_count(); ++i) {
    const std::string each = WordOfName(type, type.value(i)->name());
    if (each == word) return type.value(i)->number();
    absl::StrAppend(&known, known.empty() ? "" : ", ", each);
  }
  return absl::InvalidArgumentError(absl::StrCat("expected one of ", known, ", found \"", word, "\""));
}

}  // namespace consort::cli
