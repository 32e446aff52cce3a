#include "common/rpc/status_mapping.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/rpc/error_detail.h"

namespace consort {
namespace {

// First line of the binary details: version of what follows (code LF object).
constexpr absl::string_view kDetailPrefix = "consort-error-1\n";

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const ErrorDetail detail = DetailOf(status);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message().substr(0, kMaxErrorMessageBytes)),
                      absl::StrCat(kDetailPrefix, detail.code, "\n", detail.object));
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  const std::string binary = status.error_details();
  absl::string_view details = binary;
  if (!absl::ConsumePrefix(&details, kDetailPrefix)) return result;
  const size_t line_end = details.find('\n');
  if (line_end == absl::string_view::npos) return result;
  return WithDetail(std::move(result), details.substr(0, line_end), details.substr(line_end + 1));
}

}  // namespace consort
