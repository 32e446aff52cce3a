#include "tests/common/explain/sample_job.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/signing_key.h"

namespace consort::explain::testing {
namespace {

using ledger::Kind;
using nlohmann::json;

constexpr uint64_t kFirstLeaf = 7;
constexpr const char* kHash = kSampleDigest;
constexpr const char* kRoundIds[] = {kSampleFirstRoundId, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"};

json Supply(const char* tradition, int training, int holdout, int seconds) {
  return {{"tradition", tradition},
          {"training_recordings", training},
          {"holdout_recordings", holdout},
          {"training_seconds", seconds}};
}

void Approve(SampleLedger& ledger, const char* archive) {
  ledger.Add(Kind::kApproval,
             {{"archive", archive}, {"decision", "approve"}, {"reason", "ok"}, {"basis", "standing-policy"}});
}

uint64_t Contribute(SampleLedger& ledger, int round, const char* archive, int weight, const char* outcome) {
  const uint64_t leaf = ledger.Add(Kind::kContribution, {{"archive", archive},
                                                         {"round", round},
                                                         {"round_id", kRoundIds[round - 1]},
                                                         {"weight", weight},
                                                         {"update_bytes", 1500000}});
  ledger.Add(Kind::kDecision, {{"about", "contribution"},
                               {"round", round},
                               {"archive", archive},
                               {"contribution", leaf},
                               {"outcome", outcome},
                               {"reason", std::string(outcome) == "accepted" ? "ok" : "norm-above-clip"}});
  return leaf;
}

void Evaluate(SampleLedger& ledger, int round, const char* archive, const char* tradition,
              const std::vector<std::pair<std::string, std::string>>& scores) {
  json pairs = json::array();
  for (const auto& [before, after] : scores) pairs.push_back(json::array({before, after}));
  ledger.Add(Kind::kEvaluation,
             {{"archive", archive},
              {"round", round},
              {"round_id", kRoundIds[round - 1]},
              {"after_digest", kHash},
              {"scores", json::array({{{"tradition", tradition}, {"pairs", std::move(pairs)}}})},
              {"bytes_sent", 1500412 * round},
              {"journal_head", kHash}});
}

void Open(SampleLedger& ledger, int round) {
  ledger.Add(Kind::kRoundOpen,
             {{"round", round},
              {"round_id", kRoundIds[round - 1]},
              {"cohort", json::array({{{"archive", "archive-uk-1"}, {"weight", 240}},
                                      {{"archive", "archive-cn-1"}, {"weight", 120}},
                                      {{"archive", "archive-cn-2"}, {"weight", 120}}})},
              {"traditions", json::array({{{"tradition", "english-folk"}, {"weight", 240}}})}});
}

void Aggregate(SampleLedger& ledger, int round, json contributions, int weight, json absent) {
  ledger.Add(Kind::kAggregation, {{"round", round},
                                  {"contributions", std::move(contributions)},
                                  {"weight_total", weight},
                                  {"model_digest", kHash},
                                  {"absent", std::move(absent)}});
}

}  // namespace

uint64_t SampleLedger::Add(Kind kind, json predicate) {
  static const SigningKey* const key = new SigningKey(
      SigningKey::FromSeed("coordinator.example.org/entries", KeyAlgorithm::kEd25519, std::string(32, 'k'))
          .value());
  predicate["origin"] = "ledger.example.org/music";
  predicate["project"] = "music";
  if (!predicate.contains("job_id")) predicate["job_id"] = kSampleJobId;
  const uint64_t index = kFirstLeaf + entries_.size();
  entries_.push_back({index, ledger::SealEntry(kind, {{"sample", kHash}}, predicate, {key}).value()});
  return index;
}

ReportProof SampleLedger::Proof() const {
  return {
      absl::StrCat("ledger.example.org/music\n", kFirstLeaf + entries_.size(),
                   "\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— ledger.example.org/music Az3grlgt\n"),
      "ledger.example.org/music+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
}

json SampleJob() {
  return {{"job_digest", kHash},
          {"name", "Four traditions & one model"},
          {"base_digest", kHash},
          {"submitted_by", "spiffe://example.org/researcher/r-1"},
          {"architecture", "rave-tiny"},
          {"method", "adapter-frozen-a"},
          {"purpose", "train.generative"},
          {"strategy", "fedavg"},
          {"weighting", "tradition"},
          {"mode", "plain"},
          {"seed", "42"},
          {"rounds", 2},
          {"quorum", 1},
          {"local_steps", 20}};
}

void AddPlanning(SampleLedger& ledger, const nlohmann::json& changes) {
  nlohmann::json job = SampleJob();
  job.update(changes);
  ledger.Add(Kind::kJob, job);
  Approve(ledger, "archive-uk-1");
  Approve(ledger, "archive-cn-1");
  Approve(ledger, "archive-cn-2");
  ledger.Add(Kind::kApproval, {{"archive", "archive-uk-2"},
                               {"decision", "refuse"},
                               {"reason", "purpose-not-covered"},
                               {"basis", "staff"}});
  ledger.Add(Kind::kRoster,
             {{"archives", json::array({{{"archive", "archive-uk-1"},
                                         {"weight", 240},
                                         {"supplies", json::array({Supply("english-folk", 9, 3, 240)})}},
                                        {{"archive", "archive-cn-1"},
                                         {"weight", 120},
                                         {"supplies", json::array({Supply("江南", 8, 4, 120)})}},
                                        {{"archive", "archive-cn-2"},
                                         {"weight", 120},
                                         {"supplies", json::array({Supply("华北", 3, 2, 95)})}}})}});
}

void AddFirstRound(SampleLedger& ledger) {
  Open(ledger, 1);
  const uint64_t accepted = Contribute(ledger, 1, "archive-uk-1", 240, "accepted");
  Contribute(ledger, 1, "archive-cn-1", 120, "rejected");
  Aggregate(ledger, 1, {accepted}, 240,
            json::array({{{"archive", "archive-cn-1"}, {"state", "refused"}, {"reason", "norm-above-clip"}},
                         {{"archive", "archive-cn-2"}, {"state", "lost"}, {"reason", "lost"}}}));
  Evaluate(ledger, 1, "archive-uk-1", "english-folk", {{"2.0", "1.8"}, {"2.2", "2.0"}, {"2.4", "2.1"}});
  Evaluate(ledger, 1, "archive-cn-1", "江南", {{"1.9", "1.95"}, {"1.8", "1.9"}, {"2.0", "2.05"}});
}

void AddSecondRound(SampleLedger& ledger) {
  Open(ledger, 2);
  const uint64_t first = Contribute(ledger, 2, "archive-uk-1", 240, "accepted");
  const uint64_t second = Contribute(ledger, 2, "archive-cn-1", 120, "accepted");
  Aggregate(ledger, 2, {first, second}, 360, json::array());
  Evaluate(ledger, 2, "archive-uk-1", "english-folk", {{"2.0", "1.6"}, {"2.2", "1.8"}, {"2.4", "1.9"}});
  Evaluate(ledger, 2, "archive-cn-1", "江南", {{"1.9", "2.0"}, {"1.8", "1.9"}, {"2.0", "2.1"}});
  Evaluate(ledger, 2, "archive-cn-2", "华北", {{"2.1", "2.0"}, {"2.3", "2.2"}});
}

void AddRelease(SampleLedger& ledger, const std::vector<std::string>& verdicts, const std::string& personal) {
  json results = json::array({{{"tradition", "english-folk"},
                               {"archive", "archive-uk-1"},
                               {"recordings", 3},
                               {"before", "2.2000"},
                               {"after", "1.7667"},
                               {"difference", "-0.4333"},
                               {"low", "-0.5000"},
                               {"high", "-0.4000"}},
                              {{"tradition", "江南"},
                               {"archive", "archive-cn-1"},
                               {"recordings", 3},
                               {"before", "1.9000"},
                               {"after", "2.0000"},
                               {"difference", "0.1000"},
                               {"low", "0.0900"},
                               {"high", "0.1100"}},
                              {{"tradition", "华北"},
                               {"archive", "archive-cn-2"},
                               {"recordings", 2},
                               {"before", "2.2000"},
                               {"after", "2.1000"},
                               {"difference", "-0.1000"}}});
  if (!personal.empty()) results[0]["personal"] = personal;
  json harms = json::array();
  for (size_t i = 0; i < results.size(); ++i) {
    results[i]["verdict"] = verdicts.at(i);
    if (verdicts[i] == "harmed") harms.push_back(results[i]["tradition"]);
  }
  ledger.Add(Kind::kModelRelease,
             {{"model_artifact", kHash}, {"level", "0.95"}, {"results", results}, {"harms", harms}});
}

}  // namespace consort::explain::testing
