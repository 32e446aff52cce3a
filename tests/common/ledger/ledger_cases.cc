#include "tests/common/ledger/ledger_cases.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/policy.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {
namespace {

constexpr char kBundle[] = "tile/entries/000.p/17";
constexpr char kPayloadType[] = "application/vnd.in-toto+json";

const SigningKey& University() {
  static const auto* const key =
      new SigningKey(SigningKey::FromSeed("university.example/witness", KeyAlgorithm::kCosignatureV1,
                                          ViewOf(Sha256Of("consort example key\nuniversity.example/witness")))
                         .value());
  return *key;
}

// A sealed ledger of 16 entries; `k` of three witnesses must cosign: both archives, a university.
void WithPolicy(CaseFiles& files, int k) {
  files.ledger.AddUntilRelease();
  files.ledger.Seal();
  std::string text = absl::StrCat("log ", files.ledger.log_key().verifier().ToString(), "\n");
  absl::StrAppend(&text, "witness uk ", files.ledger.archive(kUk).mirror.verifier().ToString(), "\n");
  absl::StrAppend(&text, "witness cn ", files.ledger.archive(kCn).mirror.verifier().ToString(), "\n");
  absl::StrAppend(&text, "witness university ", University().verifier().ToString(), "\n");
  files.policy = absl::StrCat(text, "group all ", k, " uk cn university\nquorum all\n");
  files.quorum = k;
}
void CosignByUniversity(ledger::ExportSource& source) {
  std::string& note = source.checkpoints.back();
  note = ledger::WithSignatures(note, {ledger::CosignatureLine(ledger::ParseNote(note)->text, University(),
                                                               absl::FromUnixSeconds(kNoon))})
             .value();
  source.keys.witness_vkeys.push_back(University().verifier().ToString());
}

// What the coordinator would say instead of the truth: the same size, other entries, all well signed.
void Rebuild(SampleLedger& ledger, uint64_t size) {
  ledger.AddUntilRoundOpen();
  ledger.AddGood(ledger.Contribution(kUk));
  while (ledger.size() < size) {
    Draft draft = SampleChanges(ledger).Incident();
    draft.predicate["number"] = ledger.size();
    ledger.AddGood(draft);
  }
  ledger.Seal();
}
void KeepTheTruth(CaseFiles& files) {
  SampleLedger truth;
  truth.AddAll();
  files.kept = {truth.checkpoints().back()};  // size 17
}

// A contribution whose payload was changed and signed again, by its own key.
void AddSpelled(CaseFiles& files, const std::string& from, const std::string& to) {
  files.ledger.AddUntilRoundOpen();
  const Draft draft = files.ledger.Contribution(kUk);
  files.ledger.AddGood(draft);
  const std::string& good = files.ledger.entries()[8];
  const std::string payload = Base64Decode(good.substr(12, good.find('"', 12) - 12)).value();
  const std::string changed = absl::StrReplaceAll(payload, {{from, to}});
  if (changed == payload) std::abort();
  const std::string type = kPayloadType;
  const std::string signature = Base64Encode(
      draft.signer->Sign(absl::StrCat("DSSEv1 ", type.size(), " ", type, " ", changed.size(), " ", changed)));
  files.ledger.AddRaw(absl::StrCat(R"({"payload":")", Base64Encode(changed), R"(","payloadType":")", type,
                                   R"(","signatures":[{"keyid":")", draft.signer->verifier().KeyId(),
                                   R"(","sig":")", signature, R"("}]})"));
  files.ledger.Seal();
  files.Export();
}

// Appends `draft` whatever the rules say, seals and exports: a coordinator that signs it all.
void AddBad(CaseFiles& files, const Draft& draft) {
  files.ledger.Add(draft).IgnoreError();
  files.ledger.Seal();
  files.Export();
}

