// Puts the parts of a call's artifacts together and holds them to what they announced.
#ifndef CONSORT_NODE_TRAINER_RPC_ARTIFACT_INTAKE_H_
#define CONSORT_NODE_TRAINER_RPC_ARTIFACT_INTAKE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/rpc/spare_buffers.h"

namespace consort::trainer {

// Not thread-safe: one call owns it.
class ArtifactIntake {
 public:
  // Takes its memory from `spare` and gives it back there at its end. Borrowed.
  explicit ArtifactIntake(SpareBuffers& spare) : spare_(spare) {}
  ~ArtifactIntake();
  ArtifactIntake(const ArtifactIntake&) = delete;
  ArtifactIntake& operator=(const ArtifactIntake&) = delete;

  // A model's tensors are held in memory while they train; more than this is no small model.
  static constexpr uint64_t kMaxArtifactBytes = 1ull << 30;
  static constexpr size_t kMaxArtifacts = 3;  // base, before, after

  // Adds a part; parts of one artifact come in their order, artifacts one after the other or mixed.
  // Errors: InvalidArgument "artifact-damaged" when parts contradict each other or are more than announced,
  // ResourceExhausted "artifact-too-large". What was there stays.
  absl::Status Add(const v1::ArtifactPart& part);

  // Errors: InvalidArgument "artifact-damaged" naming the first artifact with bytes missing.
  absl::Status CheckComplete() const;

  // The bytes of `name`; empty when no such artifact came. Valid as long as the intake.
  absl::string_view Get(const std::string& name) const;

 private:
  struct Artifact {
    uint64_t total_bytes = 0;
    std::string bytes;
  };
  SpareBuffers& spare_;
  std::map<std::string, Artifact> artifacts_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_ARTIFACT_INTAKE_H_
