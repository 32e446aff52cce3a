// The machine code and the object's name that every error carries across the network beside its text.
// No gRPC here: whoever makes an error may attach them.
#ifndef CONSORT_COMMON_RPC_ERROR_DETAIL_H_
#define CONSORT_COMMON_RPC_ERROR_DETAIL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort {

struct ErrorDetail {
  std::string code;    // lower-case words with '-': "quorum-not-reached"
  std::string object;  // what it is about: "job 3f..."; may be empty
};

// Returns `status` with `code` and `object` attached; an OK status as it is. Line breaks become spaces.
absl::Status WithDetail(absl::Status status, absl::string_view code, absl::string_view object = "");

// Returns what WithDetail attached; otherwise the code is the status code's own name ("not-found") and the
// object is empty. For an OK status both are empty.
ErrorDetail DetailOf(const absl::Status& status);

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_ERROR_DETAIL_H_
