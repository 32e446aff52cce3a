#include "coordinator/rpc/upload_target.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/rpc/error_detail.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

class ArtifactTarget : public UploadTarget {
 public:
  ArtifactTarget(const UploadStores& stores, const v1::WriteChunk& header)
      : stores_(stores),
        digest_(header.digest()),
        total_bytes_(header.total_bytes()),
        name_(absl::StrCat("artifact ", digest_)) {}

  const std::string& name() const override { return name_; }
  bool Stored() const override { return stores_.artifacts.Contains(digest_); }
  absl::StatusOr<std::unique_ptr<SpoolWriter>> Open() override {
    const uint64_t stored = stores_.artifacts.TotalBytes();
    const uint64_t quota = stores_.artifact_quota_bytes;
    if (quota > 0 && (total_bytes_ > quota || stored > quota - total_bytes_)) {
      return WithDetail(
          absl::ResourceExhaustedError(
              absl::StrCat("artifact does not fit the quota; remove some with 'consort artifact gc' or raise "
                           "[limits] artifact_quota_bytes: ",
                           total_bytes_, " bytes, stored ", stored, ", quota ", quota)),
          "artifact-quota", name_);
    }
    return stores_.artifacts.OpenPartial(digest_, total_bytes_);
  }
  void OnBytes(uint64_t) override {}
  void OnFull(const absl::Status&) override {}  // whoever stores an artifact waits for the answer
  absl::Status Finish(std::unique_ptr<SpoolWriter> writer) override {
    return stores_.artifacts.Adopt(std::move(writer), digest_);
  }

 private:
  const UploadStores stores_;
  const std::string digest_;
  const uint64_t total_bytes_;
  const std::string name_;
};

class UpdateTarget : public UploadTarget {
 public:
  UpdateTarget(const UploadStores& stores, std::string archive, const v1::WriteChunk& header)
      : stores_(stores),
        archive_(std::move(archive)),
        participation_id_(header.resource().participation_id()),
        digest_(header.digest()),
        total_bytes_(header.total_bytes()),
        name_(absl::StrCat("update of participation ", participation_id_)) {}

  const std::string& name() const override { return name_; }
  bool Stored() const override { return false; }  // the round decides: OpenSpool refuses what is over
  absl::StatusOr<std::unique_ptr<SpoolWriter>> Open() override {
    ASSIGN_OR_RETURN(const std::string path,
                     stores_.updates.OpenSpool(archive_, participation_id_, total_bytes_));
    return SpoolWriter::Open(path, total_bytes_);
  }
  void OnBytes(uint64_t committed_bytes) override {
    stores_.updates.OnSpoolProgress(participation_id_, committed_bytes);
  }
  void OnFull(const absl::Status& status) override {
    stores_.updates.OnSpoolTrouble(
        participation_id_,
        absl::StrCat("disk-full: the coordinator cannot store the update: ", status.message()));
  }
  absl::Status Finish(std::unique_ptr<SpoolWriter> writer) override {
    const absl::Status status = writer->Finish(digest_);
    if (absl::IsDataLoss(status)) stores_.updates.OnSpoolProgress(participation_id_, 0);
    RETURN_IF_ERROR(status);
    writer.reset();
    stores_.updates.OnSpoolComplete(participation_id_, digest_);
    return absl::OkStatus();
  }

 private:
  const UploadStores stores_;
  const std::string archive_;
  const std::string participation_id_;
  const std::string digest_;
  const uint64_t total_bytes_;
  const std::string name_;
};

// Participation ids become file names: nothing but what RandomId makes.
absl::Status CheckParticipationId(absl::string_view id) {
  const absl::StatusOr<std::string> bytes = HexDecode(id);
  if (bytes.ok() && bytes->size() == 16) return absl::OkStatus();
  return absl::InvalidArgumentError("participation id is not 32 lower-case hex digits");
}

absl::Status CheckWriter(const PeerIdentity& caller, bool update) {
  const v1::Role role = caller.member.role;
  const bool allowed =
      update ? role == v1::ROLE_ARCHIVE : role == v1::ROLE_RESEARCHER || role == v1::ROLE_OPERATOR;
  if (allowed) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(
      update ? "only archives send updates: " : "only researchers and operators store artifacts: ",
      caller.member.ToSpiffeId()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<UploadTarget>> MakeUploadTarget(const UploadStores& stores,
                                                               const PeerIdentity& caller,
                                                               const v1::WriteChunk& header) {
  if (header.total_bytes() == 0) {
    return absl::InvalidArgumentError("first chunk must say how many bytes will come; found total_bytes 0");
  }
  RETURN_IF_ERROR(DigestFromHex(header.digest()).status());
  switch (header.resource().kind_case()) {
    case v1::Resource::kArtifactDigest:
      RETURN_IF_ERROR(CheckWriter(caller, /*update=*/false));
      if (header.resource().artifact_digest() != header.digest()) {
        return absl::InvalidArgumentError(
            "artifact's name is not its digest; send the digest of the bytes as both");
      }
      return std::make_unique<ArtifactTarget>(stores, header);
    case v1::Resource::kParticipationId:
      RETURN_IF_ERROR(CheckWriter(caller, /*update=*/true));
      RETURN_IF_ERROR(CheckParticipationId(header.resource().participation_id()));
      return std::make_unique<UpdateTarget>(stores, caller.member.name, header);
    default:
      return absl::InvalidArgumentError("first chunk names no resource");
  }
}

absl::StatusOr<v1::TransferStatus> UploadStatus(const UploadStores& stores, const PeerIdentity& caller,
                                                const v1::Resource& resource) {
  v1::TransferStatus status;
  if (resource.kind_case() == v1::Resource::kArtifactDigest) {
    const std::string& digest = resource.artifact_digest();
    RETURN_IF_ERROR(DigestFromHex(digest).status());
    const absl::StatusOr<uint64_t> size = stores.artifacts.SizeOf(digest);
    if (!size.ok() && !absl::IsNotFound(size.status())) return size.status();
    status.set_complete(size.ok());
    status.set_total_bytes(size.value_or(0));
    status.set_committed_bytes(size.ok() ? *size : stores.artifacts.PartialBytes(digest));
    return status;
  }
  if (resource.kind_case() != v1::Resource::kParticipationId) {
    return absl::InvalidArgumentError("request names no resource");
  }
  RETURN_IF_ERROR(CheckWriter(caller, /*update=*/true));
  RETURN_IF_ERROR(CheckParticipationId(resource.participation_id()));
  ASSIGN_OR_RETURN(
      const std::string path,
      stores.updates.OpenSpool(caller.member.name, resource.participation_id(), /*total_bytes=*/0));
  std::error_code none;  // a spool that is not there yet has no bytes
  const auto bytes = std::filesystem::file_size(path, none);
  status.set_committed_bytes(none ? 0 : bytes);
  return status;
}

}  // namespace consort::coordinator
