// The documentation's examples are made here, so that they cannot drift from the code. After a change on
// purpose: CONSORT_WRITE_EXAMPLES=1 ledger_examples_test, and commit the file.
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "common/ledger/merkle_tree.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::kUk;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleLedger;
using ::nlohmann::json;

constexpr char kFile[] = CONSORT_SOURCE_DIR "/docs/formats/ledger-examples.md";

constexpr char kIntroduction[] =
    R"(# Ledger examples: one whole entry of each kind in use

Made by `ledger_examples_test`, which also compares this file with what the code writes today; do not edit it by
hand. The keys are those of RFC 8032, section 7.1: test 1 for `ledger.demo/music`, test 2 for
`coordinator.demo/entries`, test 3 for `archive-uk-1.demo/entries`, test 1024 for `archive-cn-1.demo/entries`. The
seed of any other key is the SHA-256 of `consort example key` LF name, that of a key which follows another the SHA-256
of `consort second example key` LF name. Digests of things that are not in the ledger
are the SHA-256 of `consort example` SP thing; ids are their first 32 digits. The job commits to the texts `harp and dizi`
and `spiffe://demo/researcher/researcher-1`; each salt is the SHA-256 of `consort example salt` SP member.

The payloads are shown with line breaks for reading. The leaf is the compact envelope: the payload's RFC 8785 bytes
in base64 with its signatures, as the full line under the first example shows. The members and their meaning are
in [ledger.md](ledger.md).

)";

std::string PayloadOf(const std::string& envelope) {
  const size_t start = std::string("{\"payload\":\"").size();
  return Base64Decode(envelope.substr(start, envelope.find('"', start) - start)).value();
}

std::string Shown(const std::string& title, const std::string& envelope) {
  return absl::StrCat("## ", title, "\n\nLeaf hash `", HexOf(LeafHash(envelope)), "`, ", envelope.size(),
                      " bytes, signed by `",
                      json::parse(envelope)["signatures"][0]["keyid"].get<std::string>(), "`.\n\n```json\n",
                      json::parse(PayloadOf(envelope)).dump(2), "\n```\n");
}

std::string WholeLine(const std::string& envelope) {
  return absl::StrCat("\nThe whole leaf, one line without a line feed:\n\n```\n", envelope, "\n```\n");
}

// As archive-uk-1 answers to add-checkpoint, and as the log then publishes it.
std::string CosignedCheckpoint(const SampleLedger& ledger) {
  const std::string& note = ledger.checkpoints().back();
  const std::string line = CosignatureLine(ParseNote(note)->text, ledger.archive(kUk).mirror,
                                           absl::FromUnixSeconds(1'800'000'000));
  return absl::StrCat(
      "\n## Checkpoint of size 27 with the cosignature of archive-uk-1 at 1800000000\n\n```\n",
      WithSignatures(note, {line}).value(), "```\n");
}

std::string Render() {
  SampleLedger ledger;
  ledger.AddAll();
  const SampleChanges changes(ledger);
  AddChanges(ledger, changes);
  ledger.Seal(changes.new_log());
  std::string text = kIntroduction;
  const std::pair<int, const char*> shown[] = {{0, "key-enrol of the coordinator"},
                                               {1, "key-enrol of an archive"},
                                               {3, "job"},
                                               {4, "approval"},
                                               {6, "roster"},
                                               {7, "round-open"},
                                               {8, "contribution"},
                                               {9, "decision"},
                                               {12, "aggregation"},
                                               {13, "evaluation"},
                                               {15, "model-release"},
                                               {16, "key-revoke of a member"},
                                               {17, "incident"},
                                               {18, "key-rotate of the log key"},
                                               {19, "key-rotate of an archive's entry key"},
                                               {20, "policy-change"},
                                               {21, "key-revoke of one key"},
                                               {22, "withdrawal"},
                                               {23, "erasure"},
                                               {24, "incident that resolves another"},
                                               {25, "templates"},
                                               {26, "explanation"}};
  for (const auto& [index, name] : shown) {
    const std::string& envelope = ledger.entries()[index];
    absl::StrAppend(&text, Shown(absl::StrCat("Leaf ", index, ": ", name), envelope),
                    index == 0 ? WholeLine(envelope) : "", "\n");
  }
  absl::StrAppend(&text, Shown("Receipt for leaf 8 (not a leaf)", ledger.Receipt(8)),
                  "\n## Checkpoint of size 17\n\n```\n", ledger.checkpoints()[1], "```\n");
  return text + CosignedCheckpoint(ledger);
}

TEST(LedgerExamplesTest, DocumentationShowsWhatTheCodeWrites) {
  if (std::getenv("CONSORT_WRITE_EXAMPLES") != nullptr) testing::WriteFileOrDie(kFile, Render());
  EXPECT_EQ(testing::ReadFileOrDie(kFile), Render())
      << "run ledger_examples_test with CONSORT_WRITE_EXAMPLES=1";
}

}  // namespace
}  // namespace consort::ledger
