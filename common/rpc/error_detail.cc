#include "common/rpc/error_detail.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace consort {
namespace {

constexpr absl::string_view kPayloadType = "urn:x-consort:error-detail:v1";

absl::string_view NameOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return "";
    case absl::StatusCode::kCancelled:
      return "cancelled";
    case absl::StatusCode::kInvalidArgument:
      return "invalid-argument";
    case absl::StatusCode::kDeadlineExceeded:
      return "deadline-exceeded";
    case absl::StatusCode::kNotFound:
      return "not-found";
    case absl::StatusCode::kAlreadyExists:
      return "already-exists";
    case absl::StatusCode::kPermissionDenied:
      return "permission-denied";
    case absl::StatusCode::kResourceExhausted:
      return "resource-exhausted";
    case absl::StatusCode::kFailedPrecondition:
      return "failed-precondition";
    case absl::StatusCode::kAborted:
      return "aborted";
    case absl::StatusCode::kOutOfRange:
      return "out-of-range";
    case absl::StatusCode::kUnimplemented:
      return "unimplemented";
    case absl::StatusCode::kUnavailable:
      return "unavailable";
    case absl::StatusCode::kDataLoss:
      return "data-loss";
    case absl::StatusCode::kUnauthenticated:
      return "unauthenticated";
    default:
      return "internal";
  }
}

std::string OneLine(absl::string_view text) { return absl::StrReplaceAll(text, {{"\n", " "}, {"\r", " "}}); }

}  // namespace

absl::Status WithDetail(absl::Status status, absl::string_view code, absl::string_view object) {
  if (!status.ok()) {
    status.SetPayload(kPayloadType, absl::Cord(absl::StrCat(OneLine(code), "\n", OneLine(object))));
  }
  return status;
}

ErrorDetail DetailOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadType);
  if (!payload.has_value()) return {std::string(NameOf(status.code())), ""};
  const std::string text(*payload);
  const size_t line_end = text.find('\n');
  return {text.substr(0, line_end), text.substr(line_end + 1)};
}

}  // namespace consort
