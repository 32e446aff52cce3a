#include "tests/node/witness/witness_under_test.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/witness_protocol.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"

namespace consort::node {

absl::Status ListSource::Read(uint64_t start, uint64_t end, const Take& take) {
  ++reads;
  if (!status.ok()) return status;
  for (uint64_t i = start; i < end && i < entries.size(); ++i) {
    if (absl::Status taken = take(entries[i]); !taken.ok()) return taken;
  }
  return absl::OkStatus();
}

std::string RequestFor(const testing::SampleLedger& ledger, uint64_t old_size, const std::string& note) {
  const uint64_t size = ledger::ReadCheckpoint(note)->size;
  ledger::MemoryTree tree;
  for (const std::string& entry : ledger.entries()) tree.Append(ledger::LeafHash(entry));
  ledger::AddCheckpoint request{old_size, {}, note};
  if (old_size <= size) request.proof = ledger::ConsistencyProof(old_size, size, tree.Reader()).value();
  return ledger::FormatAddCheckpoint(request);
}

std::string RequestFor(const testing::SampleLedger& ledger, uint64_t old_size) {
  return RequestFor(ledger, old_size, ledger.checkpoints().back());
}

std::map<std::string, std::string> FilesUnder(const std::string& directory) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(directory)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().string();
    files[path.substr(directory.size() + 1)] = testing::ReadFileOrDie(path);
  }
  return files;
}

WitnessUnderTest::WitnessUnderTest() : now([] { return absl::FromUnixSeconds(1'800'003'600); }) {}

absl::Status WitnessUnderTest::Start() {
  End();
  incidents = Incidents::Open(Path("ledger/incidents")).value();
  incidents->Observe([this](const Incident& incident) { raised.push_back(incident); });
  auto opened = Witness::Open(
      {.directory = Path("ledger"),
       .entries_directory = Path("entries"),
       .archive = testing::kUk,
       .trust = {testing::kOrigin, {ledger.log_key().verifier()}, {ledger.coordinator_key().verifier()}},
       .mirror_keys = {&ledger.archive(testing::kUk).mirror},
       .source = source,
       .incidents = *incidents,
       .now = [this] { return now(); }});
  if (!opened.ok()) return opened.status();
  witness = *std::move(opened);
  return absl::OkStatus();
}

void WitnessUnderTest::End() {
  witness.reset();
  incidents.reset();
}

void WitnessUnderTest::Publish(const testing::SampleLedger& shown) {
  source.entries = shown.entries();
  if (!MakeDirectory(Path("entries")).ok()) std::abort();
  for (const std::string& entry : shown.entries()) {
    const auto predicate = nlohmann::json::parse(ledger::ReadEntry(entry)->predicate);
    if (predicate.value("archive", "") != testing::kUk || !predicate.contains("node_seq")) continue;
    testing::WriteFileOrDie(absl::StrCat(Path("entries"), "/", predicate["node_seq"].get<uint64_t>()), entry);
  }
}

std::string WitnessUnderTest::StateFile() const {
  return std::filesystem::exists(Path("ledger/witness")) ? testing::ReadFileOrDie(Path("ledger/witness"))
                                                         : "";
}

}  // namespace consort::node
