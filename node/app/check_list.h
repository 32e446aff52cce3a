// The results of doctor's checks, one a name, in their order.
#ifndef CONSORT_NODE_APP_CHECK_LIST_H_
#define CONSORT_NODE_APP_CHECK_LIST_H_

#include <string>
#include <utility>
#include <vector>

namespace consort::node {

struct CheckResult {
  enum class Verdict { kPass, kWarn, kFail };
  std::string name;
  Verdict verdict = Verdict::kPass;
  std::string found;   // what was found, values last
  std::string advice;  // id in the message catalogue; empty with kPass
};

class CheckList {
 public:
  void Pass(std::string name, std::string found) {
    results_.push_back({std::move(name), CheckResult::Verdict::kPass, std::move(found), ""});
  }
  void Warn(std::string name, std::string found, std::string advice) {
    results_.push_back({std::move(name), CheckResult::Verdict::kWarn, std::move(found), std::move(advice)});
  }
  void Fail(std::string name, std::string found, std::string advice) {
    results_.push_back({std::move(name), CheckResult::Verdict::kFail, std::move(found), std::move(advice)});
  }

  std::vector<CheckResult> Finish() && { return std::move(results_); }

 private:
  std::vector<CheckResult> results_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_CHECK_LIST_H_
