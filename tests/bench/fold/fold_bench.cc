// Bytes per second of update data through each step of the fold. Limits: memcpy, and axpy (y += a x on
// floats), the plain loop with the fold's own pattern of reads and writes.
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/types/span.h"
#include "benchmark/benchmark.h"
#include "common/update/manifest.h"
#include "common/update/ring_codec.h"
#include "common/update/vector_clones.h"
#include "coordinator/aggregation/aggregate.h"
#include "coordinator/aggregation/decode.h"
#include "coordinator/aggregation/ring_sum.h"

namespace consort::coordinator {
namespace {

constexpr int64_t kCoordinates = 16 << 20;  // 64 MiB an update: past every cache
constexpr int64_t kUpdates = 4;

const Manifest& TheManifest() {
  static const Manifest manifest =
      Manifest::Create({{"weight", {kCoordinates}}}, {.clip_norm = 1, .max_weight = 1000, .cohort_bound = 16})
          .value();
  return manifest;
}

// Small values of both signs, so that norms stay under the clip.
std::vector<uint32_t> RingUpdate(uint32_t seed) {
  std::vector<uint32_t> ring(kCoordinates + 1);
  for (size_t i = 0; i < ring.size(); ++i)
    ring[i] = static_cast<uint32_t>(static_cast<int32_t>((i * 7 + seed) % 64) - 32);
  ring.back() = 1000;
  return ring;
}

std::vector<float> FloatUpdate() {
  std::vector<float> values(kCoordinates);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(static_cast<int>(i % 64) - 32) * 1e-6f;
  return values;
}

void Report(benchmark::State& state, int64_t coordinates) {
  state.SetBytesProcessed(state.iterations() * coordinates * static_cast<int64_t>(sizeof(uint32_t)));
}

void LimitMemcpy(benchmark::State& state) {
  const std::vector<uint32_t> from = RingUpdate(1);
  std::vector<uint32_t> to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), kCoordinates * sizeof(uint32_t));
    benchmark::ClobberMemory();
  }
  Report(state, kCoordinates);
}
BENCHMARK(LimitMemcpy);

CONSORT_VECTOR_CLONES void Axpy(const float* __restrict x, size_t count, float a, float* __restrict y) {
  for (size_t i = 0; i < count; ++i) y[i] += a * x[i];
}

// Folds as RingSum does: a block of the sum stays in the cache while each update's block is added to it.
void LimitAxpy(benchmark::State& state) {
  const std::vector<std::vector<float>> updates(kUpdates, FloatUpdate());
  std::vector<float> sum(kBlockCoordinates);
  for (auto _ : state) {
    for (int64_t begin = 0; begin < kCoordinates; begin += kBlockCoordinates) {
      for (const std::vector<float>& update : updates)
        Axpy(update.data() + begin, kBlockCoordinates, 0.5f, sum.data());
      benchmark::ClobberMemory();
    }
  }
  Report(state, kCoordinates * kUpdates);
}
BENCHMARK(LimitAxpy);

void RingFold(benchmark::State& state) {
  std::vector<std::vector<uint32_t>> updates;
  for (uint32_t i = 0; i < kUpdates; ++i) updates.push_back(RingUpdate(i));
  RingSum sum = RingSum::Create(kBlockCoordinates, kUpdates).value();
  for (auto _ : state) {
    for (int64_t begin = 0; begin < kCoordinates; begin += kBlockCoordinates) {
      bool ok = sum.Restart(kBlockCoordinates).ok();
      for (const std::vector<uint32_t>& update : updates) {
        ok = ok && sum.Add(absl::MakeConstSpan(update).subspan(begin, kBlockCoordinates)).ok();
      }
      if (!ok) state.SkipWithError("the fold failed");
      benchmark::DoNotOptimize(sum.Sum().value().data());
    }
  }
  Report(state, kCoordinates * kUpdates);
}
BENCHMARK(RingFold);

// To float, with the norm and the check that all values are finite.
void DecodeWithChecks(benchmark::State& state) {
  const std::vector<uint32_t> update = RingUpdate(1);
  const auto* ring = reinterpret_cast<const int32_t*>(update.data());
  std::vector<float> values(kBlockCoordinates);
  for (auto _ : state) {
    SquareLanes squares;
    bool finite = true;
    for (int64_t begin = 0; begin < kCoordinates; begin += kBlockCoordinates) {
      DecodeDeltas(absl::MakeConstSpan(ring + begin, kBlockCoordinates), 1e-6, absl::MakeSpan(values));
      squares.Add(absl::MakeConstSpan(update).subspan(begin, kBlockCoordinates), begin);
      finite = AllFinite(values) && finite;
    }
    benchmark::DoNotOptimize(squares.Sum());
    if (!finite) state.SkipWithError("a value is not finite");
  }
  Report(state, kCoordinates);
}
BENCHMARK(DecodeWithChecks);

// The coordinator's check of one update in plain mode.
void CheckUpdate(benchmark::State& state) {
  const std::vector<uint32_t> update = RingUpdate(1);
  for (auto _ : state) {
    UpdateChecker checker(TheManifest(), 1000);
    if (!checker.Add(update).ok() || !checker.Finish().ok()) state.SkipWithError("the update was refused");
  }
  Report(state, kCoordinates);
}
BENCHMARK(CheckUpdate);

void MeasureNorm(benchmark::State& state) {
  const std::vector<float> values = FloatUpdate();
  for (auto _ : state) {
    NormMeter meter(TheManifest());
    if (!meter.Add(values).ok()) state.SkipWithError("the values were refused");
    benchmark::DoNotOptimize(meter.delta_norm());
  }
  Report(state, kCoordinates);
}
BENCHMARK(MeasureNorm);

void Encode(benchmark::State& state) {
  const std::vector<float> values = FloatUpdate();
  std::vector<uint32_t> ring(values.size());
  for (auto _ : state) {
    RingEncoder encoder = RingEncoder::Create(TheManifest(), 1000, 0.5, 42).value();
    if (!encoder.Encode(values, absl::MakeSpan(ring)).ok()) state.SkipWithError("the values were refused");
    benchmark::ClobberMemory();
  }
  Report(state, kCoordinates);
}
BENCHMARK(Encode);

}  // namespace
}  // namespace consort::coordinator
