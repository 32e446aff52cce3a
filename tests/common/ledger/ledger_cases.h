// Good ledgers and tampered ones by name: each kind of tampering with the check that must catch it. Our
// verifier and the independent ones are asked about the same files.
#ifndef CONSORT_TESTS_COMMON_LEDGER_LEDGER_CASES_H_
#define CONSORT_TESTS_COMMON_LEDGER_LEDGER_CASES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/common/ledger/sample_changes.h"

namespace consort::testing {

// Who can see a fault. The independent verifiers do not judge what entries claim; the Python one does not
// open entries at all.
enum class Layer {
  kTree,          // bytes, hashes, checkpoints, cosignatures: all three
  kEntries,       // signatures, spelling and replay of entries: ours and the Go one
  kRulesOfState,  // what entries may say: ours alone
};

// What an auditor is given: a folder, and what was pinned beforehand.
class CaseFiles {
 public:
  explicit CaseFiles(std::string folder);

  // Writes `ledger`, or another source, into the folder.
  void Export();
  void Export(const ledger::ExportSource& source);
  std::string Read(const std::string& path) const;
  void Write(const std::string& path, const std::string& bytes) const;
  // Fills the ledger with entries of the coordinator, seals and exports it.
  void GrowTo(uint64_t size);

  SampleLedger ledger;
  const std::string folder;
  std::vector<VerifierKey> log_keys;    // trusted
  std::vector<VerifierKey> entry_keys;  // trusted
  std::vector<std::string> kept;        // older checkpoints that the auditor has seen
  std::string policy;                   // of the auditor; empty: none
  int quorum = 0;                       // witnesses that the policy asks for
  int64_t now = kNoon;
};

struct LedgerCase {
  std::string name;       // CamelCase: part of a test's name
  std::string caught_by;  // id of a check that must fail; empty: the ledger is good
  std::string reason;     // stands in that check's detail
  Layer layer = Layer::kTree;
  std::function<void(CaseFiles&)> build;
};
const std::vector<LedgerCase>& LedgerCases();

// The members of a test's parameter as GoogleTest names them.
inline std::string NameOfCase(const LedgerCase& each) { return each.name; }

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_LEDGER_LEDGER_CASES_H_
