// What may happen to the sample ledger once it stands: keys are rotated and revoked, the policy changes, a
// contribution is withdrawn, a value erased, an incident raised and resolved.
#ifndef CONSORT_TESTS_COMMON_LEDGER_SAMPLE_CHANGES_H_
#define CONSORT_TESTS_COMMON_LEDGER_SAMPLE_CHANGES_H_

#include <string>

#include "tests/common/ledger/sample_ledger.h"

namespace consort::testing {

// Drafts for `ledger`, which is borrowed, as it is at each call.
class SampleChanges {
 public:
  explicit SampleChanges(const SampleLedger& ledger);

  Draft RotateLog() const;
  Draft RotateCoordinator() const;
  // `purpose`: entries, mirror or approval.
  Draft Rotate(const std::string& archive, const std::string& purpose) const;
  Draft RevokeKey(const std::string& owner, const std::string& purpose, const VerifierKey& key) const;
  // Of all mirror keys given, with the new log key.
  Draft PolicyChange(const std::vector<VerifierKey>& mirrors, const VerifierKey& log) const;
  Draft Withdrawal(const std::string& archive, uint64_t contribution) const;
  Draft Incident() const;  // holds the commitment below
  Draft Resolution(uint64_t incident) const;
  Draft Erasure(uint64_t leaf) const;  // by the coordinator
  Draft Templates() const;
  // Of class B, about the contribution at leaf 8 and the aggregation at leaf 12. `templates`: leaf index.
  Draft Explanation(uint64_t templates) const;

  // A commitment to nothing in particular.
  static std::string Commitment() { return SampleDigest("commitment"); }
  const SigningKey& new_log() const { return new_log_; }
  const SigningKey& new_coordinator() const { return new_coordinator_; }
  const SigningKey& new_key(const std::string& purpose) const;  // of archive-uk-1

 private:
  Draft Rotation(const std::string& owner, const std::string& purpose, const SigningKey& old,
                 const SigningKey& next, nlohmann::json predicate, const SigningKey& signer) const;

  const SampleLedger& ledger_;
  SigningKey new_log_;
  SigningKey new_coordinator_;
  ArchiveKeys new_uk_;
};

// Adds to a ledger of AddAll: 17 incident, 18 key-rotate of the log, 19 key-rotate of archive-uk-1's entry
// key, 20 policy-change, 21 key-revoke of the old log key, 22 withdrawal of leaf 8, 23 erasure, 24 the
// incident's resolution, 25 templates, 26 explanation.
void AddChanges(SampleLedger& ledger, const SampleChanges& changes);

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_LEDGER_SAMPLE_CHANGES_H_
