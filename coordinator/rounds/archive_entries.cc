#include "coordinator/rounds/archive_entries.h"

#include <cmath>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using nlohmann::json;

// Reads members of one JSON object; the first problem is kept and later reads do nothing.
class Members {
 public:
  explicit Members(const json& object) : object_(object) {}

  std::string Text(const char* name) {
    const json* member =
        Find(name, object_.is_object() && object_.contains(name) && object_[name].is_string(), "a string");
    return member == nullptr ? std::string() : member->get<std::string>();
  }
  uint64_t Number(const char* name, uint64_t largest) {
    const json* member =
        Find(name, object_.is_object() && object_.contains(name) && object_[name].is_number_unsigned(),
             "an integer");
    const uint64_t value = member == nullptr ? 0 : member->get<uint64_t>();
    if (value > largest) Note(name, "is too large");
    return value;
  }
  const json* List(const char* name) {
    return Find(name, object_.is_object() && object_.contains(name) && object_[name].is_array(), "a list");
  }
  void Note(absl::string_view name, absl::string_view problem) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(absl::StrCat("bad-entry: member ", name, " of the ledger entry ",
                                                      problem, "; see docs/formats/ledger.md"));
  }
  const absl::Status& status() const { return status_; }

 private:
  const json* Find(const char* name, bool good, const char* expected) {
    if (good) return &object_[name];
    Note(name, absl::StrCat("is missing or not ", expected));
    return nullptr;
  }

  const json& object_;
  absl::Status status_;
};

struct Opened {
  ledger::Statement statement;
  json predicate;
};

absl::StatusOr<Opened> Open(absl::string_view envelope, ledger::Kind kind) {
  Opened opened;
  ASSIGN_OR_RETURN(opened.statement, ledger::ReadEntry(envelope));
  if (opened.statement.kind != kind) {
    return absl::InvalidArgumentError(absl::StrCat("bad-entry: the ledger entry is of kind ",
                                                   ledger::KindName(opened.statement.kind), ", expected ",
                                                   ledger::KindName(kind)));
  }
  ASSIGN_OR_RETURN(opened.predicate, ledger::ParseStrictJson(opened.statement.predicate));
  return opened;
}

absl::Status CheckSubject(const ledger::Statement& statement, absl::string_view name,
                          absl::string_view digest) {
  if (statement.subjects.size() == 1 && statement.subjects[0].name == name &&
      statement.subjects[0].sha256 == digest) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("bad-entry: the subject of the ledger entry must be \"",
                                                 name, "\" with the digest in its members"));
}

constexpr uint64_t kLargest32 = std::numeric_limits<uint32_t>::max();
constexpr uint64_t kLargestJson = (uint64_t{1} << 53) - 1;

// A score: a decimal string, finite and not negative.
double Score(const json& value, Members& members) {
  double number = 0;
  if (!value.is_string() || !absl::SimpleAtod(value.get_ref<const std::string&>(), &number) ||
      !std::isfinite(number) || number < 0) {
    members.Note("scores", "holds a score that is not a decimal string of a number of at least 0");
  }
  return number;
}

// A decimal string, finite.
double Value(const json& value, Members& members) {
  double number = 0;
  if (!value.is_string() || !absl::SimpleAtod(value.get_ref<const std::string&>(), &number) ||
      !std::isfinite(number)) {
    members.Note("scores", "holds a measure that is not a decimal string of a finite number");
  }
  return number;
}

std::vector<std::pair<double, double>> ValuePairs(const json& list, Members& members) {
  std::vector<std::pair<double, double>> pairs;
  for (const json& pair : list) {
    if (!pair.is_array() || pair.size() != 2) {
      members.Note("scores", "holds a measure's pair that is not two values");
      return {};
    }
    pairs.emplace_back(Value(pair[0], members), Value(pair[1], members));
  }
  return pairs;
}

// A list of scores that an element may have.
std::vector<double> ReadList(const json& item, const char* name, Members& members) {
  std::vector<double> scores;
  const auto list = item.find(name);
  if (list == item.end()) return scores;
  if (!list->is_array()) members.Note("scores", absl::StrCat("holds a ", name, " that is no list"));
  if (!members.status().ok()) return scores;
  for (const json& value : *list) scores.push_back(Score(value, members));
  return scores;
}

// Yardstick, scores of the archive's own copy and further measures, which an evaluation may have.
void ReadFurther(const json& item, TraditionPairs& tradition, Members& members) {
  tradition.yardstick = ReadList(item, "yardstick", members);
  tradition.personal = ReadList(item, "personal", members);
  const auto measures = item.find("measures");
  if (measures == item.end()) return;
  if (!measures->is_array()) return members.Note("scores", "holds measures that are no list");
  for (const json& each : *measures) {
    Members one(each);
    Measured measured;
    measured.name = one.Text("name");
    measured.set_size = static_cast<uint32_t>(one.Number("set_size", kLargest32));
    const json* pairs = one.List("pairs");
    if (!one.status().ok()) return members.Note("scores", "holds a measure without name, set_size or pairs");
    measured.pairs = ValuePairs(*pairs, members);
    tradition.measures.push_back(std::move(measured));
  }
}

