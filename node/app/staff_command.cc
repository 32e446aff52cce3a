// Entries that the archive's staff sign by hand: this process has the approval key and no network; the daemon
// has the network and never the key.
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/crypto/key_source.h"
#include "common/crypto/random.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/key_possession.h"
#include "common/ledger/merkle_tree.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/app/commands.h"
#include "node/app/node_config.h"
#include "node/rpc/control_client.h"

namespace consort::node {
namespace {

constexpr size_t kIdBytes = 16;  // 128 random bits

// An entry of the mirror that staff want to say something about.
struct Found {
  uint64_t index = 0;
  std::string leaf_hash;
  nlohmann::json predicate;
};
using Wanted = std::function<bool(uint64_t index, const ledger::Statement&, const nlohmann::json& predicate)>;

// The first entry of the archive's own mirror that is `wanted`. Errors: NotFound; as the files.
absl::StatusOr<Found> FindEntry(const NodeConfig& config, uint64_t size, absl::string_view what,
                                const Wanted& wanted) {
  std::optional<Found> found;
  const absl::Status read = ledger::ReadEntryBundles(
      config.state_directory + "/ledger/mirror", size, [&](uint64_t index, absl::string_view envelope) {
        if (found.has_value()) return absl::OkStatus();
        const auto statement = ledger::ReadEntry(envelope);
        if (!statement.ok()) return absl::OkStatus();
        auto predicate = ledger::ParseStrictJson(statement->predicate);
        if (!predicate.ok() || predicate->value("archive", "") != config.archive) return absl::OkStatus();
        if (wanted(index, *statement, *predicate))
          found = Found{index, HexOf(ledger::LeafHash(envelope)), *std::move(predicate)};
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(read);
  if (found.has_value()) return *found;
  return absl::NotFoundError(
      absl::StrCat("this archive's copy of the ledger holds no such entry of its own: ", what));
}

absl::StatusOr<SigningKey> ApprovalKey(const StaffOptions& options, const NodeConfig& config) {
  const std::filesystem::path path =
      options.key.empty() ? std::filesystem::path(options.config).parent_path() / "../staff/approval.key"
                          : std::filesystem::path(options.key);
  const KeySource source{path.parent_path().string(), options.passphrase, ""};
  return source.Load(path.filename().string(),
                     ledger::ArchiveKeyName(config.archive, config.federation, "approval"));
}

// What every entry of staff carries. `head`: the newest checkpoint that the daemon has proved.
nlohmann::json CommonMembers(const NodeConfig& config, const ledger::Checkpoint& head) {
  return {{"origin", config.origin()},
          {"project", config.project},
          {"archive", config.archive},
          {"prev_head", {{"size", head.size}, {"root", HexOf(head.root)}}}};
}

absl::StatusOr<ledger::Checkpoint> HeadOf(const v1::NodeStatus& status) {
  if (!status.ledger_checkpoint().empty()) return ledger::ReadCheckpoint(status.ledger_checkpoint());
  return absl::FailedPreconditionError(
      "the daemon has not seen a checkpoint of the ledger yet; wait a minute");
}

absl::Status Send(const NodeConfig& config, const std::string& envelope) {
  ASSIGN_OR_RETURN(const v1::EntryOutcome outcome, SubmitStaffEntry(config.control_socket, envelope));
  if (!outcome.logged()) {
    return absl::FailedPreconditionError(absl::StrCat("the ledger refused the entry: ", outcome.reason()));
  }
  ASSIGN_OR_RETURN(const ledger::Statement receipt, ledger::ReadEntry(outcome.receipt_envelope()));
  ASSIGN_OR_RETURN(const nlohmann::json facts, ledger::ParseStrictJson(receipt.predicate));
  const auto index = facts.find("index");
  PrintData(Message("node.staff.logged",
                    {{"entry", index == facts.end() ? std::string("without a number") : index->dump()}}) +
            "\n");
  return absl::OkStatus();
}

}  // namespace

absl::Status RunWithdraw(const StaffOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  ASSIGN_OR_RETURN(const v1::NodeStatus status, AskNodeStatus(config.control_socket));
  ASSIGN_OR_RETURN(const ledger::Checkpoint head, HeadOf(status));
  ASSIGN_OR_RETURN(const Found found,
                   FindEntry(config, status.mirror_size(), absl::StrCat("contribution ", options.leaf),
                             [&](uint64_t index, const ledger::Statement& statement, const nlohmann::json&) {
                               return index == options.leaf && statement.kind == ledger::Kind::kContribution;
                             }));
  if (!options.yes) {
    PrintNote(Message("node.withdraw.preview", {{"leaf", absl::StrCat(found.index)},
                                                {"round", found.predicate.value("round_id", "")},
                                                {"reason", options.reason},
                                                {"effect", options.effect}}) +
              "\n");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const SigningKey key, ApprovalKey(options, config));
  nlohmann::json predicate = CommonMembers(config, head);
  predicate["withdrawal_id"] = HexEncode(RandomBytes(kIdBytes));
  predicate["contribution"] = found.index;
  predicate["leaf_hash"] = found.leaf_hash;
  predicate["reason"] = options.reason;
  predicate["effect"] = options.effect;
  ASSIGN_OR_RETURN(
      const std::string envelope,
      ledger::SealEntry(ledger::Kind::kWithdrawal, {{"contribution", found.leaf_hash}}, predicate, {&key}));
  return Send(config, envelope);
}

absl::Status RunErase(const StaffOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  ASSIGN_OR_RETURN(const v1::NodeStatus status, AskNodeStatus(config.control_socket));
  ASSIGN_OR_RETURN(const ledger::Checkpoint head, HeadOf(status));
  ASSIGN_OR_RETURN(const Found found,
                   FindEntry(config, status.mirror_size(), absl::StrCat("commitment ", options.commitment),
                             [&](uint64_t, const ledger::Statement&, const nlohmann::json& predicate) {
                               const auto commitments = predicate.find("commitments");
                               if (commitments == predicate.end() || !commitments->is_object()) return false;
                               for (const auto& [word, commitment] : commitments->items()) {
                                 if (commitment == options.commitment) return true;
                               }
                               return false;
                             }));
  if (!options.yes) {
    PrintNote(Message("node.erase.preview", {{"commitment", options.commitment},
                                             {"leaf", absl::StrCat(found.index)},
                                             {"ground", options.ground}}) +
              "\n");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const SigningKey key, ApprovalKey(options, config));
  nlohmann::json predicate = CommonMembers(config, head);
  predicate["erasure_id"] = HexEncode(RandomBytes(kIdBytes));
  predicate["commitment"] = options.commitment;
  predicate["leaf"] = found.index;
  predicate["ground"] = options.ground;
  predicate["erased"] = options.erased;
  ASSIGN_OR_RETURN(
      const std::string envelope,
      ledger::SealEntry(ledger::Kind::kErasure, {{"commitment", options.commitment}}, predicate, {&key}));
  return Send(config, envelope);
}

}  // namespace consort::node
