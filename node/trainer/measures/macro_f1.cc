#include "node/trainer/measures/macro_f1.h"

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

struct Counts {
  int64_t found = 0;     // true and predicted
  int64_t mentions = 0;  // true or predicted: 2 TP + FP + FN
};

}  // namespace

absl::StatusOr<MacroF1> ComputeMacroF1(absl::Span<const std::string> truth,
                                       absl::Span<const std::string> predicted) {
  if (truth.empty() || truth.size() != predicted.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("macro F1 needs one prediction for each of at least one item: ", truth.size(),
                     " items, ", predicted.size(), " predictions"));
  }
  std::map<std::string, Counts> counts;
  for (size_t i = 0; i < truth.size(); ++i) {
    ++counts[truth[i]].mentions;
    ++counts[predicted[i]].mentions;
    if (truth[i] == predicted[i]) ++counts[truth[i]].found;
  }
  MacroF1 result;
  result.items = static_cast<int64_t>(truth.size());
  for (const auto& [name, of_class] : counts) {
    const double f1 = 2 * static_cast<double>(of_class.found) / static_cast<double>(of_class.mentions);
    result.by_class[name] = f1;
    result.value += f1 / static_cast<double>(counts.size());
  }
  return result;
}

}  // namespace consort::trainer
