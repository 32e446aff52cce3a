#include "common/architectures/attribute_vae_layout.h"

#include "absl/strings/str_cat.h"

namespace consort {

std::vector<NamedTensor> LayOutAttributeVae() {
  using Shape = AttributeVaeShape;
  std::vector<NamedTensor> layout;
  int64_t in = 2;  // the patch and ones
  for (int stage = 0; stage < Shape::kStages; ++stage) {
    const int64_t out = Shape::kChannels[stage];
    layout.push_back({absl::StrCat("encoder.conv", stage, ".weight"), {out, in, Shape::kTaps, Shape::kTaps}});
    in = out;
  }
  layout.push_back({"encoder.head.weight", {2 * Shape::kLatents, Shape::kFlat}});
  layout.push_back({"decoder.stem.weight", {Shape::kFlat, Shape::kLatents + 1}});
  for (int stage = 0; stage < Shape::kStages; ++stage) {
    const int64_t out = stage + 1 < Shape::kStages ? Shape::kChannels[Shape::kStages - 2 - stage] : 1;
    layout.push_back({absl::StrCat("decoder.conv", stage, ".weight"), {in, out, Shape::kTaps, Shape::kTaps}});
    in = out;
  }
  return layout;
}

}  // namespace consort
