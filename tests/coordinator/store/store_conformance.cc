#include "tests/coordinator/store/store_conformance.h"

#include <limits>
#include <string>
#include <vector>

#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

JobRow Job(const std::string& id, int64_t submitted = 100, const std::string& token = "") {
  JobRow row;
  row.job_id = id;
  row.token = token;
  row.submitted_unix_seconds = submitted;
  return row;
}

RoundRow Round(const std::string& id, const std::string& job, uint32_t number) {
  RoundRow row;
  row.round_id = id;
  row.job_id = job;
  row.number = number;
  return row;
}

LeafRow Leaf(uint64_t index, const std::string& payload, const std::string& signer = "archive+1",
             int64_t seq = -1) {
  LeafRow row;
  row.index = index;
  row.hash = std::string(32, 'h');
  row.body = "{}";
  row.payload_digest = payload;
  row.kind = "contribution";
  row.signer = signer;
  row.node_seq = seq;
  return row;
}

CheckpointRow Checkpoint(uint64_t size) {
  CheckpointRow row;
  row.size = size;
  row.root = std::string(32, static_cast<char>('a' + size));
  row.note = "note " + std::to_string(size);
  row.sealed_unix_seconds = 1000 + static_cast<int64_t>(size);
  return row;
}

template <class Row>
std::vector<std::string> Names(const std::vector<Row>& rows, std::string Row::*field) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(row.*field);
  return names;
}

