#include "coordinator/rpc/ledger_service.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/policy.h"
#include "common/ledger/tlog_proof.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/ledger.grpc.pb.h"
#include "coordinator/enrol/ledger_keys.h"
#include "coordinator/ledger/erasure.h"
#include "coordinator/ledger/standing.h"
#include "coordinator/ledger/stored_tree.h"
#include "coordinator/rpc/authorisation.h"
#include "coordinator/rpc/ledger_entry_stream.h"
#include "coordinator/rpc/on_executor.h"

namespace consort::coordinator {
namespace {

// The checkpoint of `size`, or the newest for 0. Errors: NotFound.
absl::StatusOr<CheckpointRow> FindCheckpoint(Transaction& transaction, uint64_t size) {
  if (size == 0) {
    ASSIGN_OR_RETURN(std::optional<CheckpointRow> newest, transaction.LatestCheckpoint());
    if (newest.has_value()) return *std::move(newest);
    return absl::NotFoundError(
        "ledger has no checkpoint yet; the first is sealed seconds after the first entry");
  }
  absl::StatusOr<CheckpointRow> row = transaction.GetCheckpoint(size);
  if (!absl::IsNotFound(row.status())) return row;
  return absl::NotFoundError(
      absl::StrCat("ledger was never sealed at this size; list the checkpoints: size ", size));
}

class LedgerServiceImpl final : public v1::LedgerService::CallbackService {
 public:
  explicit LedgerServiceImpl(const LedgerParts& parts) : parts_(parts) {}

 private:
  using Context = grpc::CallbackServerContext;

  // Runs `work` in a transaction on the control executor.
  template <class Work>
  grpc::ServerUnaryReactor* InTransaction(Context* context, Work work) {
    return OnExecutor(context, parts_.executor,
                      [this, work = std::move(work)] { return parts_.store.Transact(work); });
  }

