// Rules of job, approval, roster and model-release.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {

absl::Status Rules::OnJob(const Said& said) {
  const std::string& job_id = said.Text("job_id");
  if (jobs_.contains(job_id)) return OutOfPlace(absl::StrCat("job was stated before: ", job_id));
  RETURN_IF_ERROR(
      said.ExpectSubjects({{absl::StrCat("job/", job_id), said.Text("job_digest")}, {"base-model", ""}}));
  Job job{.digest = said.Text("job_digest")};
  for (const nlohmann::json& manifest : said.predicate["manifests"]) {
    if (!manifest.is_string()) return DoesNotFit("a job's manifests must be digests");
    job.manifests.insert(manifest.get<std::string>());
  }
  if (job.manifests.empty()) return DoesNotFit("a job must name its manifests");
  undo_.Emplace(jobs_, job_id, std::move(job));
  return absl::OkStatus();
}

absl::Status Rules::OnApproval(const Said& said) {
  ASSIGN_OR_RETURN(Job* const job, FindJob(said));
  RETURN_IF_ERROR(said.ExpectSubjects({{"plan", said.Text("plan_digest")}}));
  const std::string& decision = said.Text("decision");
  if (decision != "approve" && decision != "refuse") return DoesNotFit("an approval must approve or refuse");
  if (job->digest != said.Text("job_digest"))
    return DoesNotFit("approval is of another job file than the job entry's");
  undo_.Emplace(job->approvals, said.index,
                Approval{said.Text("archive"), decision, said.Text("plan_digest")});
  return absl::OkStatus();
}

absl::Status Rules::OnRoster(const Said& said) {
  ASSIGN_OR_RETURN(Job* const job, FindJob(said));
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("job/", said.Text("job_id")), job->digest}}));
  if (!job->roster.empty() || job->ended) return OutOfPlace("job has a roster already or has ended");
  std::set<std::string> roster;
  for (const nlohmann::json& item : said.predicate["archives"]) {
    const auto name = item["archive"].get<std::string>();
    const auto approval = job->approvals.find(item["approval"].get<uint64_t>());
    if (approval == job->approvals.end() || approval->second.archive != name ||
        approval->second.decision != "approve" || approval->second.plan_digest != item["plan_digest"]) {
      return OutOfPlace(
          absl::StrCat("roster names an archive without the approval that it points to: ", name));
    }
    if (archives_.at(name).keyid != item["key"]) {
      return DoesNotFit(absl::StrCat("roster gives another key than the enrolled one for archive ", name));
    }
    if (!roster.insert(name).second) return DoesNotFit(absl::StrCat("roster names an archive twice: ", name));
  }
  if (roster.empty()) return DoesNotFit("roster is empty");
  undo_.Set(job->roster, std::move(roster));
  return absl::OkStatus();
}

absl::Status Rules::OnModelRelease(const Said& said) {
  ASSIGN_OR_RETURN(Job* const job, FindJob(said));
  if (job->ended) return OutOfPlace("job has ended without a release");
  if (said.subjects.size() != 1 || said.subjects[0].name != "model" ||
      !job->models.contains(said.subjects[0].sha256)) {
    return OutOfPlace("released model is not one that an aggregation of its job made");
  }
  return absl::OkStatus();
}

}  // namespace consort::ledger
