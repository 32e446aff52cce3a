#include "coordinator/jobs/model_records.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace consort::coordinator {

std::vector<std::string> HarmsOf(const std::vector<v1::TraditionResult>& results) {
  std::vector<std::string> harms;
  for (const v1::TraditionResult& result : results) {
    if (result.verdict() != v1::TraditionResult::VERDICT_HARMED) continue;
    if (std::find(harms.begin(), harms.end(), result.tradition()) == harms.end())
      harms.push_back(result.tradition());
  }
  return harms;
}

std::vector<v1::ModelRecord> ModelRecordsOf(
    const JobRows& rows, const std::string& base_tensor_digest,
    const std::vector<std::vector<v1::TraditionResult>>& results_of_shown, const ArtifactStore& artifacts,
    const WithdrawnLeaves& withdrawn) {
  const auto record = [&](const std::string& digest, const std::string& tensor_digest) {
    v1::ModelRecord model;
    model.set_digest(digest);
    model.set_tensor_digest(tensor_digest);
    model.set_architecture(rows.spec.architecture());
    model.set_bytes(artifacts.SizeOf(digest).value_or(0));  // 0: collected since
    return model;
  };
  std::vector<v1::ModelRecord> records;
  records.push_back(record(rows.spec.base_model_digest(), base_tensor_digest));
  std::vector<std::string> marks;  // each round's model holds what those before it hold
  for (size_t i = 0; i < rows.shown.size(); ++i) {
    for (const ParticipationRow& row : rows.shown[i].participations) {
      const bool used = row.state == v1::PARTICIPATION_STATE_ACKNOWLEDGED && row.contribution_index >= 0;
      if (used && withdrawn.count(static_cast<uint64_t>(row.contribution_index)) > 0)
        marks.push_back(absl::StrCat("withdrawn-contribution: leaf ", row.contribution_index));
    }
    const RoundRow& round = rows.shown[i].round;
    if (round.result_artifact.empty()) continue;
    v1::ModelRecord model = record(round.result_artifact, round.result_digest);
    model.set_job_id(rows.job.job_id);
    model.set_round(round.number);
    for (const std::string& tradition : HarmsOf(results_of_shown[i])) model.add_harms(tradition);
    for (const std::string& mark : marks) model.add_marks(mark);
    const bool released = rows.job.release_index >= 0 && round.result_artifact == rows.job.state_artifact;
    model.set_ledger_state(
        StateOfLeaf(released ? rows.job.release_index : round.aggregation_index, rows.standing));
    records.push_back(std::move(model));
  }
  return records;
}

}  // namespace consort::coordinator