  grpc::ServerUnaryReactor* GetCheckpoint(Context* context, const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override {
    return InTransaction(context, [this, request, response](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const CheckpointRow row, FindCheckpoint(transaction, request->size()));
      ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
      ASSIGN_OR_RETURN(const std::string note, CosignedNote(transaction, row));
      ASSIGN_OR_RETURN(const LedgerStanding standing, ReadStanding(transaction));
      response->set_checkpoint(note);
      response->set_durable_size(size);
      response->set_state(StateOfLeaf(static_cast<int64_t>(row.size) - 1, standing));
      response->set_witnessed_size(standing.witnessed_size);
      for (v1::WitnessStatus& witness : parts_.witnesses.Witnesses())
        *response->add_witnesses() = std::move(witness);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ListCheckpoints(Context* context, const v1::ListCheckpointsRequest* request,
                                            v1::ListCheckpointsResponse* response) override {
    return InTransaction(context, [this, request, response](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<CheckpointRow> rows,
                       transaction.ListCheckpoints(request->from_size(), parts_.checkpoints_per_page));
      for (const CheckpointRow& row : rows) {
        ASSIGN_OR_RETURN(const std::string note, CosignedNote(transaction, row));
        response->add_checkpoints(note);
      }
      return absl::OkStatus();
    });
  }

  grpc::ServerWriteReactor<v1::LedgerEntry>* ReadEntries(Context* context,
                                                         const v1::ReadEntriesRequest* request) override {
    auto caller = CallerOf(*context, parts_.federation);
    // The authorisation lets nobody through without a certificate; an empty identity fails the first check.
    auto* stream = new LedgerEntryStream(parts_, caller.ok() ? *std::move(caller) : PeerIdentity(), *request);
    stream->Start();
    return stream;
  }

  grpc::ServerUnaryReactor* GetKeys(Context* context, const v1::GetKeysRequest*,
                                    v1::GetKeysResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, response]() -> absl::Status {
      const LedgerKeys keys = LedgerKeysOf(parts_.sequencer.rules().keys());
      const std::string log_vkey = parts_.sequencer.log_key().verifier().ToString();
      for (const std::string& vkey : keys.log_vkeys) response->add_log_vkeys(vkey);
      for (const std::string& vkey : keys.entry_vkeys) response->add_entry_vkeys(vkey);
      for (const std::string& vkey : keys.witness_vkeys) response->add_witness_vkeys(vkey);
      // Keys and policy go with the newest checkpoint: whoever exports compares them with what it covers.
      std::optional<CheckpointRow> sealed;
      RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(sealed, transaction.LatestCheckpoint());
        return absl::OkStatus();
      }));
      const PolicyLeaf* policy = parts_.sequencer.rules().PolicyBelow(sealed.has_value() ? sealed->size : 0);
      response->set_policy(policy == nullptr ? PolicyText(log_vkey, keys.witness_vkeys) : policy->text);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* GetProof(Context* context, const v1::GetProofRequest* request,
                                     v1::GetProofResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      CheckpointRow checkpoint;
      RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(checkpoint, FindCheckpoint(transaction, request->size()));
        if (request->index() >= checkpoint.size) {
          return absl::OutOfRangeError(
              absl::StrCat("entry is not covered by that checkpoint; wait for the next: index ",
                           request->index(), ", size ", checkpoint.size));
        }
        ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(request->index()));
        response->set_envelope(leaf.body);
        ASSIGN_OR_RETURN(const std::string note, CosignedNote(transaction, checkpoint));
        ASSIGN_OR_RETURN(const LedgerStanding standing, ReadStanding(transaction));
        response->set_state(StateOfLeaf(static_cast<int64_t>(request->index()), standing));
        ASSIGN_OR_RETURN(const ledger::Policy policy, PolicyFor(checkpoint.size));
        ASSIGN_OR_RETURN(const std::string proof,
                         ledger::MakeTlogProof(request->index(), note, policy, StoredSubtrees(transaction)));
        response->set_tlog_proof(proof);
        return absl::OkStatus();
      }));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ListIncidents(Context* context, const v1::ListIncidentsRequest*,
                                          v1::ListIncidentsResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, response]() -> absl::Status {
      ASSIGN_OR_RETURN(std::vector<v1::Incident> incidents, parts_.incidents.List());
      for (v1::Incident& incident : incidents) *response->add_incidents() = std::move(incident);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* RevokeKey(Context* context, const v1::RevokeKeyRequest* request,
                                      v1::RevokeKeyResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const uint64_t index, parts_.key_changes.Revoke(request->vkey(), request->reason()));
      response->set_leaf_index(index);
      return absl::OkStatus();
    });
  }

  // Of the checkpoint of this size; every known witness and no quorum where none is in force.
  absl::StatusOr<ledger::Policy> PolicyFor(uint64_t size) const {
    const PolicyLeaf* leaf = parts_.sequencer.rules().PolicyBelow(size);
    if (leaf != nullptr) return ledger::Policy::Parse(leaf->text);
    return ledger::Policy::Parse(PolicyText(parts_.sequencer.log_key().verifier().ToString(),
                                            LedgerKeysOf(parts_.sequencer.rules().keys()).witness_vkeys));
  }

  grpc::ServerUnaryReactor* Erase(Context* context, const v1::EraseRequest* request,
                                  v1::EraseResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const Erased erased, coordinator::Erase(parts_.store, parts_.sequencer,
                                                               request->commitment(), request->ground()));
      response->set_leaf_index(erased.leaf_index);
      response->set_erased(erased.now);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* OpenCommitments(Context* context, const v1::OpenCommitmentsRequest* request,
                                            v1::OpenCommitmentsResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<OpeningRow> openings,
                       coordinator::OpenCommitments(
                           parts_.store, {request->commitments().begin(), request->commitments().end()}));
      for (const OpeningRow& row : openings) {
        v1::Opening& opening = *response->add_openings();
        opening.set_commitment(row.commitment);
        opening.set_erased(row.erased);
        if (row.erased) continue;
        opening.set_value(row.value);
        opening.set_salt(row.salt);
      }
      return absl::OkStatus();
    });
  }

  const LedgerParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLedgerService(const LedgerParts& parts) {
  return std::make_unique<LedgerServiceImpl>(parts);
}

}  // namespace consort::coordinator
