// Figures of a large ledger's export: made, audited, proved, published. Each command prints one JSON object.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/tile_builder.h"
#include "common/ledger/tlog_proof.h"
#include "common/ledger/verify.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "tests/bench/ledger/made_ledger.h"

namespace consort::bench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

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

double PeakMegabytes() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

// Not synced: the time of the disk is not what is measured here.
absl::Status WriteFile(const std::string& path, absl::string_view bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file.good() ? absl::OkStatus() : absl::InternalError("cannot write " + path);
}

absl::StatusOr<json> Make(const std::string& directory, uint64_t count) {
  uint64_t entry_bytes = 0;
  uint64_t export_bytes = 0;
  ledger::TileBuilder tiles([&](const ledger::Tile& tile) {
    export_bytes += tile.bytes.size();
    return WriteFile(absl::StrCat(directory, "/", ledger::TilePath(tile.level, tile.n, tile.width)),
                     tile.bytes);
  });
  MadeLedger made([&](absl::string_view entry) {
    entry_bytes += entry.size();
    return tiles.Append(entry);
  });
  RETURN_IF_ERROR(made.MakeUntil(count));
  RETURN_IF_ERROR(tiles.Finish());
  const std::string note = CosignedNote(made.tree());
  RETURN_IF_ERROR(WriteFile(directory + "/checkpoint", note));
  RETURN_IF_ERROR(WriteFile(absl::StrCat(directory, "/checkpoints/", count), note));
  RETURN_IF_ERROR(WriteFile(directory + "/keys/log.vkey", KeyNamed(kOrigin).verifier().ToString() + "\n"));
  RETURN_IF_ERROR(WriteFile(directory + "/keys/entries.vkeys",
                            KeyNamed("coordinator.bench/entries").verifier().ToString() + "\n"));
  RETURN_IF_ERROR(WriteFile(directory + "/keys/policy", PolicyOfAll()));
  const double least = static_cast<double>(entry_bytes) + 64.0 * static_cast<double>(count);
  return json{{"entries", count},
              {"bytes_an_entry", static_cast<double>(entry_bytes) / static_cast<double>(count)},
              {"export_ratio", static_cast<double>(export_bytes) / least}};
}

absl::StatusOr<json> Audit(const std::string& directory, int threads, bool tree_only) {
  ledger::VerifyOptions options;
  options.directory = directory;
  options.log_vkeys = {KeyNamed(kOrigin).verifier().ToString()};
  options.policy = PolicyOfAll();
  options.threads = threads;
  options.signatures = !tree_only;
  const Clock::time_point start = Clock::now();
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger::VerifyExport(options));
  const double seconds = SecondsSince(start);
  for (const ledger::Check& check : report.checks) {
    if (!check.passed) return absl::DataLossError(absl::StrCat(check.id, ": ", check.detail));
  }
  return json{{"entries", report.size},
              {"seconds", seconds},
              {"cpu_seconds", CpuSeconds()},
              {"peak_mb", PeakMegabytes()}};
}

// What OpenSSL's Ed25519 takes by itself, on one core.
absl::StatusOr<json> Limit(uint64_t count) {
  const SigningKey key = KeyNamed("limit");
  const std::string message(1000, 'x');
  const std::string signature = key.Sign(message);
  const Clock::time_point start = Clock::now();
  for (uint64_t i = 0; i < count; ++i) {
    if (!key.verifier().Verify(message, signature)) return absl::InternalError("a good signature fails");
  }
  return json{{"seconds_a_million", SecondsSince(start) / static_cast<double>(count) * 1e6},
              {"cpu_seconds_a_million", CpuSeconds() / static_cast<double>(count) * 1e6}};
}

absl::StatusOr<std::vector<std::string>> ReadTree(const std::string& directory, ledger::MemoryTree& tree) {
  std::vector<std::string> kept;  // the last bundle's worth
  RETURN_IF_ERROR(ledger::ReadExportEntries(directory, [&](uint64_t index, absl::string_view entry) {
    tree.Append(ledger::LeafHash(entry));
    if (index % ledger::kTileWidth == 0) kept.clear();
    kept.emplace_back(entry);
    return absl::OkStatus();
  }));
  return kept;
}

