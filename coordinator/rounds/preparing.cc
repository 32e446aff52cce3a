#include "coordinator/rounds/preparing.h"

#include <utility>

#include "common/artifact/safetensors.h"
#include "common/status/macros.h"
#include "common/update/manifest.h"
#include "coordinator/jobs/job_rows.h"
#include "coordinator/rounds/entries.h"

namespace consort::coordinator {
namespace {

// The trainer's manifests must keep the job's terms: they decide what the ring can hold.
absl::Status CheckTerms(const v1::JobSpec& spec, const std::vector<std::string>& manifests) {
  for (const std::string& json : manifests) {
    ASSIGN_OR_RETURN(const Manifest manifest, Manifest::Parse(json));
    const Manifest::Terms& terms = manifest.terms();
    if (terms.clip_norm != spec.clip_norm() || terms.max_weight != spec.max_weight() ||
        terms.cohort_bound != spec.cohort_bound()) {
      return absl::InternalError("trainer-answer: a manifest of the trainer does not keep the job's terms");
    }
  }
  return absl::OkStatus();
}

// Those that take turns, then the last round's own.
absl::StatusOr<std::vector<std::string>> ManifestsOf(const v1::JobSpec& spec, Trainer::Prepared& prepared) {
  std::vector<std::string> manifests = std::move(prepared.manifests);
  if (manifests.empty()) return absl::InternalError("trainer-answer: the trainer gave no manifest");
  if (prepared.last_manifest.empty() == spec.latent_analysis()) {
    return absl::InternalError(
        "trainer-answer: the trainer gave a manifest for the last round that the job does not ask for, or "
        "none though it does");
  }
  if (spec.latent_analysis()) manifests.push_back(std::move(prepared.last_manifest));
  RETURN_IF_ERROR(CheckTerms(spec, manifests));
  return manifests;
}

}  // namespace

void Preparing::Begin(const JobRow& job, int attempts) {
  v1::JobSpec spec;
  if (!spec.ParseFromString(job.spec))
    return context_.flow.FailJob(job.job_id, "internal: the stored spec is damaged");
  context_.RunBlocking<absl::StatusOr<Prepared>>(
      [this, spec, spec_bytes = job.spec] { return PrepareNow(spec, spec_bytes); },
      [this, job_id = job.job_id, attempts](const absl::StatusOr<Prepared>& prepared) {
        OnPrepared(job_id, attempts, prepared);
      });
}

// Off the executor: touches nothing but parts that are thread-safe.
absl::StatusOr<Preparing::Prepared> Preparing::PrepareNow(const v1::JobSpec& spec,
                                                          const std::string& spec_bytes) const {
  Prepared result;
  ASSIGN_OR_RETURN(const std::string base, context_.parts.artifacts.PathOf(spec.base_model_digest()));
  ASSIGN_OR_RETURN(result.base_digest, TensorDigestOfFile(base));
  ASSIGN_OR_RETURN(Trainer::Prepared prepared, context_.parts.trainer.Prepare(spec_bytes, base));
  ASSIGN_OR_RETURN(result.manifests, ManifestsOf(spec, prepared));
  ASSIGN_OR_RETURN(result.state_digest, TensorDigest(prepared.state));
  ASSIGN_OR_RETURN(result.state_artifact, context_.parts.artifacts.Put(prepared.state));
  return result;
}

void Preparing::OnPrepared(const std::string& job_id, int attempts,
                           const absl::StatusOr<Prepared>& prepared) {
  if (absl::IsUnavailable(prepared.status()) && attempts > 1) {
    context_.timers.Set("prepare/" + job_id, kBetweenAttempts, [this, job_id, attempts] {
      JobRow job;
      const absl::Status read = context_.Transact([&](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(job, transaction.GetJob(job_id));
        return absl::OkStatus();
      });
      if (!read.ok()) return context_.flow.Trouble(job_id, read);
      if (job.state == v1::JOB_STATE_SUBMITTED) Begin(job, attempts - 1);
    });
    return;
  }
  if (!prepared.ok()) return context_.flow.FailJob(job_id, CleanReason(prepared.status().message()));
  bool stale = false;
  const absl::Status committed = CommitPrepared(job_id, *prepared, stale);
  if (!committed.ok()) return context_.flow.Trouble(job_id, committed);
  if (!stale) context_.flow.Continue(job_id);
}

// `stale`: the job was cancelled meanwhile.
absl::Status Preparing::CommitPrepared(const std::string& job_id, const Prepared& prepared, bool& stale) {
  return context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(JobRow job, transaction.GetJob(job_id));
    stale = job.state != v1::JOB_STATE_SUBMITTED;
    if (stale) return absl::OkStatus();
    v1::JobSpec spec;
    if (!spec.ParseFromString(job.spec))
      return absl::DataLossError("the stored spec of a job cannot be read");
    std::vector<std::string> digests;
    for (const std::string& json : prepared.manifests) {
      ASSIGN_OR_RETURN(const Manifest manifest, Manifest::Parse(json));
      digests.push_back(manifest.digest());
    }
    ASSIGN_OR_RETURN(job.manifests, PackManifests(prepared.manifests));
    job.state_artifact = prepared.state_artifact;
    job.state_digest = prepared.state_digest;
    job.state = v1::JOB_STATE_PLANNING;
    EntryWriter entries(transaction, context_.parts.sequencer);
    ASSIGN_OR_RETURN(const Appended entry, entries.Job(job, spec, prepared.base_digest, digests));
    job.job_index = static_cast<int64_t>(entry.index);
    RETURN_IF_ERROR(transaction.Put(job));
    ASSIGN_OR_RETURN(const std::vector<MemberRow> members, transaction.ListMembers());
    for (const MemberRow& member : members) {
      if (member.role != v1::ROLE_ARCHIVE || member.revoked) continue;
      OfferRow offer;
      offer.job_id = job_id;
      offer.archive = member.name;
      RETURN_IF_ERROR(transaction.Put(offer));
    }
    return absl::OkStatus();
  });
}

}  // namespace consort::coordinator
