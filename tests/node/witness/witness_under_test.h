// A witness of archive-uk-1 on a folder, which can be ended and started again, and ledgers to show it.
#ifndef CONSORT_TESTS_NODE_WITNESS_WITNESS_UNDER_TEST_H_
#define CONSORT_TESTS_NODE_WITNESS_WITNESS_UNDER_TEST_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/witness/entry_source.h"
#include "node/witness/witness.h"
#include "tests/common/ledger/sample_ledger.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {

// Gives the entries of a list; tests bend it.
class ListSource : public EntrySource {
 public:
  std::vector<std::string> entries;
  absl::Status status;  // what a read ends with before its first entry
  int reads = 0;

  absl::Status Read(uint64_t start, uint64_t end, const Take& take) override;
};

// The body of a request for the ledger's newest checkpoint.
std::string RequestFor(const testing::SampleLedger& ledger, uint64_t old_size);
// The same for a checkpoint that was signed at an earlier size.
std::string RequestFor(const testing::SampleLedger& ledger, uint64_t old_size, const std::string& checkpoint);

// Path below `directory` and contents of every file.
std::map<std::string, std::string> FilesUnder(const std::string& directory);

class WitnessUnderTest {
 public:
  WitnessUnderTest();

  testing::SampleLedger ledger;
  ListSource source;
  std::unique_ptr<Incidents> incidents;
  std::unique_ptr<Witness> witness;
  std::function<absl::Time()> now;  // an hour after the epoch's 1.8e9th second unless a test says otherwise
  std::vector<Incident> raised;

  absl::Status Start();
  void End();
  // Shows the ledger as it is now: its entries at the source, ours in the entries folder.
  void Publish(const testing::SampleLedger& shown);
  void Publish() { Publish(ledger); }
  Witness::Answer Ask(uint64_t old_size) { return witness->OnRequest(RequestFor(ledger, old_size)); }

  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::map<std::string, std::string> MirrorFiles() const { return FilesUnder(Path("ledger/mirror")); }
  std::string StateFile() const;  // empty: none

 private:
  testing::TemporaryDirectory directory_;
};

}  // namespace consort::node

#endif  // CONSORT_TESTS_NODE_WITNESS_WITNESS_UNDER_TEST_H_
