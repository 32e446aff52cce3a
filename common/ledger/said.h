// One entry on its way through the rules. Private to the rules*.cc files.
#ifndef CONSORT_COMMON_LEDGER_SAID_H_
#define CONSORT_COMMON_LEDGER_SAID_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/rules.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {

// The getters' precondition: CheckMembers has found the member, in that type.
struct Rules::Said {
  uint64_t index;
  Kind kind;
  const std::vector<Subject>& subjects;
  const std::vector<std::string>& signers;
  const nlohmann::json& predicate;
  const Digest& leaf_hash;

  const std::string& Text(const char* member) const {
    return predicate.at(member).get_ref<const std::string&>();
  }
  Digest DigestIn(const char* member) const { return DigestFromHex(Text(member)).value(); }
  uint64_t Integer(const char* member) const { return predicate.at(member).get<uint64_t>(); }

  // Every subject is checked, not only the first: readers differ in which one they look at. An empty digest
  // in `expected` stands for any.
  absl::Status ExpectSubjects(const std::vector<Subject>& expected) const {
    for (const Subject& wanted : expected) {
      bool found = false;
      for (const Subject& subject : subjects) {
        found = found ||
                (subject.name == wanted.name && (wanted.sha256.empty() || subject.sha256 == wanted.sha256));
      }
      if (!found)
        return absl::InvalidArgumentError(
            absl::StrCat("entry's subjects do not name what its members say: ", wanted.name));
    }
    if (subjects.size() == expected.size()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("entry has ", subjects.size(), " subjects; expected ", expected.size()));
  }
};

inline absl::Status OutOfPlace(absl::string_view what) { return absl::FailedPreconditionError(what); }
inline absl::Status DoesNotFit(absl::string_view what) { return absl::InvalidArgumentError(what); }

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_SAID_H_
