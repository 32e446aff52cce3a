#include "coordinator/rpc/coordinator_server.h"

#include "gtest/gtest.h"
#include "tests/coordinator/rpc/test_coordinator.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;
using testing::TestCoordinator;

TEST(CoordinatorServerTest, ATakenPortIsNamed) {
  TestCoordinator running;
  MemberDirectory directory;
  EXPECT_THAT(CoordinatorServer::Start({running.Address(), "example.org", running.federation().Server()},
                                       directory, {})
                  .status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(running.Address())));
}

TEST(CoordinatorServerTest, Tls12IsRefused) {
  TestCoordinator running;
  const auto old = testing::RunToEnd(
      {{"sh", "-c", "openssl s_client -connect " + running.Address() + " -alpn h2 -tls1_2 </dev/null"}});
  EXPECT_NE(old.exit_code, 0);
  EXPECT_THAT(old.output, HasSubstr("Cipher is (NONE)"));
}

}  // namespace
}  // namespace consort::coordinator