absl::StatusOr<json> Proofs(const std::string& directory, int count) {
  ledger::MemoryTree tree;
  ASSIGN_OR_RETURN(const std::vector<std::string> last, ReadTree(directory, tree));
  ASSIGN_OR_RETURN(const ledger::Policy policy, ledger::Policy::Parse(PolicyOfAll()));
  const std::string note = CosignedNote(tree);
  const uint64_t first = tree.size() - last.size();
  std::mt19937 random(1);
  double make = 0;
  double check = 0;
  size_t bytes = 0;
  for (int i = 0; i < count; ++i) {
    const size_t which = random() % last.size();
    Clock::time_point start = Clock::now();
    ASSIGN_OR_RETURN(const std::string file,
                     ledger::MakeTlogProof(first + which, note, policy, tree.Reader()));
    make += SecondsSince(start);
    start = Clock::now();
    RETURN_IF_ERROR(ledger::CheckTlogProof(file, last[which], policy, {}).status());
    check += SecondsSince(start);
    bytes = std::max(bytes, file.size());
  }
  return json{{"make_ms", make / count * 1e3}, {"check_ms", check / count * 1e3}, {"bytes", bytes}};
}

// Adds entries as a sealing timer does and publishes each new checkpoint into the folder.
absl::StatusOr<json> Publish(const std::string& directory, int checkpoints, int entries_each) {
  ledger::MemoryTree tree;
  ASSIGN_OR_RETURN(std::vector<std::string> recent, ReadTree(directory, tree));
  const uint64_t first = tree.size() - recent.size();
  std::vector<double> milliseconds;
  for (int i = 0; i < checkpoints; ++i) {
    const uint64_t from = tree.size();
    for (int entry = 0; entry < entries_each; ++entry) {
      recent.push_back(absl::StrCat(std::string(1000, 'x'), recent.size()));
      tree.Append(ledger::LeafHash(recent.back()));
    }
    ledger::ExportSource source;
    source.read = [&](uint64_t start, uint64_t end, const auto& take) -> absl::Status {
      for (uint64_t index = start; index < end; ++index) RETURN_IF_ERROR(take(recent.at(index - first)));
      return absl::OkStatus();
    };
    source.checkpoints = {CosignedNote(tree)};
    source.keys.log_vkeys = {KeyNamed(kOrigin).verifier().ToString()};
    source.keys.entry_vkeys = {KeyNamed("coordinator.bench/entries").verifier().ToString()};
    source.keys.policy = PolicyOfAll();
    source.subtree = tree.Reader();
    source.witnessed_size = from;
    const Clock::time_point start = Clock::now();
    RETURN_IF_ERROR(ledger::WriteExportDelta(source, from, tree.size(), directory));
    milliseconds.push_back(SecondsSince(start) * 1e3);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return json{{"median_ms", milliseconds[milliseconds.size() / 2]}, {"worst_ms", milliseconds.back()}};
}

}  // namespace
}  // namespace consort::bench

int main(int argc, char** argv) {
  using namespace consort::bench;
  CLI::App app("Figures of a large ledger");
  app.require_subcommand(1);
  std::string directory;
  uint64_t count = 1'000'000;
  int threads = 1;
  bool tree_only = false;
  CLI::App* const make = app.add_subcommand("make", "writes the export of a ledger");
  make->add_option("--entries", count);
  CLI::App* const audit = app.add_subcommand("audit", "verifies an export");
  audit->add_option("--threads", threads);
  audit->add_flag("--tree-only", tree_only);
  CLI::App* const proofs = app.add_subcommand("proofs", "makes and checks proof files");
  CLI::App* const publish = app.add_subcommand("publish", "publishes new checkpoints into an export");
  for (CLI::App* const command : {make, audit, proofs, publish})
    command->add_option("directory", directory)->required();
  CLI::App* const limit = app.add_subcommand("limit", "verifies signatures and nothing else");
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<nlohmann::json> result = make->parsed()      ? Make(directory, count)
                                                : audit->parsed()   ? Audit(directory, threads, tree_only)
                                                : proofs->parsed()  ? Proofs(directory, 2000)
                                                : publish->parsed() ? Publish(directory, 21, 12)
                                                                    : Limit(50'000);
  (void)limit;
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", result->dump().c_str());
  return 0;
}
