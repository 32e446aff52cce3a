// Envelopes from whatever answers at the coordinator's address: each message of the series reaches the daemon
// once and in order, and nothing does before the welcome.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "node/daemon/session.h"
#include "tests/fuzz/support/chunks.h"
#include "tests/support/simulated_executor.h"

namespace {

using namespace consort;
using namespace consort::node;

class DeafStream final : public Stream {
 public:
  void Write(const v1::Envelope&) override {}
};

class Network final : public StreamFactory {
 public:
  std::unique_ptr<Stream> Open(Callbacks callbacks) override {
    newest = std::move(callbacks);
    return std::make_unique<DeafStream>();
  }
  Callbacks newest;
};

class Owner final : public SessionOwner {
 public:
  void FillHello(v1::NodeHello&) override {}
  v1::NodeHealth Health() override { return {}; }
  absl::Status OnWelcome(const v1::Welcome&, bool resumed) override {
    if (resumed && !welcomed_) std::abort();
    if (!resumed) last_ = 0;
    welcomed_ = true;
    return absl::OkStatus();
  }
  void OnMessage(const v1::Envelope& envelope) override {
    if (!welcomed_ || envelope.sequence() != last_ + 1) std::abort();
    last_ = envelope.sequence();
  }
  void OnDisconnected() override {}
  void OnSent(const v1::Envelope&) override {}

 private:
  bool welcomed_ = false;
  uint64_t last_ = 0;
};

}  // namespace

// A piece of the input is its first byte, which says what happens, and the bytes of a message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  testing::SimulatedExecutor executor;
  Network network;
  Owner owner;
  Session session(network, executor, owner, Backoff([] { return 0.5; }));
  session.Start();
  executor.RunUntilIdle();
  for (const absl::string_view chunk : testing::Chunks(data, size)) {
    if (chunk.empty()) continue;
    v1::Envelope envelope;
    if (!envelope.ParseFromArray(chunk.data() + 1, static_cast<int>(chunk.size() - 1))) continue;
    switch (chunk[0] % 8) {
      case 0:
        if (network.newest.on_closed) network.newest.on_closed(absl::UnavailableError("cut"));
        break;
      case 1:
        executor.Advance(absl::Seconds(10));
        break;
      case 2:
        session.Send(envelope).status().IgnoreError();
        break;
      case 3:
        session.Reopen(/*fresh=*/chunk[0] < 0);
        break;
      default:
        if (network.newest.on_message) network.newest.on_message(envelope);
    }
    executor.RunUntilIdle();
  }
  session.Stop();
  executor.RunUntilIdle();
  return 0;
}
