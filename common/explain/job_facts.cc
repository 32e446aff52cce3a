#include "common/explain/job_facts.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/explain/leaf_reader.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::explain {
namespace {

using nlohmann::json;

// Adds entry after entry to the facts of one job.
class Gatherer {
 public:
  explicit Gatherer(absl::string_view job_id) { facts_.job_id = std::string(job_id); }

  absl::Status Add(const ReportEntry& entry) {
    ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(entry.envelope));
    const json predicate = json::parse(statement.predicate);  // ReadEntry has checked it
    if (!predicate.contains("job_id") || predicate.at("job_id") != facts_.job_id) return absl::OkStatus();
    absl::Status failure;
    const LeafReader read(entry.index, predicate, &failure);
    if (TakeClaim(entry.index, statement.kind, read)) return absl::OkStatus();
    facts_.leaves.push_back(entry.index);
    Dispatch(entry.index, statement, read);
    return failure;
  }

  absl::StatusOr<ReportedJob> Finish() && {
    if (facts_.job_digest.empty()) {
      return absl::NotFoundError(absl::StrCat(
          "the ledger has no entry for this job; look at `consort job list`: job ", facts_.job_id));
    }
    return std::move(facts_);
  }

 private:
  // Entries that archives sign are claims: they are logged whatever they say, and one that cannot be read or
  // fits nothing has no effect, so that no archive can spoil a report. Returns false for other kinds.
  bool TakeClaim(uint64_t leaf, ledger::Kind kind, const LeafReader& read) {
    bool fits = false;
    if (kind == ledger::Kind::kApproval) {
      fits = Approval(leaf, read);
    } else if (kind == ledger::Kind::kContribution) {
      fits = Contribution(leaf, read);
    } else if (kind == ledger::Kind::kEvaluation) {
      fits = Evaluation(read);
    } else {
      return false;
    }
    if (fits) facts_.leaves.push_back(leaf);
    return true;
  }

  void Dispatch(uint64_t leaf, const ledger::Statement& statement, const LeafReader& read) {
    switch (statement.kind) {
      case ledger::Kind::kJob:
        return Job(leaf, read);
      case ledger::Kind::kRoster:
        return Roster(leaf, read);
      case ledger::Kind::kRoundOpen:
        return RoundOpen(leaf, read);
      case ledger::Kind::kDecision:
        return Decision(leaf, read);
      case ledger::Kind::kAggregation:
        return Aggregation(leaf, read);
      case ledger::Kind::kModelRelease:
        return Release(leaf, statement, read);
      default:
        return;  // kinds that say nothing about a job's outcome
    }
  }

  void Job(uint64_t leaf, const LeafReader& read) {
    facts_.job_leaf = leaf;
    facts_.origin = read.Text("origin");
    facts_.project = read.Text("project");
    facts_.job_digest = read.Text("job_digest");
    facts_.name = read.Text("name");
    facts_.submitted_by = read.Text("submitted_by");
    if (const auto held = read.object().find("commitments"); held != read.object().end()) {
      const LeafReader commitments(leaf, *held, read.failure());
      facts_.name_commitment = commitments.OptionalText("name");
      facts_.submitter_commitment = commitments.OptionalText("submitted_by");
    }
    facts_.architecture = read.Text("architecture");
    facts_.method = read.Text("method");
    facts_.purpose = read.Text("purpose");
    facts_.strategy = read.Text("strategy");
    facts_.weighting = read.Text("weighting");
    facts_.objective = read.OptionalText("objective");
    facts_.mode = read.Text("mode");
    facts_.seed = read.Text("seed");
    facts_.base_digest = read.Text("base_digest");
    facts_.rounds_planned = read.Integer("rounds");
    facts_.quorum = read.Integer("quorum");
    facts_.local_steps = read.Integer("local_steps");
  }