std::vector<LedgerCase> GoodCases() {
  return {
      {"WholeLedger", "", "", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.Export();
         files.kept = {files.ledger.checkpoints()[0]};
       }},
      {"LedgerOf600Entries", "", "", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.GrowTo(600);
       }},
      {"CosignedByAQuorum", "", "", Layer::kTree,
       [](CaseFiles& files) {
         WithPolicy(files, 2);
         files.ledger.Cosign({kUk, kCn});
         files.Export();
       }},
      {"OneWitnessADayAheadAndTwoAreEnough", "", "", Layer::kTree,
       [](CaseFiles& files) {
         WithPolicy(files, 2);
         files.ledger.Cosign({kUk}, kNoon + 86'400);
         files.ledger.Cosign({kCn});
         ledger::ExportSource source = files.ledger.Source();
         CosignByUniversity(source);
         files.Export(source);
       }},
      {"EveryKindAndRotatedKeys", "", "", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         const SampleChanges changes(files.ledger);
         AddChanges(files.ledger, changes);
         files.ledger.Seal(changes.new_log());
         ledger::ExportSource source = files.ledger.Source();
         source.keys.log_vkeys.push_back(changes.new_log().verifier().ToString());
         files.log_keys.push_back(changes.new_log().verifier());
         files.entry_keys = files.ledger.rules().keys().EntryKeys();
         source.keys.policy = files.ledger.rules().policies().at(20);
         files.Export(source);
       }},
  };
}

std::vector<LedgerCase> DamagedFiles() {
  return {
      {"RowEdited", "root", "entries hash to", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.Export();
         const std::string& good = files.ledger.entries()[9];
         std::string edited = good;
         edited[20] = edited[20] == 'A' ? 'B' : 'A';
         files.Write(kBundle, absl::StrReplaceAll(files.Read(kBundle), {{good, edited}}));
       }},
      {"TileBitFlipped", "tiles", "tile/0/000.p/17", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.Export();
         std::string tile = files.Read("tile/0/000.p/17");
         tile[33] ^= 1;
         files.Write("tile/0/000.p/17", tile);
       }},
      {"TileMissing", "tiles", "tile/1/000.p/1 is missing", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.GrowTo(300);
         std::filesystem::remove(files.folder + "/tile/1/000.p/1");
       }},
      {"BundleMissing", "entries", "tile/entries/001.p/44", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.GrowTo(300);
         std::filesystem::remove(files.folder + "/tile/entries/001.p/44");
       }},
      {"CheckpointOfAnotherRoot", "root", "entries hash to", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.Export();
         files.Write("checkpoint",
                     ledger::SignCheckpoint({kOrigin, 17, Sha256Of("no root")}, files.ledger.log_key()));
       }},
      {"CheckpointInAnotherSpellingOfBase64", "checkpoint", "", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.Export();
         std::string note = files.Read("checkpoint");
         const size_t end = note.rfind('=');  // the signature's 68 bytes end in stray bits before it
         note[end - 1] = static_cast<char>(note[end - 1] + 1);
         files.Write("checkpoint", note);
       }},
  };
}

std::vector<LedgerCase> RewrittenHistories() {
  return {
      {"RowsRebuiltAndSignedAgain", "consistency", "history was changed", Layer::kTree,
       [](CaseFiles& files) {
         Rebuild(files.ledger, 17);
         files.Export();
         KeepTheTruth(files);
       }},
      {"EntryRemovedAndSignedAgain", "consistency", "history was changed", Layer::kTree,
       [](CaseFiles& files) {  // all but leaf 13, an evaluation, as if it had never come
         SampleLedger truth;
         truth.AddAll();
         for (uint64_t i = 0; i < truth.size(); ++i) {
           if (i != 13) files.ledger.AddRaw(truth.entries()[i]);
         }
         files.ledger.AddRaw(truth.Receipt(3));
         files.ledger.Seal();
         files.Export();
         KeepTheTruth(files);
       }},
      {"TreeTruncated", "consistency", "covers 17 entries, this ledger has 8", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         files.Export();
         KeepTheTruth(files);
       }},
      {"ForkedView", "consistency", "history was changed", Layer::kTree,
       [](CaseFiles& files) {  // went on to 30 on its own branch
         Rebuild(files.ledger, 30);
         files.Export();
         KeepTheTruth(files);
       }},
      {"KeptCheckpointOfAnotherLog", "consistency", "", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         files.Export();
         files.kept = {ledger::SignCheckpoint({"ledger.other/music", 1, Sha256Of("root")},
                                              SigningKey::Generate("ledger.other/music"))};
       }},
  };
}

