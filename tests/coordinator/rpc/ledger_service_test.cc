#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "common/ledger/merkle_tree.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "consort/v1/ledger.grpc.pb.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/coordinator/ledger/test_ledger.h"
#include "tests/coordinator/rpc/test_coordinator.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using testing::IsOk;
using ::testing::StartsWith;
using testing::StatusIs;
using testing::TestCoordinator;

class LedgerServiceTest : public ::testing::Test {
 protected:
  // The coordinator's keys are entry 0.
  void Append(int count) {
    coordinator_.OnControl([&] {
      ASSERT_THAT(coordinator_.store().Transact([&](Transaction& transaction) -> absl::Status {
        for (int i = 0; i < count; ++i) {
          const auto entry = testing::JobCancelled(absl::StrCat("entry-", i));
          const auto appended =
              coordinator_.sequencer().AppendOwn(transaction, entry.kind, entry.subjects, entry.predicate);
          if (!appended.ok()) return appended.status();
        }
        return absl::OkStatus();
      }),
                  IsOk());
      ASSERT_THAT(coordinator_.sequencer().Seal(), IsOk());
    });
  }
  absl::StatusOr<std::vector<v1::LedgerEntry>> Read(uint64_t start, uint64_t end) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ReadEntriesRequest request;
    request.set_start(start);
    request.set_end(end);
    const auto reader = stub_->ReadEntries(&context, request);
    std::vector<v1::LedgerEntry> entries;
    v1::LedgerEntry entry;
    while (reader->Read(&entry)) entries.push_back(entry);
    const absl::Status status = FromGrpcStatus(reader->Finish());
    if (!status.ok()) return status;
    return entries;
  }

  TestCoordinator coordinator_;
  std::unique_ptr<v1::LedgerService::Stub> stub_ =
      v1::LedgerService::NewStub(coordinator_.Member(v1::ROLE_AUDITOR, "bo"));
};

TEST_F(LedgerServiceTest, EntriesComeInOrderAndGiveTheCheckpointsRoot) {
  Append(200);  // more than three batches
  const auto entries = Read(0, 0);
  ASSERT_THAT(entries, IsOk());
  ASSERT_EQ(entries->size(), 201u);
  ledger::MemoryTree tree;
  for (uint64_t i = 0; i < entries->size(); ++i) {
    EXPECT_EQ((*entries)[i].index(), i);
    tree.Append(ledger::LeafHash((*entries)[i].envelope()));
  }
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetCheckpointResponse response;
  ASSERT_THAT(FromGrpcStatus(stub_->GetCheckpoint(&context, v1::GetCheckpointRequest(), &response)), IsOk());
  const auto opened = ledger::OpenCheckpoint(response.checkpoint(), {coordinator_.log_key().verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->checkpoint.root, tree.Root(201).value());
  EXPECT_EQ(response.durable_size(), 201u);
}

TEST_F(LedgerServiceTest, RangesAreHalfOpenAndBounded) {
  Append(4);
  EXPECT_EQ(Read(1, 3)->size(), 2u);
  EXPECT_EQ(Read(5, 0)->size(), 0u);
  EXPECT_THAT(Read(0, 6).status(), StatusIs(absl::StatusCode::kOutOfRange, ::testing::_));
  EXPECT_THAT(Read(3, 2).status(), StatusIs(absl::StatusCode::kOutOfRange, ::testing::_));
}

TEST_F(LedgerServiceTest, AProofIsATlogProofFile) {
  Append(1);
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetProofRequest request;
  request.set_index(1);
  v1::GetProofResponse response;
  ASSERT_THAT(FromGrpcStatus(stub_->GetProof(&context, request, &response)), IsOk());
  // With two leaves the proof of the second is the hash of the first.
  const std::string first = Base64Encode(ViewOf(ledger::LeafHash(Read(0, 1)->front().envelope())));
  EXPECT_THAT(response.tlog_proof(), StartsWith(absl::StrCat("c2sp.org/tlog-proof@v1\nindex 1\n", first,
                                                             "\n\nledger.example.org/music\n2\n")));
  EXPECT_EQ(response.envelope(), Read(1, 2)->front().envelope());
}

TEST_F(LedgerServiceTest, WhatIsNotSealedHasNoProofAndNoCheckpoint) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetCheckpointResponse none;
  EXPECT_THAT(FromGrpcStatus(stub_->GetCheckpoint(&context, v1::GetCheckpointRequest(), &none)),
              StatusIs(absl::StatusCode::kNotFound, ::testing::_));
  Append(1);
  grpc::ClientContext again;
  SetDeadline(again);
  v1::GetProofRequest request;
  request.set_index(2);
  v1::GetProofResponse response;
  EXPECT_THAT(FromGrpcStatus(stub_->GetProof(&again, request, &response)),
              StatusIs(absl::StatusCode::kOutOfRange, ::testing::_));
}

TEST_F(LedgerServiceTest, EveryAnswerSaysHowFarItIs) {
  Append(1);
  EXPECT_EQ(Read(0, 1)->front().state(), v1::ENTRY_STATE_SEALED);
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetCheckpointResponse response;
  ASSERT_THAT(FromGrpcStatus(stub_->GetCheckpoint(&context, v1::GetCheckpointRequest(), &response)), IsOk());
  EXPECT_EQ(response.state(), v1::ENTRY_STATE_SEALED);
  EXPECT_EQ(response.witnessed_size(), 0u);
  EXPECT_EQ(response.witnesses_size(), 0);  // no archive is enrolled: nobody to ask
}

