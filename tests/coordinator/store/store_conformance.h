// What every engine behind the Store interface must do. An engine's own test file gives a harness and
// instantiates StoreConformanceTest with it.
#ifndef CONSORT_TESTS_COORDINATOR_STORE_STORE_CONFORMANCE_H_
#define CONSORT_TESTS_COORDINATOR_STORE_STORE_CONFORMANCE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/store/store.h"
#include "gtest/gtest.h"

namespace consort::coordinator {

// One place where an engine keeps its data; empty at first.
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  // Opens the store of this place; called again after the last one has ended, it finds what that one
  // committed.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open() = 0;
  // Opens the backup at `path`, which Store::Backup wrote.
  virtual absl::StatusOr<std::unique_ptr<Store>> OpenBackup(const std::string& path) = 0;
  // A path where nothing is.
  virtual std::string NewPath(const std::string& name) = 0;
};

struct StoreEngine {
  std::string name;
  std::function<std::unique_ptr<StoreHarness>()> make;
};

class StoreConformanceTest : public ::testing::TestWithParam<StoreEngine> {
 protected:
  void SetUp() override {
    harness_ = GetParam().make();
    store_ = harness_->Open().value();
  }
  void Reopen() {
    store_.reset();
    store_ = harness_->Open().value();
  }
  absl::Status Transact(const std::function<absl::Status(Transaction&)>& work) {
    return store_->Transact(work);
  }

  std::unique_ptr<StoreHarness> harness_;
  std::unique_ptr<Store> store_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_TESTS_COORDINATOR_STORE_STORE_CONFORMANCE_H_