std::vector<TraditionPairs> ReadScores(const json& list, Members& members) {
  std::vector<TraditionPairs> scores;
  for (const json& item : list) {
    Members one(item);
    TraditionPairs tradition;
    tradition.tradition = one.Text("tradition");
    const json* pairs = one.List("pairs");
    if (!one.status().ok()) {
      members.Note("scores", "holds an element without tradition or pairs");
      return {};
    }
    for (const json& pair : *pairs) {
      if (!pair.is_array() || pair.size() != 2) {
        members.Note("scores", "holds a pair that is not two scores");
        return {};
      }
      tradition.pairs.emplace_back(Score(pair[0], members), Score(pair[1], members));
    }
    ReadFurther(item, tradition, members);
    scores.push_back(std::move(tradition));
  }
  return scores;
}

std::map<std::string, double> ReadLosses(const json& list, Members& members) {
  std::map<std::string, double> losses;
  if (!list.is_array()) members.Note("losses", "is no list");
  for (const json& item : list) {
    Members one(item);
    const std::string tradition = one.Text("tradition");
    const std::string loss = one.Text("loss");
    double value = 0;
    if (!one.status().ok() || !absl::SimpleAtod(loss, &value) || !std::isfinite(value) || value < 0 ||
        !losses.emplace(tradition, value).second) {
      members.Note("losses", "holds an element that is no tradition with one loss of at least 0");
      return {};
    }
  }
  return losses;
}

}  // namespace

absl::StatusOr<ApprovalFacts> ReadApproval(absl::string_view envelope) {
  ASSIGN_OR_RETURN(const Opened opened, Open(envelope, ledger::Kind::kApproval));
  Members members(opened.predicate);
  ApprovalFacts facts;
  facts.job_id = members.Text("job_id");
  facts.job_digest = members.Text("job_digest");
  facts.plan_digest = members.Text("plan_digest");
  const std::string decision = members.Text("decision");
  facts.approves = decision == "approve";
  if (!facts.approves && decision != "refuse") members.Note("decision", "is neither approve nor refuse");
  facts.reason = members.Text("reason");
  RETURN_IF_ERROR(members.status());
  RETURN_IF_ERROR(CheckSubject(opened.statement, "plan", facts.plan_digest));
  return facts;
}

absl::StatusOr<ContributionFacts> ReadContribution(absl::string_view envelope) {
  ASSIGN_OR_RETURN(const Opened opened, Open(envelope, ledger::Kind::kContribution));
  Members members(opened.predicate);
  ContributionFacts facts;
  facts.job_id = members.Text("job_id");
  facts.round_id = members.Text("round_id");
  facts.participation_id = members.Text("participation_id");
  facts.round = static_cast<uint32_t>(members.Number("round", kLargest32));
  facts.base_digest = members.Text("base_digest");
  facts.manifest_digest = members.Text("manifest_digest");
  facts.update_digest = members.Text("update_digest");
  facts.update_bytes = members.Number("update_bytes", kLargestJson);
  facts.plan_digest = members.Text("plan_digest");
  facts.weight = static_cast<uint32_t>(members.Number("weight", kLargest32));
  facts.mode = members.Text("mode");
  if (const auto losses = opened.predicate.find("losses"); losses != opened.predicate.end()) {
    facts.losses = ReadLosses(*losses, members);
  }
  RETURN_IF_ERROR(members.status());
  RETURN_IF_ERROR(CheckSubject(opened.statement, "update", facts.update_digest));
  return facts;
}

absl::StatusOr<EvaluationFacts> ReadEvaluation(absl::string_view envelope) {
  ASSIGN_OR_RETURN(const Opened opened, Open(envelope, ledger::Kind::kEvaluation));
  Members members(opened.predicate);
  EvaluationFacts facts;
  facts.job_id = members.Text("job_id");
  facts.round_id = members.Text("round_id");
  facts.round = static_cast<uint32_t>(members.Number("round", kLargest32));
  facts.before_digest = members.Text("before_digest");
  facts.after_digest = members.Text("after_digest");
  facts.measure = members.Text("measure");
  if (const json* list = members.List("scores"); list != nullptr) facts.scores = ReadScores(*list, members);
  RETURN_IF_ERROR(members.status());
  RETURN_IF_ERROR(CheckSubject(opened.statement, "model", facts.after_digest));
  return facts;
}

}  // namespace consort::coordinator
