#include "coordinator/explain/job_facts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using nlohmann::json;

// Reads members of one leaf's predicate. The first missing or mistyped member is kept as the failure, so that
// a reader asks for all it needs and checks once.
class LeafReader {
 public:
  LeafReader(uint64_t leaf, const json& object, absl::Status* failure)
      : leaf_(leaf), object_(object), failure_(failure) {}

  std::string Text(const char* member) const { return Get<std::string>(member, &json::is_string); }
  int64_t Integer(const char* member) const { return Get<int64_t>(member, &json::is_number_integer); }
  // Absent is allowed: empty.
  std::string OptionalText(const char* member) const {
    return object_.contains(member) ? Text(member) : std::string();
  }
  // Calls visit(LeafReader) for each object of a list.
  template <class Visit>
  void Each(const char* member, const Visit& visit) const {
    if (!Has(member, &json::is_array)) return;
    for (const json& item : object_.at(member)) visit(LeafReader(leaf_, item, failure_));
  }
  const json& object() const { return object_; }
  void Fail(absl::string_view member) const {
    if (failure_->ok()) {
      *failure_ = absl::DataLossError(absl::StrCat(
          "a ledger entry lacks a member that its kind requires; run `consort ledger verify`: leaf ", leaf_,
          ", member ", member));
    }
  }

 private:
  bool Has(const char* member, bool (json::*is_type)() const noexcept) const {
    if (object_.is_object() && object_.contains(member) && (object_.at(member).*is_type)()) return true;
    Fail(member);
    return false;
  }
  template <class Value>
  Value Get(const char* member, bool (json::*is_type)() const noexcept) const {
    return Has(member, is_type) ? object_.at(member).get<Value>() : Value();
  }

  uint64_t leaf_;
  const json& object_;
  absl::Status* failure_;
};

// Adds entry after entry to the facts of one job.
class Gatherer {
 public:
  explicit Gatherer(absl::string_view job_id) { facts_.job_id = std::string(job_id); }

  absl::Status Add(const ReportEntry& entry) {
    ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(entry.envelope));
    const json predicate = json::parse(statement.predicate);  // ReadEntry has checked it
    if (!predicate.contains("job_id") || predicate.at("job_id") != facts_.job_id) return absl::OkStatus();
    absl::Status failure;
    facts_.leaves.push_back(entry.index);
    Dispatch(entry.index, statement, LeafReader(entry.index, predicate, &failure));
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
  void Dispatch(uint64_t leaf, const ledger::Statement& statement, const LeafReader& read) {
    switch (statement.kind) {
      case ledger::Kind::kJob:
        return Job(leaf, read);
      case ledger::Kind::kApproval:
        return Approval(leaf, read);
      case ledger::Kind::kRoster:
        return Roster(leaf, read);
      case ledger::Kind::kRoundOpen:
        return RoundOpen(leaf, read);
      case ledger::Kind::kContribution:
        return Contribution(leaf, read);
      case ledger::Kind::kDecision:
        return Decision(leaf, read);
      case ledger::Kind::kAggregation:
        return Aggregation(leaf, read);
      case ledger::Kind::kEvaluation:
        return Evaluation(read);
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
    facts_.architecture = read.Text("architecture");
    facts_.method = read.Text("method");
    facts_.purpose = read.Text("purpose");
    facts_.strategy = read.Text("strategy");
    facts_.weighting = read.Text("weighting");
    facts_.mode = read.Text("mode");
    facts_.seed = read.Text("seed");
    facts_.base_digest = read.Text("base_digest");
    facts_.rounds_planned = read.Integer("rounds");
    facts_.quorum = read.Integer("quorum");
    facts_.local_steps = read.Integer("local_steps");
  }

  void Approval(uint64_t leaf, const LeafReader& read) {
    ArchiveFacts& archive = facts_.archives[read.Text("archive")];
    archive.approved = read.Text("decision") == "approve";
    archive.reason = read.Text("reason");
    archive.basis = read.Text("basis");
    archive.approval_leaf = leaf;
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

  void Contribution(uint64_t leaf, const LeafReader& read) {
    ReportedContribution contribution;
    contribution.leaf = leaf;
    contribution.archive = read.Text("archive");
    contribution.weight = read.Integer("weight");
    contribution.update_bytes = read.Integer("update_bytes");
    facts_.archives[contribution.archive].update_bytes += contribution.update_bytes;
    RoundAt(read.Integer("round")).contributions.push_back(std::move(contribution));
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

  void Evaluation(const LeafReader& read) {
    ArchiveFacts& archive = facts_.archives[read.Text("archive")];
    archive.bytes_sent = std::max(archive.bytes_sent, read.Integer("bytes_sent"));
    archive.journal_head = read.Text("journal_head");
    RoundFacts& round = RoundAt(read.Integer("round"));
    read.Each("scores", [&](const LeafReader& item) {
      ScoreSums& sums = round.scores[item.Text("tradition")];
      const json pairs = item.object().value("pairs", json::array());
      for (const json& pair : pairs) AddPair(pair, item, sums);
    });
  }

  static void AddPair(const json& pair, const LeafReader& read, ScoreSums& sums) {
    double before = 0, after = 0;
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string() ||
        !absl::SimpleAtod(pair[0].get<std::string>(), &before) ||
        !absl::SimpleAtod(pair[1].get<std::string>(), &after)) {
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
    read.Each("results", [&](const LeafReader& item) {
      release.results.push_back({item.Text("tradition"), item.Text("archive"), item.Integer("recordings"),
                                 item.Text("before"), item.Text("after"), item.Text("difference"),
                                 item.OptionalText("low"), item.OptionalText("high"), item.Text("verdict")});
      if (release.results.back().verdict == "harmed")
        release.harms.push_back(release.results.back().tradition);
    });
    facts_.release = std::move(release);
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

}  // namespace consort::coordinator
