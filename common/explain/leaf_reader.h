// The members of one ledger entry as the report reads them. Private to common/explain.
#ifndef CONSORT_COMMON_EXPLAIN_LEAF_READER_H_
#define CONSORT_COMMON_EXPLAIN_LEAF_READER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace consort::explain {

// Reads members of one leaf's predicate. The first missing or mistyped member is kept as the failure, so that
// a reader asks for all it needs and checks once.
class LeafReader {
 public:
  LeafReader(uint64_t leaf, const nlohmann::json& object, absl::Status* failure)
      : leaf_(leaf), object_(object), failure_(failure) {}

  std::string Text(const char* member) const { return Get<std::string>(member, &nlohmann::json::is_string); }
  int64_t Integer(const char* member) const {
    return Get<int64_t>(member, &nlohmann::json::is_number_integer);
  }
  // Absent is allowed: empty.
  std::string OptionalText(const char* member) const {
    return object_.contains(member) ? Text(member) : std::string();
  }
  // Calls visit(LeafReader) for each object of a list.
  template <class Visit>
  void Each(const char* member, const Visit& visit) const {
    if (!Has(member, &nlohmann::json::is_array)) return;
    for (const nlohmann::json& item : object_.at(member)) visit(LeafReader(leaf_, item, failure_));
  }
  const nlohmann::json& object() const { return object_; }
  absl::Status* failure() const { return failure_; }
  bool ok() const { return failure_->ok(); }
  void Fail(absl::string_view member) const {
    if (failure_->ok()) {
      *failure_ = absl::DataLossError(absl::StrCat(
          "a ledger entry lacks a member that its kind requires; run `consort ledger verify`: leaf ", leaf_,
          ", member ", member));
    }
  }

 private:
  bool Has(const char* member, bool (nlohmann::json::*is_type)() const noexcept) const {
    if (object_.is_object() && object_.contains(member) && (object_.at(member).*is_type)()) return true;
    Fail(member);
    return false;
  }
  template <class Value>
  Value Get(const char* member, bool (nlohmann::json::*is_type)() const noexcept) const {
    return Has(member, is_type) ? object_.at(member).get<Value>() : Value();
  }

  uint64_t leaf_;
  const nlohmann::json& object_;
  absl::Status* failure_;
};

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_LEAF_READER_H_
