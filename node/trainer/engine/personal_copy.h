// An archive's own copy of a job's model, trained beside the shared one and kept (Ditto, Li et al. 2021,
// arXiv 2012.04221, algorithm 1). It lies in the trainer's private folder and is never sent.
#ifndef CONSORT_NODE_TRAINER_ENGINE_PERSONAL_COPY_H_
#define CONSORT_NODE_TRAINER_ENGINE_PERSONAL_COPY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/trainer/engine/job_terms.h"
#include "node/trainer/engine/local_files.h"
#include "node/trainer/engine/round_material.h"

namespace consort::trainer {

// One file a round; a copy is what FamilyModel::SaveState gives, with the job's specification in its
// metadata. `state_directory`: the trainer's. `job_digest`: SHA-256 of the specification, hex.
LocalFiles PersonalCopies(absl::string_view state_directory, absl::string_view job_digest);
inline constexpr char kPersonalPrefix[] = "personal-";  // of the files' names

// Names in a copy's metadata.
inline constexpr char kPersonalSpec[] = "consort.spec";    // base64 of the serialized JobSpec
inline constexpr char kPersonalRound[] = "consort.round";  // decimal

// A round's training of the copy. Borrowed.
struct PersonalTraining {
  const JobTerms& terms;
  FitTerms fit;  // of the copy: its steps and seeds, and lambda as proximal_mu
  absl::string_view base;
  absl::string_view state;  // that the round began with; empty: where the job starts
  absl::string_view spec;   // serialized
  std::string state_directory;
  const CheckpointFile* checkpoint = nullptr;  // null: an interrupted training starts again
};

// Steps along the gradient of the archive's own loss plus lambda * (v - w): v is the copy as the archive's
// last round of the job left it (the round's state in its first), w the round's state. Adam begins anew each
// round, as in the shared training. Of adapters whose factors take turns the round's factor is trained; both
// are kept. Logs which recordings were heard. A copy that diverges stays as it was, with a warning: nobody's
// round fails for what stays at the archive. Errors: Cancelled; those of FamilyModel::Fit but OutOfRange, of
// UseLog::Append and LocalFiles::Write.
absl::Status TrainPersonalCopy(const RoundMaterial& material, const PersonalTraining& training,
                               const std::function<void(int steps_done, double loss)>& progress,
                               const std::atomic<bool>& stop);

// The model with the newest copy of a round up to `round`. Null if the archive has none; also, with a
// warning, if it cannot be used.
std::unique_ptr<FamilyModel> LoadPersonalCopy(const JobTerms& terms, absl::string_view base,
                                              const LocalFiles& copies, uint32_t round);

// The terms under which copies are loaded: without control variates, which correct the shared training alone.
FamilyTerms TermsOfCopy(const FamilyTerms& terms);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_PERSONAL_COPY_H_
