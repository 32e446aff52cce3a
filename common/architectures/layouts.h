// Which tensors a model of an architecture consists of, for programs that do not compute it.
#ifndef CONSORT_COMMON_ARCHITECTURES_LAYOUTS_H_
#define CONSORT_COMMON_ARCHITECTURES_LAYOUTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/architectures/named_tensor.h"

namespace consort {

// The weights of an architecture, each float32. Errors: InvalidArgument "wrong-architecture: ..." with the
// names that exist.
absl::StatusOr<std::vector<NamedTensor>> LayoutOf(absl::string_view architecture);

// In name order. Families whose models are no list of weights are not among them.
std::vector<std::string> LayoutNames();

}  // namespace consort

#endif  // CONSORT_COMMON_ARCHITECTURES_LAYOUTS_H_
