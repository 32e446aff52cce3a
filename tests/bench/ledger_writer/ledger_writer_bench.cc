// How fast a coordinator takes archives' entries: each is parsed, its signature and the rules of state are
// checked, and it is on the disk before it counts. Prints one JSON object.
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "common/sync/run_on.h"
#include "common/sync/thread_executor.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/ledger/stored_tree.h"
#include "coordinator/store/group_commit.h"
#include "coordinator/store/sqlite_store.h"
#include "nlohmann/json.hpp"
#include "tests/bench/ledger/made_ledger.h"

namespace consort::bench {
namespace {

using coordinator::GroupCommit;
using coordinator::Sequencer;
using coordinator::Store;
using coordinator::Transaction;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kBeforeApprovals = 5;  // coordinator, three archives, a job

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Of all threads: what would be left of the time on a machine with nothing else to do.
double CpuSeconds() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// An archive's approvals of one job: as many as one likes keep the rules.
class Approvals {
 public:
  Approvals() {
    for (const std::string& name : ArchiveNames()) keys_.push_back(KeyNamed(name + ".bench/entries"));
  }
  const VerifierKey& signer(uint64_t i) const { return keys_[i % keys_.size()].verifier(); }
  std::string archive(uint64_t i) const { return ArchiveNames()[i % keys_.size()]; }
  absl::StatusOr<std::string> Make(uint64_t i) const {
    const std::string job_id = Sha256Hex("job 0").substr(0, 32);
    const std::string plan = Sha256Hex(absl::StrCat("plan ", i));
    return ledger::SealEntry(ledger::Kind::kApproval, {{"plan", plan}},
                             {{"origin", kOrigin},
                              {"project", "music"},
                              {"archive", archive(i)},
                              {"node_seq", 1 + i / keys_.size()},
                              {"prev_head", {{"size", 0}, {"root", Sha256Hex("")}}},
                              {"job_id", job_id},
                              {"job_digest", Sha256Hex(job_id)},
                              {"plan_digest", plan},
                              {"decision", "approve"},
                              {"reason", "ok"},
                              {"basis", "standing-policy"},
                              {"policy_digest", Sha256Hex("policy")}},
                             {&keys_[i % keys_.size()]});
  }

 private:
  std::vector<SigningKey> keys_;
};

// Keys and a job, as if they had been appended before.
absl::Status Begin(Store& store) {
  std::vector<std::string> first;
  MadeLedger made([&first](absl::string_view entry) {
    first.emplace_back(entry);
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(made.MakeUntil(kBeforeApprovals));
  return store.Transact([&first](Transaction& transaction) -> absl::Status {
    for (uint64_t i = 0; i < first.size(); ++i) {
      ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(first[i]));
      coordinator::LeafRow leaf;
      leaf.index = i;
      leaf.body = first[i];
      leaf.hash = std::string(ViewOf(ledger::LeafHash(first[i])));
      leaf.payload_digest = Sha256Hex(first[i]);
      leaf.kind = std::string(ledger::KindName(statement.kind));
      leaf.signer = KeyNamed("coordinator.bench/entries").verifier().KeyId();
      RETURN_IF_ERROR(coordinator::StoreLeaf(transaction, leaf));
    }
    return absl::OkStatus();
  });
}

// What the machine allows by itself, in the same run.
absl::StatusOr<double> SyncsPerSecond(const std::string& directory) {
  constexpr int kSyncs = 200;
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(directory + "/sync", O_RDWR | O_CREAT | O_TRUNC));
  const std::string page(4096, 'x');
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < kSyncs; ++i) {
    RETURN_IF_ERROR(WriteAt(file, uint64_t{4096} * static_cast<uint64_t>(i), page));
    RETURN_IF_ERROR(Sync(file));
  }
  return kSyncs / SecondsSince(start);
}

double VerificationsPerSecond() {
  constexpr int kVerifications = 4000;
  const SigningKey key = KeyNamed("limit");
  const std::string message(900, 'm');
  const std::string signature = key.Sign(message);
  const Clock::time_point start = Clock::now();
  int good = 0;
  for (int i = 0; i < kVerifications; ++i) good += key.verifier().Verify(message, signature) ? 1 : 0;
  return good / SecondsSince(start);
}

struct Bench {
  std::unique_ptr<Store> store;
  std::unique_ptr<Sequencer> sequencer;
  SigningKey log = KeyNamed(kOrigin);
  SigningKey entries = KeyNamed("coordinator.bench/entries");
  Approvals approvals;
  std::vector<std::string> envelopes;

