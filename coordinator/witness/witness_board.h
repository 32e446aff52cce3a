// Asks every archive to cosign the newest checkpoint, keeps the answers, and says what a quorum has seen.
#ifndef CONSORT_COORDINATOR_WITNESS_WITNESS_BOARD_H_
#define CONSORT_COORDINATOR_WITNESS_WITNESS_BOARD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/policy.h"
#include "consort/v1/ledger.pb.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/named_timers.h"
#include "coordinator/rounds/node_gateway.h"
#include "coordinator/witness/incident_book.h"
#include "coordinator/witness/ledger_metrics.h"

namespace consort::coordinator {

// Owned by the control executor. Everything that it remembers, rows and the archives' hellos give back.
//
// A quorum must sign one checkpoint, and entries come in while archives fetch and check: all are asked for
// the same one until a quorum has it or kTargetLasts has passed, and only then for the newest.
class WitnessBoard final : public NodeEvents {
 public:
  // All borrowed.
  struct Parts {
    Store& store;
    Sequencer& sequencer;
    NodeGateway& nodes;
    Executor& executor;
    IncidentBook& incidents;
    LedgerMetrics& metrics;
  };
  explicit WitnessBoard(const Parts& parts);

  // Takes up what is stored, and judges it again: a policy may have come into force since. Once, before
  // sessions are let in. Errors: those of the store; DataLoss.
  absl::Status Load();

  // Calls `witnessed` with each new size that a quorum has cosigned, once that is durable.
  void OnWitnessed(std::function<void(uint64_t size)> witnessed);
  // Calls `cosigned` with the size of each checkpoint that got one more cosignature, once that is durable.
  void OnCosigned(std::function<void(uint64_t size)> cosigned) { on_cosigned_ = std::move(cosigned); }

  uint64_t witnessed_size() const { return witnessed_size_; }
  // True if the leaf is as far as it must be before it counts: witnessed, or sealed where no policy is in
  // force at its place, because no archive was enrolled.
  bool IsSettled(uint64_t index) const;
  // The policy's witnesses whose cosignature over the leaf is missing, by archive; names of keys for others.
  std::vector<std::string> Missing(uint64_t index) const;
  // One for each witness of the policy in force, in its order.
  std::vector<v1::WitnessStatus> Witnesses() const;

  void OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) override;
  void OnSessionResumed(const std::string& archive) override { Ask(archive); }
  void OnSessionGone(const std::string& archive) override;
  void OnMessage(const std::string& archive, const v1::Envelope& envelope) override;

  static constexpr absl::Duration kTargetLasts = absl::Minutes(2);
  static constexpr absl::Duration kUnansweredAfter = absl::Minutes(2);  // asked again
  static constexpr absl::Duration kAskAgainAfter = absl::Seconds(10);   // the archive said "not now"
  // Answers "I stand at another size" that are followed at once, since the last good one.
  static constexpr int kMaxStepsBack = 3;

 private:
  struct Witness {
    uint64_t size = 0;   // of its witness state, as far as we know
    uint64_t asked = 0;  // size of the request that is under way; 0: none
    int steps_back = 0;
    bool refuses = false;  // until the next target or session
  };

  static std::string AskTimer(const std::string& archive) { return "ask/" + archive; }
  void OnSealed(const CheckpointRow& row);
  void SetTarget(const CheckpointRow& row);
  void AskAll();
  void Ask(const std::string& archive);
  absl::Status SendRequest(const std::string& archive, Witness& witness);
  void AskLater(const std::string& archive, absl::Duration delay);
  void OnAnswer(const std::string& archive, const v1::WitnessAnswer& answer);
  void OnOtherSize(const std::string& archive, const v1::WitnessAnswer& answer);
  void OnRefusal(const std::string& archive, const v1::WitnessAnswer& answer);
  absl::Status TakeCosignature(const std::string& archive, const v1::WitnessAnswer& answer);
  // Judges the checkpoint by every policy that it must meet. True if it is new that all are met.
  absl::StatusOr<bool> JudgeSize(Transaction& transaction, const CheckpointRow& row);
  void Witnessed(uint64_t size);
  std::string NameOf(const ledger::Policy::Witness& witness) const;

  Parts parts_;
  NamedTimers timers_;
  std::map<std::string, Witness> witnesses_;      // archives with a session that can witness
  std::map<std::string, CosignatureRow> newest_;  // by key
  CheckpointRow target_;                          // size 0: none
  absl::Duration target_since_;
  uint64_t sealed_size_ = 0;
  uint64_t witnessed_size_ = 0;
  std::vector<std::function<void(uint64_t)>> on_witnessed_;
  std::function<void(uint64_t)> on_cosigned_ = [](uint64_t) {};
  bool asking_all_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_WITNESS_WITNESS_BOARD_H_
