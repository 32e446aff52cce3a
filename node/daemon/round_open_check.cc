#include "node/daemon/round_open_check.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/ledger/merkle_tree.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/daemon/head_keeper.h"

namespace consort::node {
namespace {

absl::Status Differs(absl::string_view what) {
  return absl::DataLossError(absl::StrCat(
      "the training task is not what the ledger says about its round; nothing was trained: ", what));
}

bool CohortHolds(const nlohmann::json& cohort, const std::string& archive, uint32_t weight) {
  for (const auto& member : cohort) {
    if (member.at("archive") == archive) return member.at("weight") == weight;
  }
  return false;
}

absl::Status CheckMembers(const nlohmann::json& entry, const v1::TrainTask& task, const LedgerTrust& trust) {
  const std::pair<const char*, std::string> texts[] = {{"origin", trust.origin},
                                                       {"project", trust.project},
                                                       {"job_id", task.job_id()},
                                                       {"round_id", task.round_id()},
                                                       {"base_digest", task.base_digest()},
                                                       {"state_artifact", task.state_digest()},
                                                       {"manifest_digest", Sha256Hex(task.manifest())}};
  for (const auto& [member, expected] : texts) {
    if (entry.at(member) != expected) return Differs(member);
  }
  if (entry.at("round") != task.number()) return Differs("round");
  if (!CohortHolds(entry.at("cohort"), trust.archive, task.weight())) return Differs("cohort");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRoundOpen(const v1::TrainTask& task, const ledger::Checkpoint& head,
                            const LedgerTrust& trust) {
  const auto opened = ledger::OpenEntry(task.round_open_envelope(), trust.coordinator_entry_keys);
  if (!opened.ok()) return Differs(absl::StrCat("its entry (", opened.status().message(), ")"));
  if (opened->statement.kind != ledger::Kind::kRoundOpen) return Differs("its entry is of another kind");
  const auto proof = ProofOf(task.inclusion_proof());
  if (!proof.ok()) return Differs(proof.status().message());
  const absl::Status included = ledger::VerifyInclusion(
      ledger::LeafHash(task.round_open_envelope()), task.round_open_index(), head.size, *proof, head.root);
  if (!included.ok()) return Differs(absl::StrCat("inclusion (", included.message(), ")"));
  ASSIGN_OR_RETURN(const nlohmann::json entry, ledger::ParseStrictJson(opened->statement.predicate));
  try {
    return CheckMembers(entry, task, trust);
  } catch (const nlohmann::json::exception&) {
    return Differs("its entry lacks a member of its kind");
  }
}

absl::StatusOr<std::vector<v1::TraditionWeight>> TraditionsToTrain(const v1::TrainTask& task,
                                                                   const std::string& archive) {
  ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(task.round_open_envelope()));
  ASSIGN_OR_RETURN(const nlohmann::json entry, ledger::ParseStrictJson(statement.predicate));
  std::vector<v1::TraditionWeight> weights;
  try {
    for (const auto& member : entry.at("cohort")) {
      if (member.at("archive") != archive) continue;
      for (const auto& share : member.at("traditions")) {
        v1::TraditionWeight& weight = weights.emplace_back();
        weight.set_tradition(share.at("tradition").get<std::string>());
        weight.set_weight(share.at("weight").get<uint32_t>());
      }
    }
  } catch (const nlohmann::json::exception&) {
    return Differs("its entry lacks the weights of traditions");
  }
  return weights;
}

}  // namespace consort::node
