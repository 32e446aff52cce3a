#include "common/ledger/bundle_reader.h"

#include <algorithm>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "common/ledger/export_layout.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/tile_builder.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

// How many bundles may wait for their turn, a thread: enough that a slow one holds nobody up, and some
// megabytes at most.
constexpr uint64_t kBundlesAhead = 4;

struct ReadyBundle {
  absl::Status status;
  EntryBundle bundle;
  std::vector<ReadyEntry> entries;  // views into `bundle`
};

bool HasGoodSignatures(const UncheckedEntry& entry, const SharedEntryKeys& keys) {
  return CheckSignatures(entry, [&keys](absl::string_view keyid) { return keys.Find(keyid); }).ok();
}

ReadyEntry PrepareEntry(const BundleReading& reading, uint64_t index, absl::string_view envelope) {
  ReadyEntry one;
  one.envelope = envelope;
  one.leaf_hash = LeafHash(envelope);
  if (!reading.parse) return one;
  one.entry = ReadUnchecked(envelope);
  one.signature_is_good =
      one.entry.ok() && index >= reading.check_from && HasGoodSignatures(*one.entry, *reading.keys);
  return one;
}

std::unique_ptr<ReadyBundle> Prepare(const BundleReading& reading, uint64_t n) {
  auto ready = std::make_unique<ReadyBundle>();
  absl::StatusOr<EntryBundle> bundle = ReadEntryBundle(reading.directory, n, reading.size);
  ready->status = bundle.status();
  if (!bundle.ok()) return ready;
  ready->bundle = *std::move(bundle);
  ready->entries.reserve(ready->bundle.entries.size());
  for (const absl::string_view envelope : ready->bundle.entries) {
    ready->entries.push_back(PrepareEntry(reading, n * kTileWidth + ready->entries.size(), envelope));
  }
  return ready;
}

absl::Status TakeAll(uint64_t n, ReadyBundle& ready, const TakeReadyEntry& take) {
  RETURN_IF_ERROR(ready.status);
  for (size_t i = 0; i < ready.entries.size(); ++i)
    RETURN_IF_ERROR(take(n * kTileWidth + i, ready.entries[i]));
  return absl::OkStatus();
}

// One entry at a time: what is parsed is used and freed while it is in the cache.
absl::Status ReadAlone(const BundleReading& reading, uint64_t bundles, const TakeReadyEntry& take) {
  for (uint64_t n = 0; n < bundles; ++n) {
    ASSIGN_OR_RETURN(const EntryBundle bundle, ReadEntryBundle(reading.directory, n, reading.size));
    for (size_t i = 0; i < bundle.entries.size(); ++i) {
      const uint64_t index = n * kTileWidth + i;
      ReadyEntry one = PrepareEntry(reading, index, bundle.entries[i]);
      RETURN_IF_ERROR(take(index, one));
    }
  }
  return absl::OkStatus();
}

// Threads that take the next bundle each, and wait when they are too far ahead of who takes them.
class Workers {
 public:
  Workers(const BundleReading& reading, uint64_t bundles)
      : reading_(reading), bundles_(bundles), ahead_(kBundlesAhead * static_cast<uint64_t>(reading.threads)) {
    for (int i = 0; i < reading.threads; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Workers() {
    {
      const MutexLock lock(mutex_);
      stopped_ = true;
      changed_.NotifyAll();
    }
    for (std::thread& thread : threads_) thread.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // The bundles in order, one a call.
  std::unique_ptr<ReadyBundle> Next() CONSORT_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (!ready_.contains(taken_)) changed_.Wait(mutex_);
    auto node = ready_.extract(taken_++);
    changed_.NotifyAll();
    return std::move(node.mapped());
  }

 private:
  void Run() CONSORT_EXCLUDES(mutex_) {
    while (true) {
      uint64_t n = 0;
      {
        const MutexLock lock(mutex_);
        while (!stopped_ && next_ < bundles_ && next_ >= taken_ + ahead_) changed_.Wait(mutex_);
        if (stopped_ || next_ == bundles_) return;
        n = next_++;
      }
      std::unique_ptr<ReadyBundle> ready = Prepare(reading_, n);
      const MutexLock lock(mutex_);
      ready_.emplace(n, std::move(ready));
      changed_.NotifyAll();
    }
  }

  const BundleReading& reading_;
  const uint64_t bundles_;
  const uint64_t ahead_;
  Mutex mutex_;
  CondVar changed_;
  uint64_t next_ CONSORT_GUARDED_BY(mutex_) = 0;   // bundle that nobody has begun
  uint64_t taken_ CONSORT_GUARDED_BY(mutex_) = 0;  // bundles that were given away
  bool stopped_ CONSORT_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, std::unique_ptr<ReadyBundle>> ready_ CONSORT_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace

absl::Status ReadBundles(const BundleReading& reading, const TakeReadyEntry& take) {
  const uint64_t bundles = reading.size / kTileWidth + (reading.size % kTileWidth == 0 ? 0 : 1);
  if (reading.threads <= 1) return ReadAlone(reading, bundles, take);
  Workers workers(reading, bundles);
  for (uint64_t n = 0; n < bundles; ++n) RETURN_IF_ERROR(TakeAll(n, *workers.Next(), take));
  return absl::OkStatus();
}

}  // namespace consort::ledger
