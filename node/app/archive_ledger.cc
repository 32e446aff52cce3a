#include "node/app/archive_ledger.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/key_possession.h"
#include "common/status/macros.h"
#include "node/daemon/own_rotation.h"

namespace consort::node {
namespace {

absl::StatusOr<std::vector<SigningKey>> LoadEvery(const NodeConfig& config, const std::string& purpose,
                                                  KeyAlgorithm algorithm) {
  const KeySource source = config.keys();
  const std::string name = ledger::ArchiveKeyName(config.archive, config.federation, purpose);
  std::vector<SigningKey> keys;
  ASSIGN_OR_RETURN(const std::vector<std::string> files, source.FilesOf(purpose));
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(SigningKey key, source.Load(file, name, algorithm));
    keys.push_back(std::move(key));
  }
  if (!keys.empty()) return keys;
  return absl::NotFoundError(absl::StrCat("the archive's key is not there; restore the keys folder: ",
                                          purpose, ".key in ", config.keys_directory));
}

}  // namespace

absl::StatusOr<ArchiveKeys> LoadArchiveKeys(const NodeConfig& config) {
  ArchiveKeys keys;
  ASSIGN_OR_RETURN(keys.entries, LoadEvery(config, "entries", KeyAlgorithm::kEd25519));
  ASSIGN_OR_RETURN(keys.mirror, LoadEvery(config, "mirror", KeyAlgorithm::kCosignatureV1));
  return keys;
}

absl::StatusOr<LedgerTrust> PinnedTrust(const NodeConfig& config) {
  ASSIGN_OR_RETURN(const VerifierKey log_key, VerifierKey::Parse(config.log_vkey));
  ASSIGN_OR_RETURN(const VerifierKey entry_key, VerifierKey::Parse(config.entry_vkey));
  return LedgerTrust{config.archive, config.origin(), config.project, {log_key}, {entry_key}};
}

absl::StatusOr<std::unique_ptr<ArchiveLedger>> OpenArchiveLedger(const NodeConfig& config,
                                                                 EntrySource& source) {
  auto opened = std::make_unique<ArchiveLedger>();
  const std::string directory = config.state_directory + "/ledger";
  const std::string entries = config.state_directory + "/entries";
  ASSIGN_OR_RETURN(opened->trust, PinnedTrust(config));
  ASSIGN_OR_RETURN(opened->keys, LoadArchiveKeys(config));
  ASSIGN_OR_RETURN(opened->incidents, Incidents::Open(directory + "/incidents"));
  for (const SigningKey& key : opened->keys.entries) opened->own_keys.entries.push_back(&key);
  for (const SigningKey& key : opened->keys.mirror) opened->own_keys.mirror.push_back(&key);
  ASSIGN_OR_RETURN(
      opened->witness,
      Witness::Open({.directory = directory,
                     .entries_directory = entries,
                     .archive = config.archive,
                     .trust = {config.origin(), opened->trust.log_keys, opened->trust.coordinator_entry_keys},
                     .mirror_keys = opened->own_keys.mirror,
                     .source = source,
                     .incidents = *opened->incidents,
                     .now = absl::Now}));
  const WitnessFacts facts = opened->witness->Facts();
  ASSIGN_OR_RETURN(HeadKeeper heads, HeadKeeper::Open({.directory = directory,
                                                       .origin = config.origin(),
                                                       .log_keys = facts.every_log_key,
                                                       .incidents = *opened->incidents,
                                                       .now = absl::Now}));
  opened->heads = std::make_unique<HeadKeeper>(std::move(heads));
  ASSIGN_OR_RETURN(
      EntrySigner signer,
      EntrySigner::Open(entries, {config.archive, config.origin(), config.project},
                        EntryKeyInUse(opened->own_keys.entries, config.state_directory, facts.entry_keyid)));
  opened->signer = std::make_unique<EntrySigner>(std::move(signer));
  return opened;
}

}  // namespace consort::node
