#include <map>

#include "absl/strings/str_cat.h"
#include "common/explain/ledger_pages.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::explain {
namespace {

using ledger::Kind;
using nlohmann::json;
using Node = nlohmann::ordered_json;

std::string AgentId(const std::string& name) { return "urn:x-consort:agent:" + name; }
std::string DigestId(const std::string& sha256) { return "urn:x-consort:sha256:" + sha256; }
std::string LeafId(uint64_t leaf) { return absl::StrCat("urn:x-consort:leaf:", leaf); }
Node Link(const std::string& id) { return {{"@id", id}}; }

std::string Text(const json& predicate, const char* member) {
  const auto found = predicate.find(member);
  return found != predicate.end() && found->is_string() ? found->get<std::string>() : "";
}

// Goes through the ledger once and adds what each entry says to the graph.
class ProvenanceGraph {
 public:
  absl::Status Add(const ReportEntry& entry) {
    const absl::StatusOr<ledger::Statement> statement = ledger::ReadEntry(entry.envelope);
    if (!statement.ok()) {
      return absl::DataLossError(absl::StrCat("a ledger entry cannot be read; run `consort ledger verify`: ",
                                              statement.status().message(), ", leaf ", entry.index));
    }
    ASSIGN_OR_RETURN(const json predicate, ledger::ParseStrictJson(statement->predicate));
    switch (statement->kind) {
      case Kind::kKeyEnrol:
        AddAgent(Text(predicate, "name"), entry.index);
        break;
      case Kind::kContribution:
        AddTraining(entry.index, predicate);
        break;
      case Kind::kAggregation:
        AddAggregation(entry.index, predicate);
        break;
      case Kind::kEvaluation:
        AddEvaluation(entry.index, predicate);
        break;
      case Kind::kModelRelease:
        AddRelease(entry.index, predicate, statement->subjects);
        break;
      case Kind::kWithdrawal:
        AddWithdrawal(entry.index, predicate);
        break;
      default:
        break;
    }
    return absl::OkStatus();
  }

  std::string Finish() && {
    const Node whole = {{"@context", {{"prov", "http://www.w3.org/ns/prov#"}, {"consort", "urn:x-consort:"}}},
                        {"@graph", std::move(graph_)}};
    return whole.dump(1) + "\n";
  }

 private:
  void AddAgent(const std::string& name, uint64_t leaf) {
    graph_.push_back({{"@id", AgentId(name)},
                      {"@type", Node::array({"prov:Agent", "prov:Organization"})},
                      {"consort:leaf", leaf}});
  }
  void AddTraining(uint64_t leaf, const json& predicate) {
    const std::string archive = AgentId(Text(predicate, "archive"));
    const std::string update = DigestId(Text(predicate, "update_digest"));
    updates_[leaf] = update;
    graph_.push_back({{"@id", LeafId(leaf)},
                      {"@type", "prov:Activity"},
                      {"consort:kind", "training"},
                      {"consort:leaf", leaf},
                      {"prov:used", Link(DigestId(Text(predicate, "base_digest")))},
                      {"prov:wasAssociatedWith", Link(archive)}});
    graph_.push_back({{"@id", update},
                      {"@type", "prov:Entity"},
                      {"consort:kind", "update"},
                      {"prov:wasGeneratedBy", Link(LeafId(leaf))},
                      {"prov:wasAttributedTo", Link(archive)}});
  }
  void AddAggregation(uint64_t leaf, const json& predicate) {
    Node sources = Node::array({Link(DigestId(Text(predicate, "base_digest")))});
    const auto listed = predicate.find("contributions");
    if (listed != predicate.end() && listed->is_array()) {
      for (const json& index : *listed) {
        const auto update =
            index.is_number_unsigned() ? updates_.find(index.get<uint64_t>()) : updates_.end();
        if (update != updates_.end()) sources.push_back(Link(update->second));
      }
    }
    graph_.push_back({{"@id", LeafId(leaf)},
                      {"@type", "prov:Activity"},
                      {"consort:kind", "aggregation"},
                      {"consort:leaf", leaf},
                      {"prov:used", sources},
                      {"prov:wasAssociatedWith", Link(AgentId("coordinator"))}});
    graph_.push_back({{"@id", DigestId(Text(predicate, "model_digest"))},
                      {"@type", "prov:Entity"},
                      {"consort:kind", "model"},
                      {"prov:wasGeneratedBy", Link(LeafId(leaf))},
                      {"prov:wasDerivedFrom", sources}});
  }
  void AddEvaluation(uint64_t leaf, const json& predicate) {
    graph_.push_back({{"@id", LeafId(leaf)},
                      {"@type", "prov:Activity"},
                      {"consort:kind", "evaluation"},
                      {"consort:leaf", leaf},
                      {"prov:used", Link(DigestId(Text(predicate, "after_digest")))},
                      {"prov:wasAssociatedWith", Link(AgentId(Text(predicate, "archive")))}});
  }
  void AddRelease(uint64_t leaf, const json& predicate, const std::vector<ledger::Subject>& subjects) {
    graph_.push_back({{"@id", DigestId(Text(predicate, "model_artifact"))},
                      {"@type", "prov:Entity"},
                      {"consort:kind", "released-model"},
                      {"consort:leaf", leaf},
                      {"prov:wasDerivedFrom", Link(DigestId(subjects.front().sha256))},
                      {"prov:wasAttributedTo", Link(AgentId("coordinator"))}});
  }
  void AddWithdrawal(uint64_t leaf, const json& predicate) {
    graph_.push_back({{"@id", LeafId(leaf)},
                      {"@type", "prov:Activity"},
                      {"consort:kind", "withdrawal"},
                      {"consort:leaf", leaf},
                      {"prov:wasAssociatedWith", Link(AgentId(Text(predicate, "archive")))}});
    const auto index = predicate.find("contribution");
    if (index == predicate.end() || !index->is_number_unsigned()) return;
    const auto update = updates_.find(index->get<uint64_t>());
    if (update == updates_.end()) return;
    graph_.push_back({{"@id", update->second}, {"prov:wasInvalidatedBy", Link(LeafId(leaf))}});
  }

  Node graph_ = Node::array();
  std::map<uint64_t, std::string> updates_;  // by the contribution's leaf
};

}  // namespace

absl::StatusOr<std::string> RenderProvenance(absl::Span<const ReportEntry> entries) {
  ProvenanceGraph graph;
  for (const ReportEntry& entry : entries) RETURN_IF_ERROR(graph.Add(entry));
  return std::move(graph).Finish();
}

}  // namespace consort::explain
