#include "node/daemon/entry_outlet.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"

namespace consort::node {

EntryOutlet::EntryOutlet(Session& session, EntrySigner& signer, const HeadKeeper& heads, Executor& executor)
    : session_(session), signer_(signer), heads_(heads), executor_(executor) {}

void EntryOutlet::Submit(Request request) {
  if (unresolved_.empty() || unresolved_ == request.id) return Issue(request);
  const auto same = std::find_if(waiting_.begin(), waiting_.end(),
                                 [&request](const Request& other) { return other.id == request.id; });
  if (same != waiting_.end()) {
    *same = std::move(request);
  } else if (waiting_.size() >= kMaxWaiting) {
    request.failed(absl::ResourceExhaustedError("too many ledger entries wait for a verdict"));
  } else {
    waiting_.push_back(std::move(request));
  }
}

void EntryOutlet::Resolve(const std::string& id) {
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                [&id](const Request& request) { return request.id == id; }),
                 waiting_.end());
  if (unresolved_ != id) return;
  unresolved_.clear();
  executor_.Cancel(verdict_timer_);
  while (unresolved_.empty() && !waiting_.empty()) {
    Request next = std::move(waiting_.front());
    waiting_.pop_front();
    Issue(next);
  }
}

void EntryOutlet::OnWelcome(uint64_t node_seq, bool resumed) {
  if (!resumed) {
    // Every open task comes again, and asks again for what was waiting or unanswered.
    waiting_.clear();
    sent_.clear();
    unresolved_.clear();
    executor_.Cancel(verdict_timer_);
    signer_.Resume(node_seq);
    return;
  }
  if (!unresolved_.empty() || node_seq == signer_.last()) return;
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
  if (request.awaits_verdict) {
    unresolved_ = request.id;
    executor_.Cancel(verdict_timer_);
    verdict_timer_ = executor_.PostAfter(kVerdictWithin, [this] { session_.Reopen(/*fresh=*/true); });
  }
  const auto sequence = session_.Send(request.wrap(*envelope));
  if (sequence.ok()) sent_.push_back(*sequence);  // otherwise the session begins anew and asks again
}

absl::StatusOr<std::string> EntryOutlet::EntryFor(const Request& request) {
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
