#include "coordinator/ledger/publisher.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ledger/key_book.h"
#include "common/ledger/tile_builder.h"
#include "common/status/macros.h"
#include "common/sync/run_on.h"
#include "coordinator/ledger/live_rules.h"
#include "coordinator/ledger/standing.h"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;

constexpr uint64_t kCheckpointsAtOnce = 4096;

// The keys that the leaves below `size` name: what was appended since does not belong to this checkpoint.
ledger::ExportKeys KeysBelow(const LiveRules& rules, uint64_t size) {
  ledger::ExportKeys keys;
  for (const KeyBook::Known& known : rules.keys().keys()) {
    if (known.from >= size) continue;
    const std::string vkey = known.key.ToString();
    if (known.purpose == KeyPurpose::kLog) {
      keys.log_vkeys.push_back(vkey);
    } else if (known.purpose == KeyPurpose::kMirror) {
      keys.witness_vkeys.push_back(vkey);
    } else {
      keys.entry_vkeys.push_back(vkey);
    }
  }
  if (const PolicyLeaf* policy = rules.PolicyBelow(size); policy != nullptr) {
    keys.policy = policy->text;
  } else if (!keys.log_vkeys.empty()) {
    keys.policy = absl::StrCat("log ", keys.log_vkeys.front(), "\nquorum none\n");
  }
  return keys;
}

// A page of cosigned notes from the size `next` on, which is set to where the next page begins; false after
// the last.
absl::StatusOr<bool> AddNotes(Store& store, uint64_t& next, uint64_t to, ledger::ExportSource& source) {
  bool more = false;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<CheckpointRow> rows,
                     transaction.ListCheckpoints(next, kCheckpointsAtOnce));
    more = rows.size() == kCheckpointsAtOnce;
    for (const CheckpointRow& row : rows) {
      if (row.size > to) break;  // sealed since
      ASSIGN_OR_RETURN(std::string note, CosignedNote(transaction, row));
      source.checkpoints.push_back(std::move(note));
      next = row.size + 1;
    }
    return absl::OkStatus();
  }));
  return more && next <= to;
}

// Everything but notes and entries, and the size of the newest checkpoint.
absl::StatusOr<uint64_t> BeginPlan(Store& store, Sequencer& sequencer, uint64_t from,
                                   ledger::ExportSource& source) {
  uint64_t to = 0;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const LedgerStanding standing, ReadStanding(transaction));
    to = standing.sealed_size;
    source.witnessed_size = standing.witnessed_size;
    return absl::OkStatus();
  }));
  if (to == 0) return absl::FailedPreconditionError("ledger has no checkpoint yet; nothing can be published");
  if (from > to) {
    return absl::FailedPreconditionError(
        absl::StrCat("published folder holds a longer ledger than the database; was an old backup restored? "
                     "Restore from a "
                     "mirror, or publish to an empty folder: published ",
                     from, " entries, ours ", to));
  }
  source.keys = KeysBelow(sequencer.rules(), to);
  ASSIGN_OR_RETURN(source.subtree, ledger::CopyTail(from, sequencer.rules().tree().Reader()));
  return to;
}

absl::StatusOr<std::vector<std::string>> ReadSlice(Store& store, uint64_t start, uint64_t end) {
  std::vector<std::string> bodies;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) {
    return transaction.ReadLeaves(start, end, [&bodies](const LeafRow& leaf) {
      bodies.push_back(leaf.body);
      return absl::OkStatus();
    });
  }));
  return bodies;
}

}  // namespace

absl::StatusOr<ledger::ExportSource> ExportPlan(Store& store, Sequencer& sequencer) {
  ledger::ExportSource source;
  ASSIGN_OR_RETURN(const uint64_t to, BeginPlan(store, sequencer, 0, source));
  uint64_t next = 0;
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(more, AddNotes(store, next, to, source));
  }
  return source;
}

absl::StatusOr<uint64_t> Publisher::PublishOnce(Store& store, Sequencer& sequencer, Executor& executor,
                                                const std::string& directory, uint64_t notes_from) {
  ASSIGN_OR_RETURN(const uint64_t from, ledger::PublishedSize(directory));
  ledger::ExportSource source;
  ASSIGN_OR_RETURN(const uint64_t to,
                   RunOn(executor, [&] { return BeginPlan(store, sequencer, from, source); }));
  uint64_t next = std::min(notes_from, from);
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(more, RunOn(executor, [&] { return AddNotes(store, next, to, source); }));
  }
  source.read = [&store, &executor](
                    uint64_t start, uint64_t end,
                    const std::function<absl::Status(absl::string_view)>& take) -> absl::Status {
    for (uint64_t next = start; next < end; next += kSlice) {
      ASSIGN_OR_RETURN(const std::vector<std::string> bodies,
                       RunOn(executor, [&] { return ReadSlice(store, next, std::min(next + kSlice, end)); }));
      for (const std::string& body : bodies) RETURN_IF_ERROR(take(body));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ledger::WriteExportDelta(source, from, to, directory));
  return to;
}

struct Publisher::State {
  Store& store;
  Sequencer& sequencer;
  Executor& executor;
  const std::string directory;
  RunElsewhere run_elsewhere;
  OnTried on_tried;
  bool running = false;
  bool again = false;
  uint64_t last_sealed = 0;
  uint64_t notes_from = 0;  // notes of this size and above may differ from what is published
};

Publisher::Publisher(Store& store, Sequencer& sequencer, Executor& executor, std::string directory)
    : state_(new State{store, sequencer, executor, std::move(directory), nullptr, nullptr}) {}

Publisher::~Publisher() = default;

void Publisher::Start(RunElsewhere run_elsewhere, OnTried on_tried) {
  state_->run_elsewhere = std::move(run_elsewhere);
  state_->on_tried = std::move(on_tried);
  // The one before may have cosignatures by now that nobody was told of: those past the quorum.
  state_->sequencer.OnSealed(
      [this](const CheckpointRow& row) { Publish(std::exchange(state_->last_sealed, row.size)); });
  Publish(0);
}

void Publisher::Publish(uint64_t size) {
  state_->notes_from = std::min(state_->notes_from, size);
  if (state_->running) {
    state_->again = true;
    return;
  }
  state_->running = true;
  State& state = *state_;
  const uint64_t from = std::exchange(state.notes_from, std::numeric_limits<uint64_t>::max());
  state.run_elsewhere([this, &state, from, alive = std::weak_ptr<State>(state_)] {
    absl::StatusOr<uint64_t> published =
        PublishOnce(state.store, state.sequencer, state.executor, state.directory, from);
    state.executor.Post([this, from, alive, published = std::move(published)] {
      if (alive.lock() != nullptr) Tried(from, published);
    });
  });
}

void Publisher::Tried(uint64_t notes_from, const absl::StatusOr<uint64_t>& published) {
  state_->running = false;
  if (!published.ok()) state_->notes_from = std::min(state_->notes_from, notes_from);
  state_->on_tried(published);
  if (std::exchange(state_->again, false)) Publish(state_->notes_from);
}

}  // namespace consort::coordinator