TEST_P(StoreConformanceTest, WhatWasCommittedIsThereAfterReopening) {
  ASSERT_THAT(Transact([](Transaction& t) { return t.PutSetting("federation", "demo"); }), IsOk());
  Reopen();
  EXPECT_THAT(Transact([](Transaction& t) {
                EXPECT_THAT(t.GetSetting("federation"), IsOkAndHolds(std::string("demo")));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, WorkThatFailsLeavesNothingBehind) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.Put(Job("j1")));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0")));
                return absl::AbortedError("changed my mind");
              }),
              StatusIs(absl::StatusCode::kAborted, "changed my mind"));
  EXPECT_THAT(Transact([](Transaction& t) {
                EXPECT_THAT(t.GetJob("j1"), StatusIs(absl::StatusCode::kNotFound, _));
                EXPECT_THAT(t.LedgerSize(), IsOkAndHolds(0u));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ATransactionInsideATransactionIsRefused) {
  EXPECT_THAT(
      Transact([this](Transaction&) { return Transact([](Transaction&) { return absl::OkStatus(); }); }),
      StatusIs(absl::StatusCode::kInternal, _));
  EXPECT_THAT(Transact([](Transaction&) { return absl::OkStatus(); }), IsOk());
}

TEST_P(StoreConformanceTest, InvitationsKeepEveryFieldAndAreReplaced) {
  InvitationRow row{"ab12", v1::ROLE_ARCHIVE, "archive-uk-1", 1800000000, false};
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(row));
                row.used = true;
                RETURN_IF_ERROR(t.Put(row));
                ASSIGN_OR_RETURN(const InvitationRow found, t.GetInvitation("ab12"));
                EXPECT_EQ(found.role, v1::ROLE_ARCHIVE);
                EXPECT_EQ(found.name, "archive-uk-1");
                EXPECT_EQ(found.expires_unix_seconds, 1800000000);
                EXPECT_TRUE(found.used);
                EXPECT_THAT(t.GetInvitation("other"), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, MembersAreKeptByRoleAndName) {
  MemberRow archive{v1::ROLE_ARCHIVE, "leeds", "f1", 11, "e", "m", "a", 7, true, 12, 13};
  MemberRow researcher{v1::ROLE_RESEARCHER, "leeds", "f2"};
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(researcher));
                RETURN_IF_ERROR(t.Put(archive));
                ASSIGN_OR_RETURN(const MemberRow found, t.GetMember(v1::ROLE_ARCHIVE, "leeds"));
                EXPECT_EQ(found.certificate_fingerprint, "f1");
                EXPECT_EQ(found.certificate_expires_unix_seconds, 11);
                EXPECT_EQ(found.entries_vkey, "e");
                EXPECT_EQ(found.mirror_vkey, "m");
                EXPECT_EQ(found.approval_vkey, "a");
                EXPECT_EQ(found.enrol_index, 7u);
                EXPECT_TRUE(found.revoked);
                EXPECT_EQ(found.enrolled_unix_seconds, 12);
                EXPECT_EQ(found.last_seen_unix_seconds, 13);
                ASSIGN_OR_RETURN(const std::vector<MemberRow> all, t.ListMembers());
                EXPECT_THAT(Names(all, &MemberRow::certificate_fingerprint), ElementsAre("f1", "f2"));
                EXPECT_THAT(t.GetMember(v1::ROLE_AUDITOR, "leeds"), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, JobsKeepEveryFieldIncludingRawBytes) {
  const std::string spec("\0\xFF\x01spec\0", 8);
  JobRow row{"j1",
             "tok",
             spec,
             "digest",
             "spiffe://x/researcher/r",
             5,
             v1::JOB_STATE_RUNNING,
             "reason",
             "[]",
             "sa",
             "sd",
             "optm",
             3,
             42,
             99,
             77};
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(row));
                ASSIGN_OR_RETURN(const JobRow found, t.GetJob("j1"));
                EXPECT_EQ(found.token, "tok");
                EXPECT_EQ(found.spec, spec);
                EXPECT_EQ(found.job_digest, "digest");
                EXPECT_EQ(found.submitted_by, "spiffe://x/researcher/r");
                EXPECT_EQ(found.submitted_unix_seconds, 5);
                EXPECT_EQ(found.state, v1::JOB_STATE_RUNNING);
                EXPECT_EQ(found.reason, "reason");
                EXPECT_EQ(found.manifests, "[]");
                EXPECT_EQ(found.state_artifact, "sa");
                EXPECT_EQ(found.state_digest, "sd");
                EXPECT_EQ(found.optimiser_artifact, "optm");
                EXPECT_EQ(found.rounds_closed, 3u);
                EXPECT_EQ(found.job_index, 42);
                EXPECT_EQ(found.planning_deadline_unix_millis, 99);
                EXPECT_EQ(found.release_index, 77);
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, JobsAreListedOldestFirstAndFoundByToken) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.Put(Job("b", 200, "token-b")));
                RETURN_IF_ERROR(t.Put(Job("z", 100)));
                RETURN_IF_ERROR(t.Put(Job("a", 200)));
                ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, t.ListJobs());
                EXPECT_THAT(Names(jobs, &JobRow::job_id), ElementsAre("z", "b", "a"));
                ASSIGN_OR_RETURN(const JobRow by_token, t.GetJobByToken("token-b"));
                EXPECT_EQ(by_token.job_id, "b");
                EXPECT_THAT(t.GetJobByToken(""), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, AJobTokenThatIsTakenIsRefusedAndTheOtherJobStays) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.Put(Job("first", 1, "token")));
                EXPECT_THAT(t.Put(Job("second", 2, "token")), StatusIs(absl::StatusCode::kAlreadyExists, _));
                ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, t.ListJobs());
                EXPECT_THAT(Names(jobs, &JobRow::job_id), ElementsAre("first"));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, OffersAreListedByArchiveAndReplaced) {
  OfferRow york{"j1", "york", 0, v1::OFFER_STATE_PLANNED, "", std::string("\0plan", 5), "pd", 9};
  OfferRow bath{"j1", "bath"};
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(Job("j1")));
                RETURN_IF_ERROR(t.Put(york));
                RETURN_IF_ERROR(t.Put(bath));
                york.state = v1::OFFER_STATE_REFUSED;
                york.reason = "purpose";
                RETURN_IF_ERROR(t.Put(york));
                ASSIGN_OR_RETURN(const std::vector<OfferRow> offers, t.ListOffers("j1"));
                EXPECT_THAT(Names(offers, &OfferRow::archive), ElementsAre("bath", "york"));
                EXPECT_EQ(offers[1].state, v1::OFFER_STATE_REFUSED);
                EXPECT_EQ(offers[1].reason, "purpose");
                EXPECT_EQ(offers[1].plan, std::string("\0plan", 5));
                EXPECT_EQ(offers[1].plan_digest, "pd");
                EXPECT_EQ(offers[1].approval_index, 9);
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, RoundsKeepEveryFieldAndAreListedByNumber) {
  RoundRow second{"r2", "j1", 2,  0, v1::ROUND_STATE_TRAINING, "why", "md", "ba", "bd", "ra", "rd", 10,
                  11,   12,   13, 14};
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(Job("j1")));
                RETURN_IF_ERROR(t.Put(second));
                RETURN_IF_ERROR(t.Put(Round("r1", "j1", 1)));
                ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, t.ListRounds("j1"));
                EXPECT_THAT(Names(rounds, &RoundRow::round_id), ElementsAre("r1", "r2"));
                ASSIGN_OR_RETURN(const RoundRow found, t.GetRound("r2"));
                EXPECT_EQ(found.state, v1::ROUND_STATE_TRAINING);
                EXPECT_EQ(found.reason, "why");
                EXPECT_EQ(found.manifest_digest, "md");
                EXPECT_EQ(found.base_artifact, "ba");
                EXPECT_EQ(found.base_digest, "bd");
                EXPECT_EQ(found.result_artifact, "ra");
                EXPECT_EQ(found.result_digest, "rd");
                EXPECT_EQ(found.open_index, 10);
                EXPECT_EQ(found.aggregation_index, 11);
                EXPECT_EQ(found.opened_unix_millis, 12);
                EXPECT_EQ(found.deadline_unix_millis, 13);
                EXPECT_EQ(found.ended_unix_millis, 14);
                EXPECT_THAT(t.GetRound("r3"), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ARoundNumberIsUniquePerJobAndGroup) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.Put(Job("j1")));
                RETURN_IF_ERROR(t.Put(Round("r1", "j1", 1)));
                EXPECT_THAT(t.Put(Round("again", "j1", 1)), StatusIs(absl::StatusCode::kAlreadyExists, _));
                RoundRow other_group = Round("g1", "j1", 1);
                other_group.group = 1;
                return t.Put(other_group);
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ParticipationsAndEvaluationsAreListedByArchive) {
  ParticipationRow york{"p1", "r1", "j1", "york",   0, v1::PARTICIPATION_STATE_ACKNOWLEDGED,
                        "ok", 77,   "dg", 1u << 31, 3, 4};
  ParticipationRow bath{"p2", "r1", "j1", "bath"};
  EvaluationRow evaluation{"r1", "york", "j1", "t1", 0, "reported", "", 8};
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(Job("j1")));
                RETURN_IF_ERROR(t.Put(Round("r1", "j1", 1)));
                RETURN_IF_ERROR(t.Put(york));
                RETURN_IF_ERROR(t.Put(bath));
                RETURN_IF_ERROR(t.Put(evaluation));
                ASSIGN_OR_RETURN(const std::vector<ParticipationRow> rows, t.ListParticipations("r1"));
                EXPECT_THAT(Names(rows, &ParticipationRow::archive), ElementsAre("bath", "york"));
                ASSIGN_OR_RETURN(const ParticipationRow found, t.GetParticipation("p1"));
                EXPECT_EQ(found.state, v1::PARTICIPATION_STATE_ACKNOWLEDGED);
                EXPECT_EQ(found.weight, 77u);
                EXPECT_EQ(found.payload_digest, "dg");
                EXPECT_EQ(found.payload_bytes, 1u << 31);
                EXPECT_EQ(found.contribution_index, 3);
                EXPECT_EQ(found.decision_index, 4);
                EXPECT_THAT(t.GetParticipation("p3"), StatusIs(absl::StatusCode::kNotFound, _));
                ASSIGN_OR_RETURN(const std::vector<EvaluationRow> evaluations, t.ListEvaluations("r1"));
                EXPECT_EQ(evaluations.at(0).state, "reported");
                EXPECT_EQ(evaluations.at(0).task_id, "t1");
                EXPECT_EQ(evaluations.at(0).index, 8);
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ARowOfAJobThatDoesNotExistIsNotCommitted) {
  EXPECT_THAT(Transact([](Transaction& t) { return t.Put(Round("r1", "nobody's", 1)); }),
              StatusIs(absl::StatusCode::kInternal, _));
  EXPECT_THAT(Transact([](Transaction& t) {
                EXPECT_THAT(t.GetRound("r1"), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, LeavesAreAppendedInOrderAndRead) {
  EXPECT_THAT(Transact([](Transaction& t) {
                LeafRow first = Leaf(0, "p0", "a+1", 1);
                first.hash = std::string(31, '\0') + "\xFF";
                first.body = std::string("{\0}", 3);
                first.round_id = "r1";
                RETURN_IF_ERROR(t.InsertLeaf(first));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(1, "p1", "a+1", 2)));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(2, "p2")));
                EXPECT_THAT(t.LedgerSize(), IsOkAndHolds(3u));
                ASSIGN_OR_RETURN(const LeafRow found, t.GetLeaf(0));
                EXPECT_EQ(found.hash, first.hash);
                EXPECT_EQ(found.body, first.body);
                EXPECT_EQ(found.kind, "contribution");
                EXPECT_EQ(found.signer, "a+1");
                EXPECT_EQ(found.round_id, "r1");
                EXPECT_EQ(found.node_seq, 1);
                std::vector<uint64_t> read;
                RETURN_IF_ERROR(t.ReadLeaves(1, 3, [&](const LeafRow& leaf) {
                  read.push_back(leaf.index);
                  return absl::OkStatus();
                }));
                EXPECT_THAT(read, ElementsAre(1, 2));
                EXPECT_THAT(t.GetLeaf(3), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ALeafAnywhereButAtTheEndIsRefused) {
  EXPECT_THAT(
      Transact([](Transaction& t) {
        RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0")));
        EXPECT_THAT(t.InsertLeaf(Leaf(0, "other")), StatusIs(absl::StatusCode::kFailedPrecondition, _));
        EXPECT_THAT(t.InsertLeaf(Leaf(2, "other")), StatusIs(absl::StatusCode::kFailedPrecondition, _));
        EXPECT_THAT(t.LedgerSize(), IsOkAndHolds(1u));
        return absl::OkStatus();
      }),
      IsOk());
}

TEST_P(StoreConformanceTest, ALeafWithAPayloadOrSequenceThatIsThereIsRefusedAndTheHeadStays) {
  EXPECT_THAT(
      Transact([](Transaction& t) {
        RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0", "a+1", 5)));
        EXPECT_THAT(t.InsertLeaf(Leaf(1, "p0", "b+2", 1)), StatusIs(absl::StatusCode::kAlreadyExists, _));
        EXPECT_THAT(t.InsertLeaf(Leaf(1, "p1", "a+1", 5)), StatusIs(absl::StatusCode::kAlreadyExists, _));
        EXPECT_THAT(t.LedgerSize(), IsOkAndHolds(1u));
        return t.InsertLeaf(Leaf(1, "p1", "b+2", 5));
      }),
      IsOk());
}

TEST_P(StoreConformanceTest, EntriesWithoutASequenceDoNotCollide) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0", "coordinator+1", -1)));
                return t.InsertLeaf(Leaf(1, "p1", "coordinator+1", -1));
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, TheLastSequenceOfASignerIsItsHighest) {
  EXPECT_THAT(Transact([](Transaction& t) {
                EXPECT_THAT(t.LastNodeSeq("a+1"), IsOkAndHolds(0));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0", "a+1", 1)));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(1, "p1", "a+1", 2)));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(2, "p2", "b+2", 9)));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(3, "p3", "c+3", -1)));
                EXPECT_THAT(t.LastNodeSeq("a+1"), IsOkAndHolds(2));
                EXPECT_THAT(t.LastNodeSeq("c+3"), IsOkAndHolds(0));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ALeafIsFoundByItsPayload) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0")));
                ASSIGN_OR_RETURN(const std::optional<LeafRow> found, t.FindLeafByPayload("p0"));
                EXPECT_TRUE(found.has_value());
                ASSIGN_OR_RETURN(const std::optional<LeafRow> missing, t.FindLeafByPayload("p1"));
                EXPECT_FALSE(missing.has_value());
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, AReaderThatStopsEndsTheReading) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0")));
                RETURN_IF_ERROR(t.InsertLeaf(Leaf(1, "p1")));
                int read = 0;
                EXPECT_THAT(t.ReadLeaves(0, 2,
                                         [&](const LeafRow&) {
                                           ++read;
                                           return absl::CancelledError("enough");
                                         }),
                            StatusIs(absl::StatusCode::kCancelled, "enough"));
                EXPECT_EQ(read, 1);
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, LeavesMayBeReadWithinAReading) {
  EXPECT_THAT(
      Transact([](Transaction& t) {
        RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "p0")));
        RETURN_IF_ERROR(t.InsertLeaf(Leaf(1, "p1")));
        int pairs = 0;
        const auto inner = [&](const LeafRow&) {
          ++pairs;
          return absl::OkStatus();
        };
        RETURN_IF_ERROR(t.ReadLeaves(0, 2, [&](const LeafRow&) { return t.ReadLeaves(0, 2, inner); }));
        EXPECT_EQ(pairs, 4);
        return absl::OkStatus();
      }),
      IsOk());
}

TEST_P(StoreConformanceTest, SubtreeHashesAreKept) {
  const std::string hash = std::string(16, '\0') + std::string(16, '\xFF');
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.PutSubtree(3, 1ull << 40, hash));
                EXPECT_THAT(t.GetSubtree(3, 1ull << 40), IsOkAndHolds(hash));
                EXPECT_THAT(t.GetSubtree(3, 0), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ASizeHasOneCheckpointForEver) {
  EXPECT_THAT(Transact([](Transaction& t) {
                ASSIGN_OR_RETURN(const std::optional<CheckpointRow> none, t.LatestCheckpoint());
                EXPECT_FALSE(none.has_value());
                RETURN_IF_ERROR(t.InsertCheckpoint(Checkpoint(2)));
                RETURN_IF_ERROR(t.InsertCheckpoint(Checkpoint(5)));
                CheckpointRow forked = Checkpoint(2);
                forked.root = std::string(32, 'x');
                EXPECT_THAT(t.InsertCheckpoint(forked), StatusIs(absl::StatusCode::kAlreadyExists, _));
                ASSIGN_OR_RETURN(const CheckpointRow kept, t.GetCheckpoint(2));
                EXPECT_EQ(kept.root, Checkpoint(2).root);
                EXPECT_EQ(kept.note, "note 2");
                EXPECT_EQ(kept.sealed_unix_seconds, 1002);
                ASSIGN_OR_RETURN(const std::optional<CheckpointRow> latest, t.LatestCheckpoint());
                EXPECT_EQ(latest->size, 5u);
                ASSIGN_OR_RETURN(const std::vector<CheckpointRow> from_3, t.ListCheckpoints(3, 9));
                EXPECT_EQ(from_3.size(), 1u);
                ASSIGN_OR_RETURN(const std::vector<CheckpointRow> first, t.ListCheckpoints(0, 1));
                EXPECT_EQ(first.size(), 1u);
                EXPECT_EQ(first.front().size, 2u);
                EXPECT_THAT(t.GetCheckpoint(3), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, AWitnessSignsASizeOnceAndOnlyASealedOne) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.InsertCheckpoint(Checkpoint(2)));
                RETURN_IF_ERROR(t.InsertCheckpoint(Checkpoint(5)));
                RETURN_IF_ERROR(t.InsertCosignature({2, "york+1", 1700000000, "york's line"}));
                RETURN_IF_ERROR(t.InsertCosignature({2, "bath+2", 1700000001, "bath's line"}));
                RETURN_IF_ERROR(t.InsertCosignature({5, "york+1", 1700000002, "york's next"}));
                EXPECT_THAT(t.InsertCosignature({2, "york+1", 9, "another"}),
                            StatusIs(absl::StatusCode::kAlreadyExists, _));
                ASSIGN_OR_RETURN(const std::vector<CosignatureRow> rows, t.ListCosignatures(2));
                EXPECT_THAT(Names(rows, &CosignatureRow::key), ElementsAre("bath+2", "york+1"));
                EXPECT_THAT(Names(rows, &CosignatureRow::line), ElementsAre("bath's line", "york's line"));
                EXPECT_EQ(rows.at(1).unix_seconds, 1700000000);
                EXPECT_EQ(rows.at(1).size, 2u);
                ASSIGN_OR_RETURN(const std::vector<CosignatureRow> none, t.ListCosignatures(3));
                EXPECT_THAT(none, IsEmpty());
                ASSIGN_OR_RETURN(const std::vector<CosignatureRow> newest, t.NewestCosignatures());
                EXPECT_THAT(Names(newest, &CosignatureRow::line), ElementsAre("bath's line", "york's next"));
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_FALSE(Transact([](Transaction& t) { return t.InsertCosignature({3, "york+1", 1, "line"}); }).ok());
}

TEST_P(StoreConformanceTest, WhatIsWitnessedStaysSo) {
  EXPECT_THAT(Transact([](Transaction& t) {
                ASSIGN_OR_RETURN(const std::optional<WitnessedRow> none, t.LatestWitnessed());
                EXPECT_FALSE(none.has_value());
                RETURN_IF_ERROR(t.InsertCheckpoint(Checkpoint(2)));
                RETURN_IF_ERROR(t.InsertCheckpoint(Checkpoint(5)));
                RETURN_IF_ERROR(t.InsertWitnessed({5, 1, 1005}));
                RETURN_IF_ERROR(t.InsertWitnessed({2, -1, 1006}));
                EXPECT_THAT(t.InsertWitnessed({5, 4, 9}), StatusIs(absl::StatusCode::kAlreadyExists, _));
                ASSIGN_OR_RETURN(const std::optional<WitnessedRow> latest, t.LatestWitnessed());
                EXPECT_EQ(latest->size, 5u);
                EXPECT_EQ(latest->policy_index, 1);
                EXPECT_EQ(latest->unix_seconds, 1005);
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_FALSE(Transact([](Transaction& t) { return t.InsertWitnessed({3, 1, 1}); }).ok());
}

TEST_P(StoreConformanceTest, OpeningsKeepRawBytesUntilTheyAreErased) {
  const std::string salt = std::string(16, '\0') + std::string(16, '\xFF');
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(OpeningRow{"c0ffee", "\"value\"", salt, false}));
                ASSIGN_OR_RETURN(const OpeningRow kept, t.GetOpening("c0ffee"));
                EXPECT_EQ(kept.value, "\"value\"");
                EXPECT_EQ(kept.salt, salt);
                EXPECT_FALSE(kept.erased);
                RETURN_IF_ERROR(t.Put(OpeningRow{"c0ffee", "", std::string(32, '\0'), true}));
                ASSIGN_OR_RETURN(const OpeningRow erased, t.GetOpening("c0ffee"));
                EXPECT_TRUE(erased.erased);
                EXPECT_EQ(erased.value, "");
                EXPECT_THAT(t.GetOpening("other"), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_THAT(store_->ForgetOverwritten(), IsOk());
}

TEST_P(StoreConformanceTest, IncidentsAreListedOldestFirstAndResolved) {
  const std::string evidence("\0note\xFF", 6);
  IncidentRow late{"i2", "fork", "leeds", "size 8", evidence, 200, false, 17};
  IncidentRow early{"i1", "receipt-overdue", "york", "index 3", "", 100};
  EXPECT_THAT(Transact([&](Transaction& t) {
                RETURN_IF_ERROR(t.Put(late));
                RETURN_IF_ERROR(t.Put(early));
                late.resolved = true;
                RETURN_IF_ERROR(t.Put(late));
                ASSIGN_OR_RETURN(const std::vector<IncidentRow> rows, t.ListIncidents());
                EXPECT_THAT(Names(rows, &IncidentRow::id), ElementsAre("i1", "i2"));
                EXPECT_EQ(rows.at(0).leaf_index, -1);
                EXPECT_EQ(rows.at(1).kind, "fork");
                EXPECT_EQ(rows.at(1).archive, "leeds");
                EXPECT_EQ(rows.at(1).detail, "size 8");
                EXPECT_EQ(rows.at(1).evidence, evidence);
                EXPECT_EQ(rows.at(1).unix_seconds, 200);
                EXPECT_TRUE(rows.at(1).resolved);
                EXPECT_EQ(rows.at(1).leaf_index, 17);
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, APartThatFailsIsUndoneAndTheRestIsCommitted) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.PutSetting("first", "kept"));
                EXPECT_THAT(t.Nested([&]() -> absl::Status {
                  RETURN_IF_ERROR(t.PutSetting("first", "undone"));
                  RETURN_IF_ERROR(t.InsertLeaf(Leaf(0, "undone")));
                  EXPECT_THAT(t.Nested([&] { return t.PutSetting("inner", "undone too"); }), IsOk());
                  return absl::AbortedError("changed my mind");
                }),
                            StatusIs(absl::StatusCode::kAborted, "changed my mind"));
                EXPECT_THAT(t.Nested([&]() -> absl::Status {
                  EXPECT_FALSE(t.Nested([&] { return absl::CancelledError(); }).ok());
                  return t.InsertLeaf(Leaf(0, "kept"));
                }),
                            IsOk());
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_THAT(Transact([](Transaction& t) {
                EXPECT_THAT(t.GetSetting("first"), IsOkAndHolds(std::string("kept")));
                EXPECT_THAT(t.GetSetting("inner"), StatusIs(absl::StatusCode::kNotFound, _));
                ASSIGN_OR_RETURN(const LeafRow leaf, t.GetLeaf(0));
                EXPECT_EQ(leaf.payload_digest, "kept");
                EXPECT_THAT(t.LedgerSize(), IsOkAndHolds(1u));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, MemoryThatFollowsTheRowsIsToldWhatWasKept) {
  std::vector<std::string> told;
  const auto note = [&told](const std::string& name) {
    return [&told, name](bool kept) { told.push_back(name + (kept ? " kept" : " undone")); };
  };
  const auto work = [&](Transaction& t, const absl::Status& end) {
    t.WhenOver(note("a"));
    t.Nested([&]() -> absl::Status {
       t.WhenOver(note("b"));
       t.WhenOver(note("c"));
       return absl::CancelledError();
     }).IgnoreError();
    t.Nested([&]() -> absl::Status {
       t.WhenOver(note("d"));
       return absl::OkStatus();
     }).IgnoreError();
    return end;
  };
  EXPECT_THAT(Transact([&](Transaction& t) { return work(t, absl::OkStatus()); }), IsOk());
  EXPECT_THAT(told, ElementsAre("c undone", "b undone", "a kept", "d kept"));
  told.clear();
  EXPECT_FALSE(Transact([&](Transaction& t) { return work(t, absl::AbortedError("no")); }).ok());
  EXPECT_THAT(told, ElementsAre("c undone", "b undone", "d undone", "a undone"));
}

TEST_P(StoreConformanceTest, SettingsAreReplacedAndMissingOnesAreSaid) {
  EXPECT_THAT(Transact([](Transaction& t) {
                RETURN_IF_ERROR(t.PutSetting("project", "old"));
                RETURN_IF_ERROR(t.PutSetting("project", "music"));
                EXPECT_THAT(t.GetSetting("project"), IsOkAndHolds(std::string("music")));
                EXPECT_THAT(t.GetSetting("colour"), StatusIs(absl::StatusCode::kNotFound, _));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreConformanceTest, ABackupHoldsEverythingAndIsIndependent) {
  ASSERT_THAT(Transact([](Transaction& t) { return t.PutSetting("project", "music"); }), IsOk());
  const std::string path = harness_->NewPath("backup");
  ASSERT_THAT(store_->Backup(path), IsOk());
  ASSERT_THAT(Transact([](Transaction& t) { return t.PutSetting("project", "later"); }), IsOk());
  std::unique_ptr<Store> backup = harness_->OpenBackup(path).value();
  EXPECT_THAT(backup->Transact([](Transaction& t) {
    EXPECT_THAT(t.GetSetting("project"), IsOkAndHolds(std::string("music")));
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_P(StoreConformanceTest, ABackupNeverReplacesAFile) {
  const std::string path = harness_->NewPath("backup");
  ASSERT_THAT(store_->Backup(path), IsOk());
  EXPECT_THAT(store_->Backup(path), StatusIs(absl::StatusCode::kAlreadyExists, _));
}

}  // namespace
}  // namespace consort::coordinator
