// A real Prometheus scrapes a coordinator and its nodes; what it knows is asked from its own HTTP interface.
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"
#include "tests/support/http_get.h"
#include "tests/support/loopback.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {
namespace {

constexpr absl::Duration kJobLimit = absl::Seconds(90);
constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr absl::Duration kScrapeLimit = absl::Seconds(60);
constexpr absl::Duration kBetweenQueries =
    absl::Milliseconds(200);  // Prometheus tells nobody of a new sample

class PrometheusTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::system("command -v prometheus >/dev/null && command -v promtool >/dev/null") != 0) return;
    FederationOptions options;
    coordinator_port_ = FreePort();
    options.environment["CONSORT_METRICS_LISTEN"] = absl::StrCat("127.0.0.1:", coordinator_port_);
    options.environment["CONSORT_LEDGER_SEAL_SECONDS"] = "1";
    for (const std::string& archive : options.archives) {
      node_ports_.push_back(FreePort());
      options.of_archive[archive]["CONSORT_METRICS_LISTEN"] = absl::StrCat("127.0.0.1:", node_ports_.back());
    }
    federation_ = new Federation(options);
    federation_->StartNodes();
    StartPrometheus();
    const std::string job = federation_->SubmitJob({.evaluate_every_rounds = 1});
    const Finished watched = federation_->Consort({"job", "watch", job}, kJobLimit);
    ASSERT_EQ(watched.exit_code, 0) << watched.output;
  }
  static void TearDownTestSuite() {
    delete prometheus_;
    delete federation_;
  }
  void SetUp() override {
    if (prometheus_ == nullptr) GTEST_SKIP() << "prometheus or promtool is not installed";
  }

  static void StartPrometheus() {
    std::string config =
        absl::StrCat("global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs:\n",
                     "- {job_name: coordinator, static_configs: [{targets: ['127.0.0.1:", coordinator_port_,
                     "']}]}\n- job_name: node\n  static_configs:\n");
    for (const int port : node_ports_) absl::StrAppend(&config, "  - {targets: ['127.0.0.1:", port, "']}\n");
    WriteFileOrDie(federation_->Path("prometheus.yml"), config);
    prometheus_port_ = FreePort();
    prometheus_ = new Process({{"prometheus", "--config.file", federation_->Path("prometheus.yml"),
                                "--storage.tsdb.path", federation_->Path("prometheus"),
                                "--web.listen-address", absl::StrCat("127.0.0.1:", prometheus_port_)},
                               {}});
    ASSERT_TRUE(prometheus_->WaitForOutput("Server is ready to receive web requests", kStartLimit))
        << prometheus_->Output();
  }

  // Number of series that `query` finds, once there are at least `wanted`; what there is when the limit has
  // passed.
  static size_t Series(const std::string& query, size_t wanted = 1) {
    const absl::Time end = absl::Now() + kScrapeLimit;
    while (true) {
      const std::string answer =
          HttpGet(prometheus_port_, absl::StrCat("/api/v1/query?query=", UrlEncode(query)));
      const nlohmann::json document = nlohmann::json::parse(answer, nullptr, /*allow_exceptions=*/false);
      const size_t found = document.is_discarded() ? 0 : document["data"]["result"].size();
      if (found >= wanted || absl::Now() >= end) return found;
      absl::SleepFor(kBetweenQueries);
    }
  }

  static inline Federation* federation_ = nullptr;
  static inline Process* prometheus_ = nullptr;
  static inline int coordinator_port_ = 0;
  static inline int prometheus_port_ = 0;
  static inline std::vector<int> node_ports_;
};

TEST_F(PrometheusTest, RoundsAndTheirPhasesAreCounted) {
  EXPECT_EQ(Series("consort_rounds_total{job='coordinator',outcome='closed'} == 1"), 1u);
  EXPECT_EQ(Series("consort_rounds_total{job='coordinator',outcome='abandoned'} == 0"), 1u);
  EXPECT_EQ(
      Series("consort_round_phase_seconds_count{job='coordinator',phase=~'recruiting|training|aggregating|"
             "evaluating|round'} == 1",
             5),
      5u);
}

TEST_F(PrometheusTest, BytesGoBothWaysAndUpdatesAreDecided) {
  EXPECT_EQ(Series("consort_transferred_bytes_total{job='coordinator',direction='received'} > 8000"), 1u);
  EXPECT_EQ(Series("consort_transferred_bytes_total{job='coordinator',direction='sent'} > 0"), 1u);
  EXPECT_EQ(Series("consort_updates_total{job='coordinator',outcome='accepted'} == 2"), 1u);
}

TEST_F(PrometheusTest, EachArchiveIsSeenWithItsShare) {
  EXPECT_EQ(Series("consort_connected_nodes{job='coordinator'} == 2"), 1u);
  EXPECT_EQ(
      Series(
          "time() - consort_node_last_seen_timestamp_seconds{job='coordinator',archive=~'archive-.*'} < 60",
          2),
      2u);
  EXPECT_EQ(Series("consort_node_weight_share_ratio{job='coordinator',archive=~'archive-.*'} == 0.5", 2), 2u);
}

TEST_F(PrometheusTest, LedgerAndArtifactsAreMeasured) {
  EXPECT_EQ(Series("consort_ledger_entries{job='coordinator'} > 8"), 1u);
  EXPECT_EQ(Series("time() - consort_ledger_sealed_timestamp_seconds{job='coordinator'} < 120"), 1u);
  EXPECT_EQ(Series("consort_artifact_bytes{job='coordinator'} > 4000"), 1u);
}

TEST_F(PrometheusTest, NodesTellWhatTheySentAndHowItWasReceived) {
  EXPECT_EQ(Series("consort_node_connected{job='node'} == 1", 2), 2u);
  // By hand: 1000 deltas and the weight, 4 bytes each.
  EXPECT_EQ(Series("consort_node_sent_bytes_total{job='node',type='update'} == 4004", 2), 2u);
  EXPECT_EQ(Series("consort_node_contributions_total{job='node',outcome='accepted'} == 1", 2), 2u);
}

TEST_F(PrometheusTest, EveryProcessTellsItsBasics) {
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
                           "process_start_time_seconds"}) {
    EXPECT_EQ(Series(absl::StrCat(name, " > 0"), 3), 3u) << name;
  }
}

TEST_F(PrometheusTest, PromtoolFindsNothingToImprove) {
  for (const int port : {coordinator_port_, node_ports_[0]}) {
    const std::string path = federation_->Path("metrics");
    WriteFileOrDie(path, HttpGet(port, "/metrics"));
    const Finished checked = RunToEnd({{"sh", "-c", "promtool check metrics < " + path}, {}});
    EXPECT_EQ(checked.exit_code, 0) << checked.output;
    EXPECT_EQ(checked.output, "");
  }
}

}  // namespace
}  // namespace consort::testing