  absl::Status Append(Transaction& transaction, uint64_t i) {
    return sequencer
        ->AppendFromArchive(transaction, ledger::Kind::kApproval, approvals.archive(i), approvals.signer(i),
                            envelopes[i])
        .status();
  }
};

absl::StatusOr<json> Singles(Bench& bench) {
  std::vector<double> each;
  const Clock::time_point start = Clock::now();
  for (uint64_t i = 0; i < bench.envelopes.size(); ++i) {
    const Clock::time_point one = Clock::now();
    RETURN_IF_ERROR(
        bench.store->Transact([&](Transaction& transaction) { return bench.Append(transaction, i); }));
    each.push_back(SecondsSince(one));
  }
  const double seconds = SecondsSince(start);
  std::sort(each.begin(), each.end());
  return json{{"entries_per_second", each.size() / seconds},
              {"p50_seconds", each[each.size() / 2]},
              {"p99_seconds", each[each.size() * 99 / 100]}};
}

absl::StatusOr<json> Groups(Bench& bench, Executor& executor) {
  GroupCommit group(*bench.store, executor);
  std::promise<absl::Status> all;
  absl::Status first_error;
  size_t left = bench.envelopes.size();
  const Clock::time_point start = Clock::now();
  executor.Post([&] {
    for (uint64_t i = 0; i < bench.envelopes.size(); ++i) {
      group.Add([&bench, i](Transaction& transaction) { return bench.Append(transaction, i); },
                [&](const absl::Status& status) {
                  first_error.Update(status);
                  if (--left == 0) all.set_value(first_error);
                });
    }
  });
  RETURN_IF_ERROR(all.get_future().get());
  return json{{"entries_per_second", static_cast<double>(bench.envelopes.size()) / SecondsSince(start)}};
}

absl::StatusOr<json> Measure(const std::string& directory, uint64_t count, bool grouped) {
  const std::string path = directory + "/consort.db";
  Bench bench;
  ASSIGN_OR_RETURN(bench.store, coordinator::SqliteStore::Open(path));
  RETURN_IF_ERROR(Begin(*bench.store));
  ThreadExecutor executor;
  ASSIGN_OR_RETURN(bench.sequencer, Sequencer::Open(*bench.store, {"bench", "music", kOrigin}, bench.log,
                                                    bench.entries, executor));
  uint64_t entry_bytes = 0;
  for (uint64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(std::string envelope, bench.approvals.Make(i));
    entry_bytes += envelope.size();
    bench.envelopes.push_back(std::move(envelope));
  }
  const double cpu = CpuSeconds();
  absl::StatusOr<json> figures = grouped ? Groups(bench, executor) : Singles(bench);
  RETURN_IF_ERROR(figures.status());
  (*figures)["cpu_seconds"] = CpuSeconds() - cpu;
  executor.Stop();
  bench.sequencer.reset();
  bench.store.reset();  // moves what the log holds into the database
  (*figures)["entries"] = count;
  (*figures)["entry_bytes"] = entry_bytes;
  (*figures)["database_bytes"] = std::filesystem::file_size(path);
  (*figures)["database_ratio"] =
      static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(entry_bytes + 64 * count);
  ASSIGN_OR_RETURN((*figures)["syncs_per_second"], SyncsPerSecond(directory));
  (*figures)["verifications_per_second"] = VerificationsPerSecond();
  return figures;
}

}  // namespace
}  // namespace consort::bench

int main(int argc, char** argv) {
  CLI::App app("Appends archives' signed entries to a new ledger.");
  std::string directory;
  uint64_t entries = 10'000;
  bool grouped = false;
  app.add_option("--directory", directory, "An empty folder on the disk to measure")->required();
  app.add_option("--entries", entries, "How many");
  app.add_flag("--group", grouped, "Commit in groups");
  CLI11_PARSE(app, argc, argv);
  const auto figures = consort::bench::Measure(directory, entries, grouped);
  if (!figures.ok()) {
    std::fprintf(stderr, "bench_ledger_writer: %s\n", std::string(figures.status().message()).c_str());
    return 1;
  }
  std::puts(figures->dump().c_str());
  return 0;
}
