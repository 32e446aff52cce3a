// What archives answer to a request for a cosignature.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/random.h"
#include "common/failpoint/failpoint.h"
#include "common/ledger/witness_protocol.h"
#include "common/status/macros.h"
#include "coordinator/witness/checkpoint_judge.h"
#include "coordinator/witness/witness_board.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {

void WitnessBoard::OnAnswer(const std::string& archive, const v1::WitnessAnswer& answer) {
  const auto found = witnesses_.find(archive);
  if (found == witnesses_.end()) return;
  CONSORT_KILLPOINT("cosign.received");
  Witness& witness = found->second;
  if (answer.size() == witness.asked) {
    witness.asked = 0;
    timers_.Cancel(AskTimer(archive));
  }
  switch (answer.status()) {
    case 200: {
      const absl::Status taken = TakeCosignature(archive, answer);
      if (taken.ok()) {
        witness.size = std::max(witness.size, answer.size());
        witness.steps_back = 0;
        return Ask(archive);
      }
      spdlog::error("a cosignature does not count: {} (archive {})", taken.ToString(), archive);
      return AskLater(archive, kAskAgainAfter);
    }
    case 409:
      return OnOtherSize(archive, answer);
    case 503:
      return AskLater(archive, kAskAgainAfter);
    default:
      return OnRefusal(archive, answer);
  }
}

void WitnessBoard::OnOtherSize(const std::string& archive, const v1::WitnessAnswer& answer) {
  Witness& witness = witnesses_.at(archive);
  const absl::StatusOr<uint64_t> size = ledger::ParseWitnessSize(answer.body());
  if (!size.ok() || ++witness.steps_back > kMaxStepsBack) {
    witness.steps_back = 0;
    return AskLater(archive, kAskAgainAfter);
  }
  witness.size = *size;
  if (*size > sealed_size_) {
    // Only a number: its next hello brings the checkpoint that would prove it.
    spdlog::critical("a witness stands at a size that this log has not signed: {} (archive {})", *size,
                     archive);
    return;
  }
  Ask(archive);
}

// 403: it does not take our key; 422: the log contradicts what it has seen. The others are faults of
// programs.
void WitnessBoard::OnRefusal(const std::string& archive, const v1::WitnessAnswer& answer) {
  witnesses_.at(archive).refuses = true;
  spdlog::critical("a witness refuses to cosign: status {}, size {}, {} (archive {})", answer.status(),
                   answer.size(), answer.body().substr(0, IncidentBook::kMaxDetailBytes), archive);
  if (answer.status() != 403 && answer.status() != 422) return;
  const std::string kind = answer.status() == 403 ? "key" : "fork";
  const absl::StatusOr<bool> open = parts_.incidents.IsOpen(archive, kind);
  if (open.ok() && *open) return;
  v1::IncidentReport report;
  report.set_id(RandomId());
  report.set_kind(kind);
  report.set_detail(absl::StrCat("witness-", answer.status(), ": size ", answer.size()));
  report.add_evidence(target_.note);
  report.add_evidence(answer.body());
  const absl::Status kept = parts_.incidents.Report(archive, report, IncidentBook::Entry::kAppend);
  if (!kept.ok()) spdlog::critical("an incident cannot be kept: {}", kept.ToString());
}

absl::Status WitnessBoard::TakeCosignature(const std::string& archive, const v1::WitnessAnswer& answer) {
  bool is_new = false;
  bool witnessed = false;
  CosignatureRow row;
  RETURN_IF_ERROR(parts_.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const CheckpointRow checkpoint, transaction.GetCheckpoint(answer.size()));
    for (absl::string_view line : absl::StrSplit(answer.body(), '\n', absl::SkipEmpty())) {
      row.line = absl::StrCat(line, "\n");
      const absl::StatusOr<ledger::GoodSignature> good =
          OpenCosignature(parts_.sequencer.rules(), checkpoint, archive, row.line);
      if (!good.ok()) continue;
      row.size = checkpoint.size;
      row.key = good->keyid;
      row.unix_seconds = good->unix_seconds;
      const absl::Status inserted =
          transaction.Nested([&] { return transaction.InsertCosignature(row); });  // known already: fine
      if (!inserted.ok() && !absl::IsAlreadyExists(inserted)) return inserted;
      is_new = inserted.ok();
      ASSIGN_OR_RETURN(witnessed, JudgeSize(transaction, checkpoint));
      return absl::OkStatus();
    }
    return absl::UnauthenticatedError(absl::StrCat(
        "no line of the answer is a cosignature of the archive's mirror key in force: size ", answer.size()));
  }));
  CONSORT_KILLPOINT("cosign.committed");
  CosignatureRow& newest = newest_[row.key];
  if (row.size >= newest.size) newest = row;
  if (is_new) {
    parts_.metrics.CountCosignature(archive);
    on_cosigned_(answer.size());
  }
  if (witnessed) Witnessed(answer.size());
  return absl::OkStatus();
}

}  // namespace consort::coordinator
