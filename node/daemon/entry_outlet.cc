#include "node/daemon/entry_outlet.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/daemon/failure.h"

namespace consort::node {

EntryOutlet::EntryOutlet(Session& session, EntrySigner& signer, const HeadKeeper& heads,
                         const Incidents& incidents, Executor& executor, TakeReceipt take_receipt)
    : session_(session),
      signer_(signer),
      heads_(heads),
      incidents_(incidents),
      executor_(executor),
      take_receipt_(std::move(take_receipt)) {}

void EntryOutlet::Submit(Request request) {
  if (!unresolved_.has_value() || unresolved_->request.id == request.id) return Issue(request);
  const auto same = std::find_if(waiting_.begin(), waiting_.end(),
                                 [&request](const Request& other) { return other.id == request.id; });
  if (same != waiting_.end()) {
    *same = std::move(request);
  } else if (waiting_.size() >= kMaxWaiting) {
    request.failed(absl::ResourceExhaustedError("too many ledger entries wait for an answer"));
  } else {
    waiting_.push_back(std::move(request));
  }
}

void EntryOutlet::OnVerdict(const std::string& id, bool accepted, const std::string& receipt) {
  if (unresolved_.has_value() && unresolved_->request.id == id && answers_) {
    if (accepted || !receipt.empty()) {
      take_receipt_(unresolved_->entry, receipt);
    } else if (signer_.last() == unresolved_->node_seq) {
      signer_.Resume(unresolved_->node_seq - 1);
    }
  }
  Resolve(id);
}

void EntryOutlet::OnOutcome(const v1::EntryOutcome& outcome) {
  if (!unresolved_.has_value() || unresolved_->request.awaits_verdict ||
      outcome.node_seq() != unresolved_->node_seq) {
    return;
  }
  const Unresolved answered = *std::exchange(unresolved_, std::nullopt);
  executor_.Cancel(verdict_timer_);
  if (outcome.logged()) {
    take_receipt_(answered.entry, outcome.receipt_envelope());
    if (answered.request.logged) answered.request.logged();
  } else {
    if (signer_.last() == answered.node_seq) signer_.Resume(answered.node_seq - 1);
    // Signed anew should it be asked for again: these bytes were refused.
    answered.request.store->Remove(answered.request.id, Record::kEntry).IgnoreError();
    answered.request.failed(
        absl::FailedPreconditionError(absl::StrCat("the ledger refused the entry: ", outcome.reason())));
  }
  Release();
}

void EntryOutlet::Resolve(const std::string& id) {
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                [&id](const Request& request) { return request.id == id; }),
                 waiting_.end());
  if (!unresolved_.has_value() || unresolved_->request.id != id) return;
  unresolved_.reset();
  executor_.Cancel(verdict_timer_);
  Release();
}

void EntryOutlet::Release() {
  while (!unresolved_.has_value() && !waiting_.empty()) {
    Request next = std::move(waiting_.front());
    waiting_.pop_front();
    Issue(next);
  }
}

void EntryOutlet::OnWelcome(uint64_t node_seq, bool resumed, bool answers) {
  answers_ = answers;
  if (!resumed) {
    // Every open task comes again, and asks again for what was waiting or unanswered.
    waiting_.clear();
    sent_.clear();
    unresolved_.reset();
    executor_.Cancel(verdict_timer_);
    signer_.Resume(node_seq);
    return;
  }
  if (unresolved_.has_value() || node_seq == signer_.last()) return;
  const uint64_t acknowledged = session_.acknowledged();
  sent_.erase(std::remove_if(sent_.begin(), sent_.end(),
                             [acknowledged](uint64_t sequence) { return sequence <= acknowledged; }),
              sent_.end());
  if (node_seq + sent_.size() == signer_.last()) return;  // the replay brings them
  if (sent_.empty()) {
    signer_.Resume(node_seq);  // an entry that the coordinator received did not become a leaf
  } else {
    session_.Reopen(/*fresh=*/true);
  }
}

void EntryOutlet::Issue(Request& request) {
  auto envelope = EntryFor(request);
  if (!envelope.ok()) return request.failed(envelope.status());
  const auto sequence = session_.Send(request.wrap(*envelope));
  if (sequence.ok()) sent_.push_back(*sequence);  // otherwise the session begins anew and asks again
  if (!request.awaits_verdict && !answers_) return;
  const uint64_t node_seq = EntrySigner::NumberOf(*envelope);
  unresolved_ = Unresolved{std::move(request), *std::move(envelope), node_seq};
  executor_.Cancel(verdict_timer_);
  verdict_timer_ = executor_.PostAfter(kVerdictWithin, [this] { session_.Reopen(/*fresh=*/true); });
}

absl::StatusOr<std::string> EntryOutlet::EntryFor(const Request& request) {
  RETURN_IF_ERROR(CheckNoIncident(incidents_));
  auto stored = request.store->Read(request.id, Record::kEntry);
  if (!stored.ok() || !signer_.Reuse(*stored)) {
    ASSIGN_OR_RETURN(const EntryDraft draft, request.draft());
    ASSIGN_OR_RETURN(stored, signer_.Sign(draft.kind, draft.subjects, draft.predicate, heads_.newest()));
    RETURN_IF_ERROR(request.store->Write(request.id, Record::kEntry, *stored));
  }
  RETURN_IF_ERROR(request.before(*stored));
  return stored;
}

}  // namespace consort::node
