// A small federation's ledger made from fixed keys: a coordinator, two archives, one job of one round. Tests
// add to it, bend it and export it; the documentation's examples are its entries.
#ifndef CONSORT_TESTS_COMMON_LEDGER_SAMPLE_LEDGER_H_
#define CONSORT_TESTS_COMMON_LEDGER_SAMPLE_LEDGER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/ledger/export.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/rules.h"
#include "nlohmann/json.hpp"

namespace consort::testing {

inline constexpr char kOrigin[] = "ledger.demo/music";
inline constexpr char kUk[] = "archive-uk-1";
inline constexpr char kCn[] = "archive-cn-1";
inline constexpr int64_t kNoon = 1'800'000'000;  // when archives cosign, unless a test says otherwise

// A digest, and an id, of something that the sample does not contain.
std::string SampleDigest(absl::string_view what);
std::string SampleId(absl::string_view what);

struct ArchiveKeys {
  SigningKey entries;
  SigningKey mirror;
  SigningKey approval;
};

// An entry before it is signed.
struct Draft {
  ledger::Kind kind;
  std::vector<ledger::Subject> subjects;
  nlohmann::json predicate;
  const SigningKey* signer;
};

class SampleLedger {
 public:
  SampleLedger();

  // Signs and appends a draft; returns what the rules say to it. It is appended in any case.
  absl::Status Add(const Draft& draft);
  // Appends bytes as they are.
  void AddRaw(const std::string& envelope);
  // Signs a checkpoint over all entries.
  void Seal() { Seal(log_key_); }
  void Seal(const SigningKey& key);
  // Adds these archives' cosignatures to the newest checkpoint.
  void Cosign(const std::vector<std::string>& archives, int64_t unix_seconds = kNoon);

  // As Add, but ends the test program if a rule refuses the draft.
  void AddGood(const Draft& draft);

  // What every entry says, and what an archive's says beside it.
  nlohmann::json Common() const;
  nlohmann::json CommonOf(const std::string& archive) const;

  // Drafts with every member, in the order in which they make a whole ledger. Each is of the ledger as it is
  // now: node_seq and prev_head are the next ones.
  Draft EnrolCoordinator() const;
  Draft EnrolArchive(const std::string& name) const;
  Draft Job() const;
  Draft Approval(const std::string& archive) const;
  Draft Roster() const;
  Draft RoundOpen() const;
  Draft Contribution(const std::string& archive) const;
  Draft Decision(const std::string& archive, uint64_t contribution) const;
  Draft Aggregation(const std::vector<uint64_t>& contributions) const;
  Draft Evaluation(const std::string& archive) const;
  Draft ModelRelease() const;
  Draft Revoke(const std::string& archive) const;
  // Signed by the coordinator; never a leaf.
  std::string Receipt(uint64_t index) const;

  // Adds everything up to and including round-open and seals; ends the test program if a rule refuses it.
  void AddUntilRoundOpen();
  // Up to the model-release: 16 entries; both archives' keys are in force. Sealed at 8.
  void AddUntilRelease();
  // The whole ledger: 17 entries, checkpoints at 8 and 17.
  void AddAll();

  uint64_t size() const { return entries_.size(); }
  const std::vector<std::string>& entries() const { return entries_; }
  const std::vector<std::string>& checkpoints() const { return checkpoints_; }
  const SigningKey& log_key() const { return log_key_; }
  const SigningKey& coordinator_key() const { return coordinator_key_; }
  const ArchiveKeys& archive(const std::string& name) const { return archives_.at(name); }
  // Borrows this.
  ledger::ExportSource Source() const;
  std::vector<VerifierKey> entry_keys() const;
  const ledger::Rules& rules() const { return rules_; }

 private:
  SigningKey log_key_;
  SigningKey coordinator_key_;
  std::map<std::string, ArchiveKeys> archives_;
  std::vector<std::string> entries_;
  std::vector<std::string> checkpoints_;
  ledger::MemoryTree tree_;
  ledger::Rules rules_;
  std::map<std::string, uint64_t> node_seq_;  // last one used
  uint64_t sealed_size_ = 0;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_LEDGER_SAMPLE_LEDGER_H_
