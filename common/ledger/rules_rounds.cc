// Rules of round-open, contribution, aggregation and evaluation.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {

absl::Status Rules::OnRoundOpen(const Said& said) {
  ASSIGN_OR_RETURN(Job* const job, FindJob(said));
  const std::string& round_id = said.Text("round_id");
  if (job->ended) return OutOfPlace("round is opened after its job has ended");
  if (rounds_.contains(round_id)) return OutOfPlace(absl::StrCat("round was opened before: ", round_id));
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("round/", round_id), said.Text("base_digest")}}));
  if (!job->manifests.contains(said.Text("manifest_digest"))) {
    return DoesNotFit("round-open names a manifest that its job does not");
  }
  Round round{.job_id = said.Text("job_id"),
              .number = said.Integer("round"),
              .base_digest = said.DigestIn("base_digest"),
              .manifest_digest = said.DigestIn("manifest_digest")};
  if (round.number == 0) return DoesNotFit("rounds are counted from 1");
  for (const nlohmann::json& item : said.predicate["cohort"]) {
    const auto name = item["archive"].get<std::string>();
    if (!job->roster.contains(name))
      return OutOfPlace(absl::StrCat("cohort has an archive outside the roster: ", name));
    if (!round.cohort.emplace(name, Seat{item["weight"].get<uint64_t>(), std::nullopt}).second) {
      return DoesNotFit(absl::StrCat("cohort names an archive twice: ", name));
    }
  }
  undo_.Emplace(rounds_, round_id, std::move(round));
  return absl::OkStatus();
}

absl::Status Rules::OnContribution(const Said& said) {
  ASSIGN_OR_RETURN(Round* const round, FindRound(said));
  const std::string& archive = said.Text("archive");
  RETURN_IF_ERROR(said.ExpectSubjects({{"update", said.Text("update_digest")}}));
  const auto seat = round->cohort.find(archive);
  if (seat == round->cohort.end()) {
    return OutOfPlace(absl::StrCat("archive is not in the round's cohort: ", archive));
  }
  if (round->model_digest) return OutOfPlace("contribution comes after its round's aggregation");
  if (seat->second.contribution) {
    return OutOfPlace(absl::StrCat("archive has contributed to this round before: ", archive));
  }
  undo_.Set(seat->second.contribution, said.index);
  const bool fits = said.DigestIn("base_digest") == round->base_digest &&
                    said.DigestIn("manifest_digest") == round->manifest_digest &&
                    said.Integer("weight") <= seat->second.weight;
  undo_.Emplace(contributions_, said.index,
                Contribution{.archive = archive,
                             .leaf_hash = said.leaf_hash,
                             .round_id = said.Text("round_id"),
                             .weight = said.Integer("weight"),
                             .content_fits = fits});
  return absl::OkStatus();
}

absl::Status Rules::OnAggregation(const Said& said) {
  ASSIGN_OR_RETURN(Round* const round, FindRound(said));
  if (round->model_digest) return OutOfPlace("round was aggregated before");
  if (round->abandoned) return OutOfPlace("round was abandoned before");
  RETURN_IF_ERROR(
      said.ExpectSubjects({{"model", said.Text("model_digest")}, {"sum", said.Text("sum_digest")}}));
  std::set<std::string> accounted;
  uint64_t weight = 0;
  for (const nlohmann::json& index : said.predicate["contributions"]) {
    const auto found =
        index.is_number_unsigned() ? contributions_.find(index.get<uint64_t>()) : contributions_.end();
    if (found == contributions_.end() || found->second.round_id != said.Text("round_id") ||
        found->second.outcome != Outcome::kAccepted || !accounted.insert(found->second.archive).second) {
      return OutOfPlace(absl::StrCat(
          "aggregation uses a contribution that is not an accepted one of its round: leaf ", index.dump()));
    }
    if (found->second.withdrawn)
      return OutOfPlace(
          absl::StrCat("aggregation uses a contribution after its withdrawal: leaf ", found->first));
    weight += found->second.weight;
  }
  if (accounted.empty()) return DoesNotFit("aggregation uses no contribution");
  if (weight != said.Integer("weight_total")) {
    return DoesNotFit(absl::StrCat("aggregation's weight is not the sum of its contributions': found ",
                                   said.Integer("weight_total"), ", expected ", weight));
  }
  for (const nlohmann::json& item : said.predicate["absent"])
    accounted.insert(item["archive"].get<std::string>());
  for (const auto& [archive, seat] : round->cohort) {
    if (!accounted.contains(archive)) {
      return DoesNotFit(
          absl::StrCat("aggregation neither uses nor excuses an archive of its cohort: ", archive));
    }
  }
  undo_.Set(round->model_digest, said.DigestIn("model_digest"));
  undo_.Emplace(jobs_.at(round->job_id).models, said.Text("model_digest"));
  return absl::OkStatus();
}

absl::Status Rules::OnEvaluation(const Said& said) {
  ASSIGN_OR_RETURN(Round* const round, FindRound(said));
  RETURN_IF_ERROR(said.ExpectSubjects({{"model", said.Text("after_digest")}}));
  if (!round->cohort.contains(said.Text("archive")))
    return OutOfPlace("evaluation comes from outside the round's cohort");
  if (round->model_digest == said.DigestIn("after_digest")) return absl::OkStatus();
  return OutOfPlace("evaluation is of a model that its round's aggregation did not make");
}

}  // namespace consort::ledger
