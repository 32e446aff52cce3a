// The coordinator's end of a session for tests: a real ledger in memory, real signatures, and a wire that can
// be cut.
#ifndef CONSORT_TESTS_NODE_DAEMON_FAKE_COORDINATOR_H_
#define CONSORT_TESTS_NODE_DAEMON_FAKE_COORDINATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "common/ledger/merkle_tree.h"
#include "common/session/sequenced_inbox.h"
#include "common/session/sequenced_outbox.h"
#include "consort/v1/session.pb.h"
#include "nlohmann/json.hpp"
#include "node/daemon/stream.h"

namespace consort::node {

inline constexpr char kOrigin[] = "ledger.test.example/music";
inline constexpr char kProject[] = "music";
inline constexpr char kArchive[] = "archive-uk-1";

class FakeCoordinator : public StreamFactory {
 public:
  FakeCoordinator();

  // StreamFactory. While `reachable` is false every attempt ends at once.
  std::unique_ptr<Stream> Open(Callbacks callbacks) override;
  bool reachable = true;

  // Ends the stream as a cut connection does; the session may be resumed.
  void Cut();
  // A new process: sessions are forgotten, the ledger is not.
  void Restart();
  void Send(v1::Envelope envelope);

  // Ledger. An entry of our own is appended with the members every entry has.
  uint64_t Append(ledger::Kind kind, const std::string& subject, nlohmann::json predicate);
  v1::LedgerHead Head(uint64_t from);
  std::vector<std::string> Inclusion(uint64_t index, uint64_t size);
  const std::string& leaf(uint64_t index) const { return leaves_[index]; }
  uint64_t size() const { return leaves_.size(); }
  uint64_t node_seq() const { return node_seq_; }
  const VerifierKey& log_key() const { return log_key_.verifier(); }
  const VerifierKey& entry_key() const { return entry_key_.verifier(); }
  // Another history of the same size, signed by the same key: what no node may accept.
  v1::LedgerHead ForkedHead(uint64_t from);

  // The first two leaves of a real ledger: the coordinator's keys and those of archive-uk-1. Before any other
  // entry. From here on the coordinator witnesses, and what it appends by Append breaks the rules of a
  // mirror.
  void Enrol(const SigningKey& entries, const SigningKey& mirror, const SigningKey& approval);
  // Asks for a cosignature of the newest `size` leaves.
  void AskToCosign(uint64_t old_size, uint64_t size);
  // The same for a tree that never was.
  void AskToCosignForgery(uint64_t old_size, uint64_t size);
  std::string Receipt(uint64_t index, const std::string& entry) const;
  const std::vector<std::string>& leaves() const { return leaves_; }

  // What the node sent, acted on once, in order. Entries whose node_seq is the next one are appended; others
  // are counted in `refused_entries`.
  std::vector<v1::Envelope> received;
  std::vector<v1::NodeHello> hellos;
  int refused_entries = 0;
  int connections = 0;
  bool answers_verdicts = true;
  bool accepts = true;  // what the verdicts say
  bool logs_contributions = true;
  bool witnesses = false;          // has the capability ledger.witness
  bool logs_other_entries = true;  // what outcomes say
  bool answers_outcomes = true;
  bool gives_receipts = true;

  // The last message of a kind; empty message if none.
  const v1::Envelope* Last(v1::Envelope::BodyCase body) const;
  int Count(v1::Envelope::BodyCase body) const;

 private:
  friend class FakeStream;
  void OnWrite(uint64_t connection, const v1::Envelope& envelope);
  void Greet(const v1::NodeHello& hello);
  void Act(const v1::Envelope& envelope);
  bool AppendArchive(const std::string& envelope);
  void AnswerEntry(const std::string& entry);
  uint64_t IndexOf(const std::string& entry) const;
  void Deliver(const v1::Envelope& envelope);

  SigningKey log_key_;
  SigningKey entry_key_;
  std::vector<std::string> leaves_;
  ledger::MemoryTree tree_;
  uint64_t node_seq_ = 0;

  Callbacks callbacks_;
  uint64_t connection_ = 0;  // 0: none
  std::string session_id_;
  int sessions_ = 0;
  session::SequencedOutbox outbox_;
  session::SequencedInbox inbox_;
};

}  // namespace consort::node

#endif  // CONSORT_TESTS_NODE_DAEMON_FAKE_COORDINATOR_H_
