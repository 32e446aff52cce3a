#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/metrics/exposer.h"
#include "common/metrics/listen_address.h"
#include "common/metrics/registry.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;

// What a GET of /metrics on loopback answers.
std::string Scrape(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n";
    if (write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
      char block[4096];
      for (ssize_t n; (n = read(fd, block, sizeof(block))) > 0;) answer.append(block, static_cast<size_t>(n));
    }
  }
  close(fd);
  return answer;
}

TEST(MetricsRegistryTest, RendersWhatWasCounted) {
  MetricsRegistry registry;
  registry.DeclareCounter("consort_rounds_total", "Rounds that ended.");
  registry.Add("consort_rounds_total", {{"outcome", "closed"}}, 2);
  registry.Add("consort_rounds_total", {{"outcome", "closed"}}, 1);
  registry.Add("consort_rounds_total", {{"outcome", "abandoned"}}, 1);

  const std::string text = registry.Render();

  EXPECT_THAT(text, HasSubstr("# TYPE consort_rounds_total counter"));
  EXPECT_THAT(text, HasSubstr("consort_rounds_total{outcome=\"closed\"} 3"));
  EXPECT_THAT(text, HasSubstr("consort_rounds_total{outcome=\"abandoned\"} 1"));
}

TEST(MetricsRegistryTest, AGaugeKeepsTheLastValue) {
  MetricsRegistry registry;
  registry.DeclareGauge("consort_connected_nodes", "Archives with a session.");
  registry.Set("consort_connected_nodes", {}, 4);
  registry.Set("consort_connected_nodes", {}, 3);
  EXPECT_THAT(registry.Render(), HasSubstr("consort_connected_nodes 3"));
}

TEST(MetricsRegistryTest, AHistogramCountsIntoCumulativeBuckets) {
  MetricsRegistry registry;
  registry.DeclareHistogram("consort_phase_seconds", "Length of a phase.", {1, 10});
  for (const double seconds : {0.5, 5.0, 50.0}) registry.Observe("consort_phase_seconds", {}, seconds);
  const std::string text = registry.Render();
  EXPECT_THAT(text, HasSubstr("consort_phase_seconds_bucket{le=\"1\"} 1"));
  EXPECT_THAT(text, HasSubstr("consort_phase_seconds_bucket{le=\"10\"} 2"));
  EXPECT_THAT(text, HasSubstr("consort_phase_seconds_bucket{le=\"+Inf\"} 3"));
  EXPECT_THAT(text, HasSubstr("consort_phase_seconds_sum 55.5"));
}

TEST(MetricsRegistryTest, TheProcessTellsItsMemoryAndCpuTime) {
  const std::string text = MetricsRegistry().Render();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
                           "process_start_time_seconds", "process_threads"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\n", name, " ")));
  }
}

TEST(MetricsRegistryTest, AnUndeclaredNameIsOurBug) {
  MetricsRegistry registry;
  EXPECT_DEATH(registry.Add("consort_unknown_total", {}, 1), "used before it was declared");
}

TEST(MetricsExposerTest, ServesTheRegistryOnLoopback) {
  MetricsRegistry registry;
  registry.DeclareGauge("consort_connected_nodes", "Archives with a session.");
  registry.Set("consort_connected_nodes", {}, 4);
  const auto exposer = MetricsExposer::Start(registry, "127.0.0.1:0");
  ASSERT_THAT(exposer, IsOk());
  const std::string answer = Scrape((*exposer)->port());
  EXPECT_THAT(answer, HasSubstr("200 OK"));
  EXPECT_THAT(answer, HasSubstr("consort_connected_nodes 4"));
  EXPECT_THAT(answer, HasSubstr("process_resident_memory_bytes"));
}

TEST(MetricsExposerTest, ATakenPortIsUnavailableAndNamed) {
  MetricsRegistry registry;
  const auto first = MetricsExposer::Start(registry, "127.0.0.1:0");
  ASSERT_THAT(first, IsOk());
  const std::string taken = absl::StrCat("127.0.0.1:", (*first)->port());
  EXPECT_THAT(MetricsExposer::Start(registry, taken),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(taken)));
}

TEST(MetricsAddressTest, OnlyLoopbackIsAccepted) {
  EXPECT_THAT(CheckMetricsAddress("127.0.0.1:9464"), IsOk());
  EXPECT_THAT(CheckMetricsAddress("127.9.8.7:0"), IsOk());
  EXPECT_THAT(CheckMetricsAddress("[::1]:9464"), IsOk());
  for (const char* other :
       {"0.0.0.0:9464", "192.168.1.2:9464", "[::]:9464", ":9464", "localhost:9464", "9464"}) {
    EXPECT_THAT(CheckMetricsAddress(other), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(other)));
  }
}

TEST(MetricsAddressTest, TlsAndOtherListenerOptionsAreRefused) {
  for (const char* other : {"127.0.0.1:9464s", "127.0.0.1:9464r", "127.0.0.1:80,127.0.0.1:9464",
                            "127.0.0.1:70000", "127.0.0.1:", "127.0.0.1:-1", "+127.0.0.1:9464"}) {
    EXPECT_THAT(CheckMetricsAddress(other), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(other)));
  }
}

}  // namespace
}  // namespace consort
