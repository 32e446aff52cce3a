// What the commands for an archive's own staff read: a mixture's state and a folder of released examples.
#ifndef CONSORT_NODE_TRAINER_APP_EXAMPLE_FILES_H_
#define CONSORT_NODE_TRAINER_APP_EXAMPLE_FILES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/trainer/families/example_library.h"
#include "node/trainer/families/mixture_state.h"

namespace consort::trainer {

inline constexpr int kExampleRateHz = 44100;

// A descriptor-mixture's state or released model. Errors: as StatusOfErrno; those of MixtureState::ParseAny.
absl::StatusOr<MixtureState> ReadMixture(const std::string& path);

// A whole recording, mono at kExampleRateHz, at most ExampleLibrary::kMostSeconds long. Errors: those of
// ReadExcerpt with the path; ResourceExhausted "too-long: ...".
absl::StatusOr<std::vector<float>> ReadSound(const std::string& path);

struct Examples {
  std::shared_ptr<const ExampleLibrary> library;
  std::vector<std::string> names;  // by example: paths relative to the folder
};

// Every recording below `folder` in the order of paths, without `left_out` (empty: none), which is found by
// what file it is, not by its name. Errors: NotFound if there is none; those of ReadSound and
// ExampleLibrary::Add, naming the file.
absl::StatusOr<Examples> ReadExamples(const std::string& folder, const std::string& left_out);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_APP_EXAMPLE_FILES_H_