TEST_F(LedgerServiceTest, StoredCosignaturesAreInTheNoteAndMakeItWitnessed) {
  Append(1);
  const SigningKey witness = SigningKey::Generate("a.example.org/mirror", KeyAlgorithm::kCosignatureV1);
  coordinator_.OnControl([&] {
    ASSERT_THAT(coordinator_.store().Transact([&](Transaction& transaction) -> absl::Status {
      const CheckpointRow row = transaction.GetCheckpoint(2).value();
      const std::string text = row.note.substr(0, row.note.find("\n\n") + 1);
      const std::string line = ledger::CosignatureLine(text, witness, absl::FromUnixSeconds(1'800'000'000));
      const absl::Status inserted =
          transaction.InsertCosignature({2, witness.verifier().KeyId(), 1'800'000'000, line});
      return inserted.ok() ? transaction.InsertWitnessed({2, -1, 1'800'000'001}) : inserted;
    }),
                IsOk());
  });
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetCheckpointResponse response;
  ASSERT_THAT(FromGrpcStatus(stub_->GetCheckpoint(&context, v1::GetCheckpointRequest(), &response)), IsOk());
  EXPECT_EQ(response.state(), v1::ENTRY_STATE_WITNESSED);
  EXPECT_EQ(response.witnessed_size(), 2u);
  const auto opened = ledger::OpenCheckpoint(response.checkpoint(), {coordinator_.log_key().verifier()},
                                             {witness.verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->cosigned.size(), 1u);
  EXPECT_EQ(Read(0, 1)->front().state(), v1::ENTRY_STATE_WITNESSED);
}

TEST_F(LedgerServiceTest, IncidentsAreShownToAuditors) {
  coordinator_.OnControl([&] {
    v1::IncidentReport report;
    report.set_id("1");
    report.set_kind("receipt-overdue");
    report.set_detail("leaf 3");
    report.add_evidence("receipt");
    ASSERT_THAT(coordinator_.incidents().Report("", report, IncidentBook::Entry::kAppend), IsOk());
  });
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ListIncidentsResponse response;
  ASSERT_THAT(FromGrpcStatus(stub_->ListIncidents(&context, v1::ListIncidentsRequest(), &response)), IsOk());
  ASSERT_EQ(response.incidents_size(), 1);
  EXPECT_EQ(response.incidents(0).kind(), "receipt-overdue");
  EXPECT_EQ(response.incidents(0).leaf_index(), 1u);
  EXPECT_EQ(response.incidents(0).evidence(0), "receipt");
}

TEST_F(LedgerServiceTest, OnlyOperatorsRevokeKeysAndNotTheLastOne) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::RevokeKeyRequest request;
  request.set_vkey(coordinator_.log_key().verifier().ToString());
  request.set_reason("lost-key");
  v1::RevokeKeyResponse response;
  EXPECT_THAT(FromGrpcStatus(stub_->RevokeKey(&context, request, &response)),
              StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
  const auto operators = v1::LedgerService::NewStub(coordinator_.Member(v1::ROLE_OPERATOR, "op"));
  grpc::ClientContext again;
  SetDeadline(again);
  EXPECT_THAT(FromGrpcStatus(operators->RevokeKey(&again, request, &response)),
              StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::HasSubstr("rotated before")));
}

TEST_F(LedgerServiceTest, KeysAreThoseThatSigned) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetKeysResponse keys;
  ASSERT_THAT(FromGrpcStatus(stub_->GetKeys(&context, v1::GetKeysRequest(), &keys)), IsOk());
  ASSERT_EQ(keys.log_vkeys_size(), 1);
  EXPECT_EQ(keys.log_vkeys(0), coordinator_.log_key().verifier().ToString());
  ASSERT_EQ(keys.entry_vkeys_size(), 1);
  EXPECT_EQ(keys.entry_vkeys(0), coordinator_.entry_key().verifier().ToString());
  EXPECT_EQ(keys.policy(), absl::StrCat("log ", keys.log_vkeys(0), "\nquorum none\n"));
}

TEST(LedgerServicePagesTest, CheckpointsComeInPagesUntilAnEmptyOne) {
  TestCoordinator::Options options;
  options.checkpoints_per_page = 2;
  TestCoordinator coordinator(options);
  for (int i = 0; i < 2; ++i) {  // with the coordinator's keys: sizes 1, 2 and 3
    coordinator.OnControl([&] {
      ASSERT_THAT(coordinator.sequencer().Seal(), IsOk());
      ASSERT_THAT(coordinator.store().Transact([&](Transaction& transaction) -> absl::Status {
        const auto entry = testing::JobCancelled(absl::StrCat("entry-", i));
        return coordinator.sequencer()
            .AppendOwn(transaction, entry.kind, entry.subjects, entry.predicate)
            .status();
      }),
                  IsOk());
      ASSERT_THAT(coordinator.sequencer().Seal(), IsOk());
    });
  }
  const auto stub = v1::LedgerService::NewStub(coordinator.Member(v1::ROLE_AUDITOR, "bo"));
  const auto sizes_from = [&stub](uint64_t from) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListCheckpointsRequest request;
    request.set_from_size(from);
    v1::ListCheckpointsResponse response;
    EXPECT_THAT(FromGrpcStatus(stub->ListCheckpoints(&context, request, &response)), IsOk());
    std::vector<uint64_t> sizes;
    for (const std::string& note : response.checkpoints())
      sizes.push_back(ledger::ReadCheckpoint(note).value().size);
    return sizes;
  };
  EXPECT_THAT(sizes_from(0), ::testing::ElementsAre(1, 2));
  EXPECT_THAT(sizes_from(3), ::testing::ElementsAre(3));
  EXPECT_THAT(sizes_from(4), ::testing::IsEmpty());
}

}  // namespace
}  // namespace consort::coordinator
