// From a prepared job to its roster: offers the job, takes the archives' answers.
#ifndef CONSORT_COORDINATOR_ROUNDS_PLANNING_H_
#define CONSORT_COORDINATOR_ROUNDS_PLANNING_H_

#include <string>

#include "absl/status/status.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

class Planning {
 public:
  explicit Planning(EngineContext& context) : context_(context) {}

  // Planning: offers the job to those who have not answered, until recruiting_seconds have passed since the
  // first offers; a restart does not begin them anew.
  void Begin(const JobRow& job);
  // An archive has a new session: it gets an offer that it has not answered.
  void Reoffer(const JobRow& job, const std::string& archive);
  void OnAnswer(const std::string& archive, const v1::Envelope& envelope);

 private:
  absl::Status SendOffer(const JobRow& job, const std::string& archive);
  // `approval`: what became of the answer's entry, if it has one.
  absl::Status TakeAnswer(const std::string& archive, const v1::OfferAnswer& answer,
                          absl::StatusOr<Appended>& approval);
  // Whether planning is over; `window_over`: recruiting_seconds have passed.
  absl::Status Consider(const std::string& job_id, bool window_over);
  absl::Status StartRunning(const std::string& job_id);

  EngineContext& context_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_PLANNING_H_
