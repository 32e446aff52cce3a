// The lower-case words of the contract's enums, both ways: JOB_STATE_AWAITING_APPROVAL is
// "awaiting-approval".
#ifndef CONSORT_CLI_ENUM_WORD_H_
#define CONSORT_CLI_ENUM_WORD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace consort::cli {

// Empty for the unspecified value 0; the number for a value that this program does not know yet.
std::string EnumWord(const google::protobuf::EnumDescriptor& type, int value);
// Errors: InvalidArgument listing the words that are known.
absl::StatusOr<int> EnumFromWord(const google::protobuf::EnumDescriptor& type, absl::string_view word);

template <class Enum>
std::string Word(Enum value) {
  return EnumWord(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}
template <class Enum>
absl::StatusOr<Enum> FromWord(absl::string_view word) {
  absl::StatusOr<int> value = EnumFromWord(*google::protobuf::GetEnumDescriptor<Enum>(), word);
  if (!value.ok()) return value.status();
  return static_cast<Enum>(*value);
}

}  // namespace consort::cli

#endif  // CONSORT_CLI_ENUM_WORD_H_
