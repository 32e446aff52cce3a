#include "coordinator/rounds/federation_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "tests/coordinator/rounds/federation.h"

namespace consort::coordinator {
namespace {

using ::testing::HasSubstr;

// Output and exit status of `promtool check metrics` on a scrape.
std::pair<int, std::string> Promtool(const std::string& scrape) {
  consort::testing::TemporaryDirectory directory;
  consort::testing::WriteFileOrDie(directory.Path("scrape"), scrape);
  FILE* pipe = popen(("promtool check metrics < " + directory.Path("scrape") + " 2>&1").c_str(), "r");
  std::string output;
  char block[1024];
  while (fgets(block, sizeof(block), pipe) != nullptr) output += block;
  return {pclose(pipe), output};
}

TEST(FederationMetricsTest, AWholeJobsScrapePassesPromtool) {
  if (std::system("promtool --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  testing::Federation federation;
  federation.AddArchive("archive-uk-1", "harp");
  federation.AddArchive("archive-cn-1", "dizi").faults.payload = [](std::vector<uint32_t>& ring) {
    ring.back() = 0;
  };
  federation.Start();
  v1::JobSpec spec = federation.Spec();
  spec.set_quorum(1);
  federation.Submit(spec);
  const auto [status, output] = Promtool(federation.Metrics());
  EXPECT_EQ(status, 0) << output;
  EXPECT_EQ(output, "");
}

TEST(FederationMetricsTest, CountsRoundsUpdatesAndBytes) {
  MetricsRegistry registry;
  FederationMetrics metrics(registry);
  metrics.RoundEnded("closed");
  metrics.PhaseEnded("training", absl::Seconds(30));
  metrics.UpdateDecided(false, "norm-above-clip");
  metrics.BytesReceived(4096);
  metrics.NodeSeen("archive-uk-1", absl::FromUnixSeconds(1'800'000'000));
  metrics.NodeShare("archive-uk-1", 0.25);
  metrics.SetLedger(12, 10, absl::FromUnixSeconds(1'800'000'001));
  metrics.SetArtifactBytes(77);
  const std::string text = registry.Render();
  EXPECT_THAT(text, HasSubstr("consort_rounds_total{outcome=\"closed\"} 1"));
  EXPECT_THAT(text, HasSubstr("consort_rounds_total{outcome=\"abandoned\"} 0"));
  EXPECT_THAT(text, HasSubstr("consort_round_phase_seconds_bucket{phase=\"training\",le=\"60\"} 1"));
  EXPECT_THAT(text, HasSubstr("consort_updates_total{outcome=\"refused\",reason=\"norm-above-clip\"} 1"));
  EXPECT_THAT(text, HasSubstr("consort_transferred_bytes_total{direction=\"received\"} 4096"));
  EXPECT_THAT(text, HasSubstr("consort_node_weight_share_ratio{archive=\"archive-uk-1\"} 0.25"));
  EXPECT_THAT(text, HasSubstr("consort_ledger_sealed_entries 10"));
  EXPECT_THAT(text, HasSubstr("consort_artifact_bytes 77"));
}

}  // namespace
}  // namespace consort::coordinator