  bool Approval(uint64_t leaf, const LeafReader& read) {
    const std::string name = read.Text("archive");
    const std::string decision = read.Text("decision");
    const std::string reason = read.Text("reason");
    const std::string basis = read.Text("basis");
    if (!read.ok()) return false;
    ArchiveFacts& archive = facts_.archives[name];
    archive.approved = decision == "approve";
    archive.reason = reason;
    archive.basis = basis;
    archive.approval_leaf = leaf;
    return true;
  }

  void Roster(uint64_t leaf, const LeafReader& read) {
    facts_.roster_leaf = leaf;
    read.Each("archives", [&](const LeafReader& item) {
      ArchiveFacts& archive = facts_.archives[item.Text("archive")];
      archive.weight = item.Integer("weight");
      archive.supplies.clear();
      item.Each("supplies", [&](const LeafReader& supply) {
        archive.supplies.push_back({supply.Text("tradition"), supply.Integer("training_recordings"),
                                    supply.Integer("holdout_recordings"),
                                    supply.Integer("training_seconds")});
      });
    });
  }

  void RoundOpen(uint64_t leaf, const LeafReader& read) {
    RoundFacts& round = RoundAt(read.Integer("round"));
    round.round_id = read.Text("round_id");
    round.open_leaf = leaf;
    read.Each("cohort", [&](const LeafReader& item) {
      round.cohort.emplace_back(item.Text("archive"), item.Integer("weight"));
    });
    read.Each("traditions", [&](const LeafReader& item) {
      round.traditions.emplace_back(item.Text("tradition"), item.Integer("weight"));
    });
  }

  bool Contribution(uint64_t leaf, const LeafReader& read) {
    ReportedContribution contribution;
    contribution.leaf = leaf;
    contribution.archive = read.Text("archive");
    contribution.weight = read.Integer("weight");
    contribution.update_bytes = read.Integer("update_bytes");
    RoundFacts* const round = RoundOfClaim(read, contribution.archive);
    if (round == nullptr) return false;
    facts_.archives[contribution.archive].update_bytes += contribution.update_bytes;
    round->contributions.push_back(std::move(contribution));
    return true;
  }

  void Decision(uint64_t leaf, const LeafReader& read) {
    const std::string about = read.Text("about");
    if (about == "job") {
      facts_.ended_outcome = read.Text("outcome");
      facts_.ended_reason = read.Text("reason");
      facts_.ended_leaf = leaf;
    } else if (about == "round") {
      RoundAt(read.Integer("round")).abandoned_reason = read.Text("reason");
    } else if (about == "contribution") {
      DecideContribution(read);
    }
  }

  void DecideContribution(const LeafReader& read) {
    const auto leaf = static_cast<uint64_t>(read.Integer("contribution"));
    const std::string outcome = read.Text("outcome");
    for (ReportedContribution& contribution : RoundAt(read.Integer("round")).contributions) {
      if (contribution.leaf != leaf) continue;
      contribution.outcome = outcome;
      contribution.reason = read.Text("reason");
      if (outcome == "accepted") ++facts_.archives[contribution.archive].updates_accepted;
    }
  }

  void Aggregation(uint64_t leaf, const LeafReader& read) {
    RoundFacts& round = RoundAt(read.Integer("round"));
    round.aggregation_leaf = leaf;
    round.weight_total = read.Integer("weight_total");
    round.model_digest = read.Text("model_digest");
    read.Each("absent", [&](const LeafReader& item) {
      round.absent.push_back({item.Text("archive"), item.Text("state"), item.Text("reason")});
    });
  }

  // An archive's first evaluation of a round's model, of traditions that the roster has from it.
  bool Evaluation(const LeafReader& read) {
    const std::string name = read.Text("archive");
    const int64_t bytes_sent = read.Integer("bytes_sent");
    const std::string journal_head = read.Text("journal_head");
    const std::string model = read.Text("after_digest");
    std::map<std::string, ScoreSums> scores;
    read.Each("scores", [&](const LeafReader& item) {
      ScoreSums& sums = scores[item.Text("tradition")];
      item.Each("pairs", [&](const LeafReader& pair) { AddPair(pair, sums); });
    });
    RoundFacts* const round = RoundOfClaim(read, name);
    if (round == nullptr || round->model_digest != model) return false;
    ArchiveFacts& archive = facts_.archives[name];
    for (const auto& [tradition, sums] : scores) {
      if (!Supplies(archive, tradition)) return false;
    }
    if (!evaluated_.emplace(round->number, name).second) return false;
    archive.bytes_sent = std::max(archive.bytes_sent, bytes_sent);
    archive.journal_head = journal_head;
    for (const auto& [tradition, sums] : scores) {
      ScoreSums& all = round->scores[tradition];
      all.recordings += sums.recordings;
      all.before += sums.before;
      all.after += sums.after;
    }
    return true;
  }

