// Envelopes of archives in any order, over streams that come and go: each message of a session reaches the
// engine once and in order, and nothing does before the greeting.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "common/metrics/registry.h"
#include "coordinator/sessions/session_registry.h"
#include "tests/fuzz/support/chunks.h"
#include "tests/support/simulated_executor.h"

namespace {

using namespace consort;
using namespace consort::coordinator;

class DeafWire final : public SessionWire {
 public:
  void Write(const v1::Envelope&) override {}
  void End(const absl::Status&) override {}
};

class Engine final : public NodeEvents {
 public:
  void OnSessionStarted(const std::string&, const v1::NodeHello&) override {
    started_ = true;
    last_ = 0;
  }
  void OnSessionResumed(const std::string&) override {
    if (!started_) std::abort();
  }
  void OnSessionGone(const std::string&) override {}
  void OnMessage(const std::string&, const v1::Envelope& envelope) override {
    if (!started_ || envelope.sequence() != last_ + 1) std::abort();
    last_ = envelope.sequence();
  }

 private:
  bool started_ = false;
  uint64_t last_ = 0;
};

}  // namespace

// A piece of the input is its first byte, which says what happens, and the bytes of a message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  testing::SimulatedExecutor executor;
  MetricsRegistry metrics_registry;
  FederationMetrics metrics(metrics_registry);
  Engine engine;
  SessionRegistry registry(
      executor, {"ledger.demo/music", "music", "vkey"}, [](const std::string&) { return uint64_t{17}; },
      metrics);
  registry.SetEvents(engine);
  SessionRegistry::StreamId stream = registry.Attach("a", std::make_shared<DeafWire>());
  for (const absl::string_view chunk : testing::Chunks(data, size)) {
    if (chunk.empty()) continue;
    v1::Envelope envelope;
    if (!envelope.ParseFromArray(chunk.data() + 1, static_cast<int>(chunk.size() - 1))) continue;
    switch (chunk[0] % 8) {
      case 0:
        registry.OnClosed(stream);
        break;
      case 1:
        stream = registry.Attach("a", std::make_shared<DeafWire>());
        break;
      case 2:
        registry.Send("a", envelope);
        break;
      case 3:
        executor.Advance(absl::Seconds(10));
        break;
      default:
        registry.OnEnvelope(stream, envelope);
    }
    executor.RunUntilIdle();
    registry.PresenceOf("a");
  }
  return 0;
}
