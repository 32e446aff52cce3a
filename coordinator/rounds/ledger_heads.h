// Sealed checkpoints for nodes, each with the proof that it extends what that node last proved consistent.
#ifndef CONSORT_COORDINATOR_ROUNDS_LEDGER_HEADS_H_
#define CONSORT_COORDINATOR_ROUNDS_LEDGER_HEADS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "consort/v1/session.pb.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Every call on the control executor, outside transactions.
class LedgerHeads {
 public:
  LedgerHeads(Store& store, Sequencer& sequencer) : store_(store), sequencer_(sequencer) {}  // borrowed

  // What a node said in its hello. Later heads are those this class made for it, in the order they were sent.
  void Knows(const std::string& archive, uint64_t head_size) { known_[archive] = head_size; }

  // The newest checkpoint, sealed now if it does not cover the leaf `index` yet. Errors: those of Seal.
  absl::StatusOr<CheckpointRow> Covering(uint64_t index);
  // `checkpoint` with its cosignatures as a message to `archive`, which counts as knowing it afterwards. A
  // node that claims to know more than we have gets no proof and will say so. Errors: Internal.
  absl::StatusOr<v1::LedgerHead> For(const std::string& archive, const CheckpointRow& checkpoint);

 private:
  Store& store_;
  Sequencer& sequencer_;
  std::map<std::string, uint64_t> known_;  // one a member
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_LEDGER_HEADS_H_
