#include "node/trainer/rpc/artifact_intake.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::trainer {

ArtifactIntake::~ArtifactIntake() {
  for (auto& [name, artifact] : artifacts_) spare_.Give(std::move(artifact.bytes));
}

absl::Status ArtifactIntake::Add(const v1::ArtifactPart& part) {
  if (part.total_bytes() > kMaxArtifactBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("artifact-too-large: the trainer takes at most ",
                                                     kMaxArtifactBytes, " bytes: ", part.name(), " has ",
                                                     part.total_bytes()));
  }
  const auto found = artifacts_.find(part.name());
  if (found == artifacts_.end() && artifacts_.size() == kMaxArtifacts) {
    return absl::InvalidArgumentError(
        absl::StrCat("artifact-damaged: a call has at most ", kMaxArtifacts, " artifacts"));
  }
  const uint64_t held = found == artifacts_.end() ? 0 : found->second.bytes.size();
  const uint64_t announced = found == artifacts_.end() ? part.total_bytes() : found->second.total_bytes;
  if (part.total_bytes() != announced || part.data().size() > announced - held) {
    return absl::InvalidArgumentError(absl::StrCat(
        "artifact-damaged: the parts do not fit the announced length; send the artifact again: ", part.name(),
        " announced ", announced, ", now ", part.total_bytes(), ", bytes ", held + part.data().size()));
  }
  Artifact& artifact = artifacts_[part.name()];
  if (found == artifacts_.end())
    artifact.bytes = spare_.Take(announced);  // bounded above; growing would copy it all
  artifact.total_bytes = announced;
  artifact.bytes.append(part.data());
  return absl::OkStatus();
}

absl::Status ArtifactIntake::CheckComplete() const {
  for (const auto& [name, artifact] : artifacts_) {
    if (artifact.bytes.size() == artifact.total_bytes) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("artifact-damaged: bytes are missing; send the artifact again: ", name, " has ",
                     artifact.bytes.size(), " of ", artifact.total_bytes));
  }
  return absl::OkStatus();
}

absl::string_view ArtifactIntake::Get(const std::string& name) const {
  const auto found = artifacts_.find(name);
  return found == artifacts_.end() ? absl::string_view() : absl::string_view(found->second.bytes);
}

}  // namespace consort::trainer
