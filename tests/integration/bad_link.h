// A federation of two archives, one of which reaches the coordinator through a link that tests make worse.
#ifndef CONSORT_TESTS_INTEGRATION_BAD_LINK_H_
#define CONSORT_TESTS_INTEGRATION_BAD_LINK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/integration/federation.h"
#include "tests/support/tcp_relay.h"

namespace consort::testing {

inline constexpr absl::Duration kJobLimit = absl::Seconds(120);
inline constexpr char kFar[] = "archive-cn-1";  // behind the relay
inline constexpr char kNear[] = "archive-uk-1";

class BadLinkTest : public ::testing::Test {
 protected:
  // A model of so many float32 coordinates.
  void Start(int64_t coordinates) {
    FederationOptions options;
    options.environment["CONSORT_NULL_COORDINATES"] = std::to_string(coordinates);
    federation_.emplace(options);
    relay_.emplace(federation_->port());
    federation_->SetEnvironment(kFar, {{"CONSORT_COORDINATOR_ADDRESS", relay_->address()}});
    federation_->StartNodes();
  }

  std::optional<Federation> federation_;
  std::optional<TcpRelay> relay_;  // goes first: its connections are cut before the coordinator ends
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_INTEGRATION_BAD_LINK_H_