std::vector<LedgerCase> StolenAndForeignKeys() {
  return {
      {"ForeignLogKeyOfTheSameName", "checkpoint", "no signature of a trusted key", Layer::kTree,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         const SigningKey foreign = SigningKey::Generate(kOrigin);
         files.ledger.Seal(foreign);
         ledger::ExportSource source = files.ledger.Source();
         source.checkpoints = {source.checkpoints.back()};
         source.keys.log_vkeys = {foreign.verifier().ToString()};
         files.Export(source);
       }},
      {"StolenLogKeyWithoutWitnesses", "quorum", "", Layer::kTree,
       [](CaseFiles& files) {
         WithPolicy(files, 2);
         files.Export();
       }},
      {"TooFewWitnesses", "quorum", "", Layer::kTree,
       [](CaseFiles& files) {
         WithPolicy(files, 2);
         files.ledger.Cosign({kUk});
         files.Export();
       }},
      {"CosignatureOverAnotherText", "checkpoint", "", Layer::kTree,
       [](CaseFiles& files) {
         WithPolicy(files, 2);
         files.ledger.Cosign({kUk});
         files.Export();
         std::string note = files.Read("checkpoint");
         SampleLedger older;
         older.AddUntilRoundOpen();
         const std::string line =
             ledger::CosignatureLine(ledger::ParseNote(older.checkpoints()[0])->text,
                                     files.ledger.archive(kCn).mirror, absl::FromUnixSeconds(kNoon));
         files.Write("checkpoint", ledger::WithSignatures(note, {line}).value());
       }},
      {"ClocksAheadOfAllButOne", "quorum", "", Layer::kTree,
       [](CaseFiles& files) {
         WithPolicy(files, 2);
         files.ledger.Cosign({kUk}, kNoon + 86'400);
         files.ledger.Cosign({kCn});
         files.Export();
       }},
      {"CosignedByAnArchiveThatWasRevoked", "quorum", "", Layer::kRulesOfState,
       [](CaseFiles& files) {
         WithPolicy(files, 2);
         files.ledger.AddGood(files.ledger.Revoke(kCn));
         files.ledger.Seal();
         files.ledger.Cosign({kUk, kCn});
         files.Export();
       }},
      {"OldLogKeyAfterItsRevocation", "checkpoint", "", Layer::kRulesOfState,
       [](CaseFiles& files) {
         files.ledger.AddAll();
         AddChanges(files.ledger, SampleChanges(files.ledger));  // leaf 21 revokes the first log key
         files.ledger.Seal();
         files.entry_keys = files.ledger.rules().keys().EntryKeys();
         ledger::ExportSource source = files.ledger.Source();
         source.keys.policy = files.ledger.rules().policies().at(20);
         files.Export(source);
       }},
      {"ForeignEntryKeyOfTheSameName", "signatures", "entry 8: ", Layer::kEntries,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         const SigningKey foreign = SigningKey::Generate("archive-uk-1.demo/entries");
         Draft draft = files.ledger.Contribution(kUk);
         draft.signer = &foreign;
         AddBad(files, draft);
       }},
      {"StolenEntryKeyAppendsAForgedContribution", "rules",
       "entry 9: node_seq 2 of archive archive-uk-1 was used", Layer::kRulesOfState,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         Draft forged = files.ledger.Contribution(kUk);  // the archive's own is next, and has the number too
         const Draft own = files.ledger.Contribution(kUk);
         forged.predicate["update_digest"] = SampleDigest("forged update");
         forged.subjects[0].sha256 = SampleDigest("forged update");
         files.ledger.AddGood(forged);
         AddBad(files, own);
       }},
      {"OldEntryKeyAfterItsRotation", "rules", "entry 9: ", Layer::kRulesOfState,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         const SampleChanges changes(files.ledger);
         files.ledger.AddGood(changes.Rotate(kUk, "entries"));
         files.entry_keys = files.ledger.rules().keys().EntryKeys();
         AddBad(files, files.ledger.Contribution(kUk));
       }},
      {"EntryKeyAfterItsRevocation", "rules", "entry 9: entry is signed by a key after its key-revoke",
       Layer::kRulesOfState,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         files.ledger.AddGood(files.ledger.Revoke(kUk));
         AddBad(files, files.ledger.Contribution(kUk));
       }},
  };
}

