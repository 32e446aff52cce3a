#include "node/daemon/staff_entries.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::node {
namespace {

absl::Status CheckEntry(const std::string& envelope, const std::vector<VerifierKey>& keys) {
  if (keys.empty()) {
    return absl::UnavailableError(
        "this node's copy of the ledger does not name the archive's approval key yet; try again in a minute");
  }
  const auto opened = ledger::OpenEntry(envelope, keys);
  if (!opened.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "entry is not signed by this archive's approval key in force: ", opened.status().message()));
  }
  const ledger::Kind kind = opened->statement.kind;
  if (kind == ledger::Kind::kWithdrawal || kind == ledger::Kind::kErasure) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("staff sign withdrawals and erasures only: ", ledger::KindName(kind)));
}

}  // namespace

absl::StatusOr<std::string> PayloadDigestOf(const std::string& envelope) {
  RETURN_IF_ERROR(ledger::ReadEntry(envelope).status());  // from here on it is one spelling
  const auto json = nlohmann::json::parse(envelope, nullptr, /*allow_exceptions=*/false);
  ASSIGN_OR_RETURN(const std::string payload, Base64Decode(json.value("payload", "")));
  return Sha256Hex(payload);
}

void StaffEntries::Submit(const std::string& envelope, const std::vector<VerifierKey>& keys, Done done) {
  if (const absl::Status good = CheckEntry(envelope, keys); !good.ok()) return done(good);
  if (!session_.connected())
    return done(absl::UnavailableError("the node is not connected to its coordinator; try again later"));
  const auto digest = PayloadDigestOf(envelope);
  if (!digest.ok()) return done(digest.status());
  if (pending_.size() >= kMaxPending && pending_.count(*digest) == 0)
    return done(absl::ResourceExhaustedError("too many staff entries wait for an answer"));
  Pending& pending = pending_[*digest];
  pending.envelope = envelope;
  pending.done.push_back(std::move(done));
  executor_.Cancel(pending.timer);
  pending.timer = executor_.PostAfter(kAnswerWithin, [this, digest = *digest] {
    Finish(digest,
           absl::UnavailableError(
               "the coordinator has not answered; the entry may be in the ledger all the same: ask again"));
  });
  v1::Envelope message;
  message.mutable_staff_entry()->set_envelope(envelope);
  const auto sent = session_.Send(std::move(message));
  if (!sent.ok()) Finish(*digest, sent.status());
}

std::string StaffEntries::OnOutcome(const v1::EntryOutcome& outcome) {
  const auto found = pending_.find(outcome.payload_digest());
  if (found == pending_.end()) return "";
  const std::string envelope = found->second.envelope;
  Finish(outcome.payload_digest(), outcome);
  return envelope;
}

void StaffEntries::Finish(const std::string& digest, const absl::StatusOr<v1::EntryOutcome>& outcome) {
  const auto found = pending_.find(digest);
  if (found == pending_.end()) return;
  const Pending pending = std::move(found->second);
  pending_.erase(found);
  executor_.Cancel(pending.timer);
  for (const Done& done : pending.done) done(outcome);
}

}  // namespace consort::node
