// Where a model family plugs in. A family is one file (plus its blocks) that implements these two classes,
// and one line in registry.cc; the engine knows nothing else about models. Networks that learn by gradients
// implement models/architecture.h instead and are families through gradient_family.h.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_FAMILY_H_
#define CONSORT_NODE_TRAINER_FAMILIES_FAMILY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/update/manifest.h"
#include "node/trainer/families/terms.h"
#include "node/trainer/models/architecture.h"
#include "node/trainer/training/fit_terms.h"
#include "node/trainer/training/training_checkpoint.h"

namespace consort::trainer {

// The recordings that one call may hear. Borrowed by the call. Not thread-safe but for Read, which is called
// from other threads too.
class Repertoire {
 public:
  virtual ~Repertoire() = default;

  struct Entry {
    std::string tradition;
    int64_t samples = 0;  // at the family's rate
    double share = 1;     // > 0; in what proportion it is learnt from, whatever its length
    // Another one whenever the audio may be another; empty: nothing that is learnt of it may be remembered.
    std::string identity = {};
  };
  virtual const std::vector<Entry>& entries() const = 0;
  // float32 mono, full scale = 1; fewer samples than asked for where a recording ends.
  // Errors: those of Collection::Read, PermissionDenied among them.
  virtual absl::StatusOr<std::vector<float>> Read(size_t entry, int64_t begin, int64_t samples) = 0;
  // In how many windows an entry was learnt from; told once, at the end, also of a training that failed.
  virtual void Heard(size_t entry, uint64_t windows) = 0;
};

// What one archive sends after a round: values in the manifest's order, without the weight.
struct Fitted {
  std::vector<float> deltas;
  std::vector<float> statistics;
  uint64_t windows = 0;   // stretches of audio that were learnt from
  double first_loss = 0;  // of the family's own objective, before and after; 0 where it has none
  double last_loss = 0;
};

// Everything that a round's training needs beside the model.
struct FitContext {
  Repertoire& repertoire;
  const FitTerms& terms;
  std::function<void(int steps_done, int steps_total, double loss)> progress;
  const std::atomic<bool>& stop;               // looked at before each step
  const CheckpointFile* checkpoint = nullptr;  // borrowed; null: an interrupted training starts again
  // What the model kept at the archive after the job's last round here, and, after Fit, what it keeps: never
  // sent.
  std::string* local = nullptr;  // borrowed; null: nothing is kept
  // The state, as SaveState gives it, that terms.proximal_mu pulls towards: of families that learn by
  // gradients.
  const std::string* anchor = nullptr;  // borrowed; null: where this training starts
};

// A model of a family with the state that a job shares. Deterministic: the same state, inputs, seeds and
// thread count give the same bits. Not thread-safe. Errors of every call: Unimplemented "not-offered: ..."
// for what the family does not do, Internal with the library's reason, beside those named.
class FamilyModel {
 public:
  virtual ~FamilyModel() = default;

  // One archive's part of a round. Trains in place. Errors: Cancelled; OutOfRange "not-finite: ..." naming
  // tensor and step; FailedPrecondition "no-usable-recording: ..."; those of Repertoire::Read.
  virtual absl::StatusOr<Fitted> Fit(const FitContext& context) = 0;

  // float32 [latent_size, frames], without chance.
  virtual absl::StatusOr<std::vector<float>> Encode(absl::Span<const float> audio) = 0;
  // Says audio again, without chance; as long as it was. Any length >= 1.
  virtual absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) = 0;
  // New audio of about that many seconds.
  virtual absl::StatusOr<std::vector<float>> Generate(double seconds, uint64_t seed) = 0;
  // A probability for each of classes(); they sum to 1.
  virtual const std::vector<std::string>& classes() const = 0;
  virtual absl::StatusOr<std::vector<double>> Classify(absl::Span<const float> audio) = 0;

  // What Fit's values are, in their order: deltas, then statistics. A job's update is these.
  virtual std::vector<Segment> segments() const = 0;

  // What the model is and what it has learnt, as JSON of one object: "family", "parameters" (their number),
  // and whatever of it a person can read.
  virtual absl::StatusOr<std::string> Describe() const = 0;

  // The state that a job aggregates: every tensor that a segment of its manifests names, and those frozen in
  // it. Safetensors.
  virtual absl::StatusOr<std::string> SaveState(const Metadata& metadata) const = 0;
  // The whole model, adapters merged in. Safetensors.
  virtual absl::StatusOr<std::string> Export(const Metadata& metadata) const = 0;
};

// Makes models. Immutable, thread-safe, lives as long as the program.
class Family {
 public:
  virtual ~Family() = default;
  virtual const ArchitectureFacts& facts() const = 0;
  // Whether Fit takes steps along gradients: then archives may train copies of their own and correct drift.
  virtual bool learns_by_gradients() const { return false; }

  // Errors: InvalidArgument "wrong-job: ..." naming the member of the job and the range it must be in.
  virtual absl::Status Check(const FamilyTerms& terms) const = 0;

  // How many lists of segments take turns: round n has those of round n plus this number. The terms'
  // analysis_round has a list of its own.
  virtual int Turns(const FamilyTerms& terms) const = 0;

  // Whether a round of a job can add up what the model's latents are like. Terms that ask for it may be given
  // to Load only where it can.
  virtual bool AnalysesLatents() const { return false; }

  // The model for a round, from 1. `base`: safetensors of the whole model, or empty for an untrained one
  // drawn from the terms' seed. `state`: what SaveState or the coordinator gave, or empty for the state a job
  // starts from. Errors: InvalidArgument "artifact-damaged: ...", "wrong-architecture: ..." or, for settings
  // that do not suit this base, "wrong-job: ..."; OutOfRange "not-finite: ...".
  virtual absl::StatusOr<std::unique_ptr<FamilyModel>> Load(const FamilyTerms& terms, uint32_t round,
                                                            absl::string_view base,
                                                            absl::string_view state) const = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_FAMILY_H_
