#include "tests/common/ledger/sample_changes.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/policy.h"

namespace consort::testing {
namespace {

using ledger::Kind;
using nlohmann::json;

SigningKey Second(const SigningKey& first) {
  const VerifierKey& old = first.verifier();
  return SigningKey::FromSeed(old.name(), old.algorithm(),
                              ViewOf(Sha256Of(absl::StrCat("consort second example key\n", old.name()))))
      .value();
}

std::string KeySubject(const VerifierKey& key) { return Sha256Hex(key.public_key()); }

}  // namespace

SampleChanges::SampleChanges(const SampleLedger& ledger)
    : ledger_(ledger),
      new_log_(Second(ledger.log_key())),
      new_coordinator_(Second(ledger.coordinator_key())),
      new_uk_{Second(ledger.archive(kUk).entries), Second(ledger.archive(kUk).mirror),
              Second(ledger.archive(kUk).approval)} {}

const SigningKey& SampleChanges::new_key(const std::string& purpose) const {
  if (purpose == "entries") return new_uk_.entries;
  return purpose == "mirror" ? new_uk_.mirror : new_uk_.approval;
}

Draft SampleChanges::Rotation(const std::string& owner, const std::string& purpose, const SigningKey& old,
                              const SigningKey& next, json predicate, const SigningKey& signer) const {
  const std::string text = absl::StrCat("consort.rotate.v1\n", kOrigin, "\n", purpose, "\n",
                                        old.verifier().KeyId(), "\n", next.verifier().KeyId(), "\n");
  predicate.update({{"name", owner},
                    {"purpose", purpose},
                    {"old_vkey", old.verifier().ToString()},
                    {"new_vkey", next.verifier().ToString()},
                    {"proof_old", Base64Encode(old.Sign(text))},
                    {"proof_new", Base64Encode(next.Sign(text))}});
  return {Kind::kKeyRotate, {{"key/" + owner, KeySubject(next.verifier())}}, predicate, &signer};
}

Draft SampleChanges::RotateLog() const {
  return Rotation("coordinator", "log", ledger_.log_key(), new_log_, ledger_.Common(),
                  ledger_.coordinator_key());
}

Draft SampleChanges::RotateCoordinator() const {
  return Rotation("coordinator", "entries", ledger_.coordinator_key(), new_coordinator_, ledger_.Common(),
                  ledger_.coordinator_key());
}

Draft SampleChanges::Rotate(const std::string& archive, const std::string& purpose) const {
  const ArchiveKeys& keys = ledger_.archive(archive);
  const SigningKey& old =
      purpose == "entries" ? keys.entries : (purpose == "mirror" ? keys.mirror : keys.approval);
  return Rotation(archive, purpose, old, new_key(purpose), ledger_.CommonOf(archive), keys.entries);
}

Draft SampleChanges::RevokeKey(const std::string& owner, const std::string& purpose,
                               const VerifierKey& key) const {
  const bool of_archive = owner != "coordinator";
  json predicate = ledger_.Common();
  predicate.update(
      {{"name", owner},
       {"role", of_archive ? "archive" : "coordinator"},
       {"entries_vkey",
        (of_archive ? ledger_.archive(owner).entries : ledger_.coordinator_key()).verifier().ToString()},
       {"certificate_sha256", SampleDigest(of_archive ? "certificate of " + owner : "authority")},
       {"purpose", purpose},
       {"vkey", key.ToString()},
       {"reason", "superseded"}});
  return {Kind::kKeyRevoke, {{"key/" + owner, KeySubject(key)}}, predicate, &ledger_.coordinator_key()};
}

Draft SampleChanges::PolicyChange(const std::vector<VerifierKey>& mirrors, const VerifierKey& log) const {
  const std::string text = ledger::MajorityPolicy(log, mirrors, 0).value();
  json predicate = ledger_.Common();
  predicate.update({{"policy", text}, {"faulty", 0}, {"basis", "majority"}});
  return {Kind::kPolicyChange, {{"policy", Sha256Hex(text)}}, predicate, &ledger_.coordinator_key()};
}

Draft SampleChanges::Withdrawal(const std::string& archive, uint64_t contribution) const {
  const std::string hash = HexOf(ledger::LeafHash(ledger_.entries().at(contribution)));
  json predicate = ledger_.CommonOf(archive);
  predicate.erase("node_seq");  // the daemon's series is not the staff's
  predicate.update({{"withdrawal_id", SampleId("withdrawal")},
                    {"contribution", contribution},
                    {"leaf_hash", hash},
                    {"reason", "consent-withdrawn"},
                    {"effect", "no-further-use"}});
  return {Kind::kWithdrawal, {{"contribution", hash}}, predicate, &ledger_.archive(archive).approval};
}

Draft SampleChanges::Incident() const {
  json predicate = ledger_.Common();
  predicate.update({{"kind", "receipt-overdue"},
                    {"archive", kUk},
                    {"detail", "leaf not covered after one hour"},
                    {"commitments", {{"report", Commitment()}}}});
  return {Kind::kIncident, {{"evidence", SampleDigest("evidence")}}, predicate, &ledger_.coordinator_key()};
}

Draft SampleChanges::Resolution(uint64_t incident) const {
  json predicate = ledger_.Common();
  predicate.update(
      {{"kind", "receipt-overdue"}, {"archive", kUk}, {"detail", "go-on"}, {"resolved_index", incident}});
  return {Kind::kIncident, {{"evidence", SampleDigest("evidence")}}, predicate, &ledger_.coordinator_key()};
}

Draft SampleChanges::Erasure(uint64_t leaf) const {
  json predicate = ledger_.Common();
  predicate.update({{"erasure_id", SampleId("erasure")},
                    {"commitment", Commitment()},
                    {"leaf", leaf},
                    {"ground", "gdpr-17"},
                    {"erased", "value-and-salt"}});
  return {Kind::kErasure, {{"commitment", Commitment()}}, predicate, &ledger_.coordinator_key()};
}

Draft SampleChanges::Templates() const {
  const json texts = {{"influence.loo.v1",
                       {{"en", "Without this archive's update the error rises by {delta}."},
                        {"zh-Hans", "若不采用该档案馆的更新，误差将上升 {delta}。"}}}};
  json predicate = ledger_.Common();
  predicate.update(
      {{"version", 1}, {"texts", texts}, {"reviewed", {{"en", "musicologist"}, {"zh-Hans", ""}}}});
  return {Kind::kTemplates,
          {{"templates", Sha256Hex(ledger::CanonicalJson(texts).value())}},
          predicate,
          &ledger_.coordinator_key()};
}

Draft SampleChanges::Explanation(uint64_t templates) const {
  const json text = {{"en", "Without this archive's update the error rises by 0.013 dB (0.004 to 0.021)."},
                     {"zh-Hans", "若不采用该档案馆的更新，误差将上升 0.013 dB（0.004 至 0.021）。"}};
  json predicate = ledger_.Common();
  predicate.update(
      {{"class", "B"},
       {"templates", HexOf(ledger::LeafHash(ledger_.entries().at(templates)))},
       {"template", "influence.loo.v1"},
       {"inputs", json::array({8, 12})},
       {"method", {{"sha256", SampleDigest("method")}}},
       {"params", {{"delta", {{"value", "0.013"}, {"unit", "dB"}, {"lo", "0.004"}, {"hi", "0.021"}}}}},
       {"evidence", json::array({{{"sha256", SampleDigest("evaluation without it")},
                                  {"type", "application/vnd.consort.eval+json"},
                                  {"custodian", kUk}}})},
       {"text", text}});
  return {Kind::kExplanation,
          {{"explanation", Sha256Hex(ledger::CanonicalJson(text).value())}},
          predicate,
          &ledger_.coordinator_key()};
}

void AddChanges(SampleLedger& ledger, const SampleChanges& changes) {
  ledger.AddGood(changes.Incident());
  ledger.AddGood(changes.RotateLog());
  ledger.AddGood(changes.Rotate(kUk, "entries"));
  ledger.AddGood(changes.PolicyChange({ledger.archive(kUk).mirror.verifier()}, changes.new_log().verifier()));
  ledger.AddGood(changes.RevokeKey("coordinator", "log", ledger.log_key().verifier()));
  ledger.AddGood(changes.Withdrawal(kUk, 8));
  ledger.AddGood(changes.Erasure(17));
  ledger.AddGood(changes.Resolution(17));
  ledger.AddGood(changes.Templates());
  ledger.AddGood(changes.Explanation(25));
}

}  // namespace consort::testing