  static bool Supplies(const ArchiveFacts& archive, const std::string& tradition) {
    return std::any_of(archive.supplies.begin(), archive.supplies.end(),
                       [&](const SupplyFacts& supply) { return supply.tradition == tradition; });
  }

  static void AddPair(const LeafReader& read, ScoreSums& sums) {
    const json& pair = read.object();
    double before = 0, after = 0;
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string() ||
        !absl::SimpleAtod(pair[0].get<std::string>(), &before) ||
        !absl::SimpleAtod(pair[1].get<std::string>(), &after) || !std::isfinite(before) ||
        !std::isfinite(after)) {
      return read.Fail("pairs");
    }
    ++sums.recordings;
    sums.before += before;
    sums.after += after;
  }

  void Release(uint64_t leaf, const ledger::Statement& statement, const LeafReader& read) {
    ReleaseFacts release;
    release.leaf = leaf;
    release.model_digest = statement.subjects.front().sha256;
    release.model_artifact = read.Text("model_artifact");
    release.level = read.Text("level");
    release.measure = read.OptionalText("measure");
    if (release.measure.empty()) release.measure = "multi-scale-stft-distance.v1";
    read.Each("results", [&](const LeafReader& item) {
      release.results.push_back({item.Text("tradition"), item.Text("archive"), item.Integer("recordings"),
                                 item.Text("before"), item.Text("after"), item.Text("difference"),
                                 item.OptionalText("low"), item.OptionalText("high"), item.Text("verdict"),
                                 item.OptionalText("yardstick"), item.OptionalText("personal")});
      if (release.results.back().verdict == "harmed")
        release.harms.push_back(release.results.back().tradition);
    });
    facts_.release = std::move(release);
  }

  // The open round that a claim is about, if the archive is in its cohort; null if the claim fits none.
  RoundFacts* RoundOfClaim(const LeafReader& read, const std::string& archive) {
    const int64_t number = read.Integer("round");
    const std::string round_id = read.Text("round_id");
    if (!read.ok()) return nullptr;
    for (RoundFacts& round : facts_.rounds) {
      const bool in_cohort = std::any_of(round.cohort.begin(), round.cohort.end(),
                                         [&](const auto& member) { return member.first == archive; });
      if (round.number == number && round.round_id == round_id && in_cohort) return &round;
    }
    return nullptr;
  }

  RoundFacts& RoundAt(int64_t number) {
    for (RoundFacts& round : facts_.rounds) {
      if (round.number == number) return round;
    }
    RoundFacts round;
    round.number = number;
    facts_.rounds.push_back(std::move(round));
    return facts_.rounds.back();
  }

  ReportedJob facts_;
  std::set<std::pair<int64_t, std::string>> evaluated_;  // rounds and archives
};

}  // namespace

absl::StatusOr<ReportedJob> GatherJobFacts(absl::string_view job_id, absl::Span<const ReportEntry> entries) {
  Gatherer gatherer(job_id);
  for (const ReportEntry& entry : entries) {
    if (absl::Status status = gatherer.Add(entry); !status.ok()) {
      if (absl::IsDataLoss(status)) return status;
      return absl::DataLossError(absl::StrCat("a ledger entry cannot be read; run `consort ledger verify`: ",
                                              status.message(), ", leaf ", entry.index));
    }
  }
  return std::move(gatherer).Finish();
}

}  // namespace consort::explain
