#include "coordinator/witness/policy_keeper.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/policy.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;

std::vector<VerifierKey> InForce(const KeyBook& book, KeyPurpose purpose) {
  std::vector<VerifierKey> keys;
  for (const KeyBook::Known& known : book.keys()) {
    if (known.purpose == purpose && known.in_force()) keys.push_back(known.key);
  }
  return keys;
}

bool ChangesKeys(ledger::Kind kind) {
  return kind == ledger::Kind::kKeyEnrol || kind == ledger::Kind::kKeyRotate ||
         kind == ledger::Kind::kKeyRevoke;
}

// While two log keys overlap, both are of the log.
absl::StatusOr<std::string> Majority(const std::vector<VerifierKey>& log_keys,
                                     const std::vector<VerifierKey>& witnesses, int faulty) {
  if (log_keys.empty()) return absl::InternalError("the ledger names no log key in force");
  ASSIGN_OR_RETURN(const std::string text, ledger::MajorityPolicy(log_keys.front(), witnesses, faulty));
  std::string others;
  for (size_t i = 1; i < log_keys.size(); ++i) {
    absl::StrAppend(&others, "log ", log_keys[i].ToString(), "\n");
  }
  const size_t first_line = text.find('\n') + 1;
  return absl::StrCat(text.substr(0, first_line), others, text.substr(first_line));
}

// Only archives are asked, over the sessions that they keep open.
absl::Status CheckReachable(const ledger::Policy& policy, const std::vector<VerifierKey>& mirrors) {
  std::set<std::string> archives;
  for (const VerifierKey& key : mirrors) archives.insert(key.KeyId());
  if (policy.IsQuorum(archives)) return absl::OkStatus();
  return absl::PermissionDeniedError(
      "policy needs witnesses that nobody asks: no quorum of it can be made of archives that are enrolled; "
      "change [ledger] policy");
}

}  // namespace

PolicyKeeper::PolicyKeeper(Store& store, Sequencer& sequencer, Executor& executor, PolicyConfig config)
    : store_(store), sequencer_(sequencer), executor_(executor), config_(std::move(config)) {}

absl::StatusOr<std::optional<PolicyKeeper::Wanted>> PolicyKeeper::WantedPolicy() const {
  const KeyBook& book = sequencer_.rules().keys();
  const std::vector<VerifierKey> mirrors = InForce(book, KeyPurpose::kMirror);
  Wanted wanted;
  const int witnesses = static_cast<int>(mirrors.size());
  if (config_.text.empty()) {
    if (mirrors.empty()) return std::optional<Wanted>();
    // What was asked for of many witnesses cannot hold of the first few.
    wanted.faulty = std::min(config_.faulty.value_or(ledger::DefaultFaulty(witnesses)), witnesses - 1);
    wanted.basis = "majority";
    ASSIGN_OR_RETURN(wanted.text, Majority(InForce(book, KeyPurpose::kLog), mirrors, wanted.faulty));
  } else {
    wanted.text = config_.text;
    wanted.basis = "file";
  }
  ASSIGN_OR_RETURN(const ledger::Policy policy, ledger::Policy::Parse(wanted.text));
  if (!config_.text.empty()) {
    wanted.faulty =
        config_.faulty.value_or(ledger::DefaultFaulty(static_cast<int>(policy.witnesses().size())));
  }
  if (const absl::Status safe = policy.CheckSafe(wanted.faulty); !safe.ok()) {
    return absl::PermissionDeniedError(safe.message());
  }
  if (mirrors.empty()) return std::optional<Wanted>();
  RETURN_IF_ERROR(CheckReachable(policy, mirrors));
  return std::optional<Wanted>(std::move(wanted));
}

absl::Status PolicyKeeper::Start() {
  RETURN_IF_ERROR(Update());
  sequencer_.OnAppended([this](ledger::Kind kind, uint64_t) {
    if (!ChangesKeys(kind)) return;
    const absl::Status updated = Update();
    if (!updated.ok()) trouble_(updated);
  });
  return absl::OkStatus();
}

absl::Status PolicyKeeper::Update() {
  ASSIGN_OR_RETURN(const std::optional<Wanted> wanted, WantedPolicy());
  if (!wanted.has_value()) return absl::OkStatus();
  const std::vector<PolicyLeaf>& policies = sequencer_.rules().policies();
  const bool in_force = !policies.empty() && policies.back().text == wanted->text &&
                        policies.back().faulty == wanted->faulty && policies.back().basis == wanted->basis;
  if (in_force) return absl::OkStatus();
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) {
    return sequencer_
        .AppendOwn(transaction, ledger::Kind::kPolicyChange, {{"policy", Sha256Hex(wanted->text)}},
                   {{"policy", wanted->text}, {"faulty", wanted->faulty}, {"basis", wanted->basis}})
        .status();
  }));
  // Witnesses judge by it as soon as they see it. On hold, the timer seals it later.
  const absl::Status sealed = sequencer_.Seal().status();
  return absl::IsFailedPrecondition(sealed) ? absl::OkStatus() : sealed;
}

}  // namespace consort::coordinator