std::vector<LedgerCase> BadEntries() {
  return {
      {"EntryRepeated", "replay", "entry 8 repeats entry 4", Layer::kEntries,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         files.ledger.AddRaw(files.ledger.entries()[4]);
         files.ledger.Seal();
         files.Export();
       }},
      {"EntryOfTheFormatsLargestSize", "signatures", "entry 8: ", Layer::kEntries,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         files.ledger.AddRaw(std::string(65'535, 'x'));
         files.ledger.Seal();
         files.Export();
       }},
      {"FloatInAnEntry", "signatures", "entry 9: ", Layer::kEntries,
       [](CaseFiles& files) { AddSpelled(files, "\"weight\":420", "\"weight\":420.5"); }},
      {"DuplicateNameInAnEntry", "signatures", "entry 9: JSON object repeats", Layer::kEntries,
       [](CaseFiles& files) { AddSpelled(files, "\"weight\":420", "\"weight\":420,\"weight\":420"); }},
      {"LoneSurrogateInAnEntry", "signatures", "entry 9: ", Layer::kEntries,
       [](CaseFiles& files) { AddSpelled(files, "\"mode\":\"plain\"", "\"mode\":\"\\udc00\""); }},
      {"SpaceInAnEntry", "signatures", "RFC 8785", Layer::kEntries,
       [](CaseFiles& files) { AddSpelled(files, "\"round\":1", "\"round\": 1"); }},
      {"OtherBase64InAnEntry", "signatures", "entry 8: base64 text is not in its one canonical spelling",
       Layer::kEntries,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         std::string envelope = files.ledger.entries()[4];
         const size_t end = envelope.rfind("==\"");
         envelope[end - 1] = static_cast<char>(envelope[end - 1] + 1);  // stray bits of the same signature
         files.ledger.AddRaw(envelope);
         files.ledger.Seal();
         files.Export();
       }},
      {"ReplayFromAnOlderRound", "rules", "entry 13: ", Layer::kRulesOfState,
       [](CaseFiles&
              files) {  // signed anew, for a round that is aggregated: no claim, so a decision accepts it
         files.ledger.AddUntilRoundOpen();
         files.ledger.AddGood(files.ledger.Contribution(kUk));  // 8
         files.ledger.AddGood(files.ledger.Decision(kUk, 8));   // 9
         Draft aggregation = files.ledger.Aggregation({8});
         aggregation.predicate["weight_total"] = 420;
         aggregation.predicate["absent"] = {{{"archive", kCn}, {"state", "late"}, {"reason", "deadline"}}};
         files.ledger.AddGood(aggregation);                     // 10
         files.ledger.AddGood(files.ledger.Contribution(kCn));  // 11: without effect
         files.ledger.AddGood(SampleChanges(files.ledger).Incident());
         AddBad(files, files.ledger.Decision(kCn, 11));  // 13
       }},
      {"AggregationOfWhatWasNotAccepted", "rules", "entry 10: aggregation uses a contribution",
       Layer::kRulesOfState,
       [](CaseFiles& files) {
         files.ledger.AddUntilRoundOpen();
         files.ledger.AddGood(files.ledger.Contribution(kUk));
         files.ledger.AddGood(files.ledger.Contribution(kCn));
         AddBad(files, files.ledger.Aggregation({8, 9}));
       }},
  };
}

}  // namespace

CaseFiles::CaseFiles(std::string into) : folder(std::move(into)) {
  log_keys = {ledger.log_key().verifier()};
  entry_keys = ledger.entry_keys();
}

void CaseFiles::Export() { Export(ledger.Source()); }

void CaseFiles::Export(const ledger::ExportSource& source) {
  const absl::Status status = ledger::WriteExport(source, folder);
  if (status.ok()) return;
  std::fprintf(stderr, "the case cannot be written: %s\n", status.ToString().c_str());
  std::abort();
}

std::string CaseFiles::Read(const std::string& path) const { return ReadFileOrDie(folder + "/" + path); }
void CaseFiles::Write(const std::string& path, const std::string& bytes) const {
  WriteFileOrDie(folder + "/" + path, bytes);
}

void CaseFiles::GrowTo(uint64_t size) {
  while (ledger.size() < size) {
    Draft draft = SampleChanges(ledger).Incident();
    draft.predicate["number"] = ledger.size();
    ledger.AddGood(draft);
  }
  ledger.Seal();
  Export();
}

const std::vector<LedgerCase>& LedgerCases() {
  static const auto* const cases = [] {
    auto* all = new std::vector<LedgerCase>();
    for (std::vector<LedgerCase> (*some)() :
         {GoodCases, DamagedFiles, RewrittenHistories, StolenAndForeignKeys, BadEntries}) {
      for (LedgerCase& each : some()) all->push_back(std::move(each));
    }
    return all;
  }();
  return *cases;
}

}  // namespace consort::testing
