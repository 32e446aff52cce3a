// An archive without network, trainer or recordings, whose entries and payloads are real: what it signs, a
// coordinator must take or refuse for the right reasons. It survives restarts of the coordinator, as a node's
// disk does.
#ifndef CONSORT_TESTS_COORDINATOR_ROUNDS_FAKE_ARCHIVE_H_
#define CONSORT_TESTS_COORDINATOR_ROUNDS_FAKE_ARCHIVE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/ledger/witness_protocol.h"
#include "common/update/manifest.h"
#include "consort/v1/session.pb.h"
#include "coordinator/rounds/engine.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator::testing {

class FakeArchive {
 public:
  static constexpr float kStatistic = 7;  // every value of its statistics

  // What goes wrong, where a test says so. Every function gets the honest value and may change it.
  struct Faults {
    std::function<void(nlohmann::json& predicate)> contribution;  // before it is signed
    std::function<void(std::vector<uint32_t>& ring)> payload;     // before it is digested
    std::function<void(std::string& envelope)> envelope;          // after it was signed
    std::function<void(v1::OfferAnswer& answer)> offer;
    std::function<bool(const v1::Envelope& envelope)> ignore;  // messages that are never answered
    std::string participation_id;  // named instead of its own, in message and entry
    std::string after_digest;      // named instead of the model that was evaluated
    std::string declines;          // reason to give for not joining rounds
    std::string fails;             // code to answer training tasks with
    bool withhold_payload = false;
    bool is_no_witness = false;                              // says so in its hello
    std::function<void(v1::WitnessAnswer& answer)> witness;  // before it is sent
    std::function<void(v1::NodeHello& hello)> hello;
    absl::Duration clock_ahead;  // of its cosignatures
  };

  // `difference`: after minus before in the scores of its five holdout recordings.
  FakeArchive(std::string name, std::string federation, std::string tradition, double difference);

  const std::string& name() const { return name_; }
  const SigningKey& entries() const { return entries_; }
  const SigningKey& mirror() const { return mirror_; }
  const SigningKey& approval() const { return approval_; }
  v1::NodeHello Hello() const;
  uint64_t node_seq() const { return node_seq_; }  // last one that is used up

  // A session with a (new) coordinator: where answers go and uploads are spooled.
  struct Link {
    std::function<void(v1::Envelope)> send;
    RoundEngine* engine = nullptr;
    std::string origin;
    std::string base_digest;  // tensor digest of the base model
    std::function<std::string(const std::string& artifact)> tensor_digest;
    std::optional<VerifierKey> log_key;
    std::function<absl::Time()> clock;
  };
  void Connect(Link link) { link_ = std::move(link); }
  // What it has accepted as a witness; a node's disk keeps it.
  const ledger::WitnessState& witness_state() const { return witness_; }
  void OnMessage(const v1::Envelope& envelope);

  Faults faults;
  std::vector<std::string> open_jobs;         // as the next hello names them
  std::string newest_receipt;                 // as the next hello brings it
  std::vector<v1::Envelope> received;         // about work
  std::vector<v1::Envelope> ledger_received;  // checkpoints, to cosign and to know
  std::vector<v1::Envelope> sent;
  std::map<std::string, v1::Verdict> verdicts;  // by participation
  std::vector<v1::EntryOutcome> outcomes;       // of its other entries
  std::map<std::string, int> trained;           // how often training really ran, by participation
  std::vector<std::string>
      asked_after_verdict;  // participations whose task came again after an accepted verdict

 private:
  void Answer(const v1::Envelope& to, v1::Envelope answer);
  // An entry that was refused on arrival leaves its number to the next one.
  void FreeNumber(const std::string& key);
  void OnOffer(const v1::Envelope& envelope);
  void OnWitnessRequest(const v1::Envelope& envelope);
  void OnTrainTask(const v1::Envelope& envelope);
  void OnEvaluateTask(const v1::Envelope& envelope);
  void TakeHead(const v1::LedgerHead& head);
  std::vector<uint32_t> Train(const v1::TrainTask& task, const Manifest& manifest) const;
  void Upload(const std::string& participation_id, const std::string& payload);
  // Signs an entry once and keeps it by `key`: the same work always sends the same bytes.
  std::string Entry(const std::string& key, ledger::Kind kind, const ledger::Subject& subject,
                    nlohmann::json predicate);

  std::string name_;
  std::string tradition_;
  double difference_;
  SigningKey entries_;
  SigningKey mirror_;
  SigningKey approval_;
  ledger::WitnessState witness_;
  Link link_;
  uint64_t node_seq_ = 0;
  uint64_t head_size_ = 0;
  std::string head_root_;
  std::map<std::string, std::string> kept_entries_;
  std::map<std::string, std::string> kept_payloads_;
  std::map<std::string, std::string> plan_digests_;  // by job
};

}  // namespace consort::coordinator::testing

#endif  // CONSORT_TESTS_COORDINATOR_ROUNDS_FAKE_ARCHIVE_H_
