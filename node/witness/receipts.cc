#include "node/witness/receipts.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/artifact/durable_file.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

constexpr char kNewest[] = "newest.json";

absl::StatusOr<Receipt> ReadFacts(const ledger::Statement& statement, absl::string_view origin) {
  if (statement.kind != ledger::Kind::kReceipt)
    return absl::InvalidArgumentError("receipt is an entry of another kind");
  ASSIGN_OR_RETURN(const nlohmann::json facts, ledger::ParseStrictJson(statement.predicate));
  Receipt receipt;
  try {
    if (!origin.empty() && facts.at("origin") != std::string(origin))
      return absl::InvalidArgumentError("receipt is of another log");
    receipt.index = facts.at("index").get<uint64_t>();
    receipt.leaf_hash = facts.at("leaf_hash").get<std::string>();
  } catch (const nlohmann::json::exception&) {
    return absl::InvalidArgumentError("receipt lacks a member of its kind");
  }
  if (statement.subjects.size() != 1 || statement.subjects[0].sha256 != receipt.leaf_hash)
    return absl::InvalidArgumentError("receipt's subject is not its leaf");
  return receipt;
}

// A receipt that was opened before it was stored.
absl::StatusOr<Receipt> ReadReceipt(absl::string_view envelope) {
  ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(envelope));
  return ReadFacts(statement, "");
}

std::string PathOf(const std::string& directory, uint64_t index) {
  return absl::StrCat(directory, "/", index, ".json");
}

}  // namespace

absl::StatusOr<Receipt> OpenReceipt(absl::string_view envelope, absl::Span<const VerifierKey> keys,
                                    absl::string_view origin) {
  ASSIGN_OR_RETURN(const ledger::OpenedEntry opened, ledger::OpenEntry(envelope, keys));
  return ReadFacts(opened.statement, origin);
}

absl::StatusOr<Receipts> Receipts::Open(const std::string& directory) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  Receipts receipts(directory);
  for (const std::string& name : names) {
    uint64_t index = 0;
    const bool numbered = absl::SimpleAtoi(absl::StripSuffix(name, ".json"), &index);
    if (!numbered && name != kNewest) continue;
    ASSIGN_OR_RETURN(std::string envelope, ReadStateFile(absl::StrCat(directory, "/", name)));
    const absl::StatusOr<Receipt> receipt = ReadReceipt(envelope);
    if (!receipt.ok()) {
      return absl::DataLossError(absl::StrCat(
          "stored receipt is damaged; restore the state folder: ", receipt.status().message(), ": ", name));
    }
    if (numbered) {
      receipts.pending_[index] = Pending{*receipt, std::move(envelope), absl::ZeroDuration()};
    } else {
      receipts.newest_ = std::move(envelope);
    }
  }
  return receipts;
}

absl::Status Receipts::Keep(const Receipt& receipt, const std::string& envelope) {
  const auto found = pending_.find(receipt.index);
  if (found != pending_.end()) {
    if (found->second.envelope == envelope) return absl::OkStatus();
    return absl::AlreadyExistsError(absl::StrCat("two receipts for one leaf: ", receipt.index));
  }
  RETURN_IF_ERROR(WriteFileDurably(PathOf(directory_, receipt.index), envelope));
  RETURN_IF_ERROR(WriteFileDurably(absl::StrCat(directory_, "/", kNewest), envelope));
  pending_[receipt.index] = Pending{receipt, envelope, absl::ZeroDuration()};
  newest_ = envelope;
  return absl::OkStatus();
}

absl::Status Receipts::Remove(uint64_t index) {
  RETURN_IF_ERROR(RemoveAll(PathOf(directory_, index)));
  pending_.erase(index);
  return absl::OkStatus();
}

absl::Status Receipts::Drop(const std::function<bool(const Receipt&)>& is_void) {
  std::vector<uint64_t> indices;
  for (const auto& [index, pending] : pending_) {
    if (is_void(pending.receipt)) indices.push_back(index);
  }
  for (const uint64_t index : indices) RETURN_IF_ERROR(Remove(index));
  if (newest_.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Receipt newest, ReadReceipt(newest_));
  if (!is_void(newest)) return absl::OkStatus();
  RETURN_IF_ERROR(RemoveAll(absl::StrCat(directory_, "/", kNewest)));
  newest_.clear();
  return absl::OkStatus();
}

void Receipts::Wait(absl::Duration connected) {
  for (auto& [index, pending] : pending_) pending.waited += connected;
}

}  // namespace consort::node
