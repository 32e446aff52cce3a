// What an audit of an export has found. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_FINDINGS_H_
#define CONSORT_COMMON_LEDGER_FINDINGS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/verify.h"

namespace consort::ledger {

// Remembers each check's first failure; a check without one has passed.
class Findings {
 public:
  void Fail(const std::string& check, const std::string& detail) { failures_.emplace(check, detail); }
  void Fail(const std::string& check, uint64_t index, const absl::Status& status) {
    Fail(check, absl::StrCat("entry ", index, ": ", status.message()));
  }
  Check Of(const std::string& check, const std::string& passed) const {
    const auto failure = failures_.find(check);
    return failure == failures_.end() ? Check{check, true, passed} : Check{check, false, failure->second};
  }

 private:
  std::map<std::string, std::string> failures_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_FINDINGS_H_
