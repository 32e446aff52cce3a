// Fits the tensors of somebody else's model file to an architecture and says what became of each.
#ifndef CONSORT_COMMON_STATE_DICT_MODEL_IMPORT_H_
#define CONSORT_COMMON_STATE_DICT_MODEL_IMPORT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/architectures/named_tensor.h"
#include "common/state_dict/state_dict.h"

namespace consort {

enum class ImportOutcome {
  kMatched,    // taken as it is
  kConverted,  // taken, from another float type
  kFolded,     // put together from a weight-norm pair
  kFromBase,   // not in the file; taken from the base model
  kMissing,    // not in the file, and no base model given
  kMisshapen,  // of another shape or no floats; not taken
  kNotFinite,  // has a NaN or infinity; not taken
  kExtra,      // in the file, but not of this architecture
};

struct ImportLine {
  std::string tensor;  // the architecture's name; of an extra one the file's
  ImportOutcome outcome = ImportOutcome::kMatched;
  std::string detail;  // the file's name where it differs, and shapes or types found and expected
};

struct ImportedModel {
  std::vector<ImportLine> lines;  // the architecture's tensors in its order, then extra ones
  std::string file;               // safetensors of the whole model; empty if a line above forbids it

  bool complete() const { return !file.empty(); }
};

// The word for an outcome in reports.
absl::string_view OutcomeWord(ImportOutcome outcome);

// Names fit as they are or without leading "model.", "module.", "state_dict." and "_orig_mod.". A weight W
// that the file holds as W_g and W_v, or as parametrizations.<W's last part>.original0 and .original1, is
// folded: g * v / |v| for each slice of dimension 0 (Salimans and Kingma 2016, arXiv 1602.07868, section 2).
// `base`: safetensors with every tensor of the layout, from which those that the file lacks or has in another
// shape are taken; or empty. Values that are not finite are never taken nor filled in.
// Errors: InvalidArgument "wrong-architecture: ..." if no tensor of the file fits; "artifact-damaged: ..." if
// two fit the same weight, or for a base that is unusable.
absl::StatusOr<ImportedModel> ImportModel(const std::vector<StoredTensor>& tensors,
                                          const std::vector<NamedTensor>& layout,
                                          absl::string_view architecture, absl::string_view base);

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_MODEL_IMPORT_H_
