#include "coordinator/app/keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/crypto/key_source.h"
#include "common/status/macros.h"
#include "coordinator/enrol/ledger_keys.h"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;

std::string NameOf(const CoordinatorConfig& config, KeyPurpose purpose) {
  return purpose == KeyPurpose::kLog ? config.identity().origin : config.entry_key_name();
}

// The coordinator's keys of a purpose that count now, the oldest first.
std::vector<VerifierKey> InForce(const KeyBook& book, KeyPurpose purpose) {
  std::vector<VerifierKey> keys;
  for (const KeyBook::Known& known : book.keys()) {
    if (known.owner == "coordinator" && known.purpose == purpose && known.in_force())
      keys.push_back(known.key);
  }
  return keys;
}

absl::StatusOr<std::vector<SigningKey>> LoadInForce(const CoordinatorConfig& config, const KeyBook& book,
                                                    KeyPurpose purpose) {
  std::vector<SigningKey> loaded;
  ASSIGN_OR_RETURN(std::vector<KeyOnFile> on_file, KeysOnFile(config, purpose));
  for (const VerifierKey& wanted : InForce(book, purpose)) {
    const auto found = std::find_if(on_file.begin(), on_file.end(), [&](const KeyOnFile& candidate) {
      return candidate.key != nullptr && candidate.key->verifier() == wanted;
    });
    if (found == on_file.end()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "no key file holds a key that the ledger says is in force; put the newest copy of the keys folder "
          "in place: ",
          ledger::PurposeName(purpose), " key ", wanted.ToString(), ", folder ", config.keys_directory));
    }
    loaded.push_back(std::move(*found->key));
    found->key = nullptr;
  }
  return loaded;
}

}  // namespace

absl::StatusOr<std::vector<KeyOnFile>> KeysOnFile(const CoordinatorConfig& config, KeyPurpose purpose) {
  const KeySource source = config.keys();
  ASSIGN_OR_RETURN(const std::vector<std::string> files, source.FilesOf(ledger::PurposeName(purpose)));
  std::vector<KeyOnFile> keys;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(SigningKey key, source.Load(file, NameOf(config, purpose)));
    keys.push_back({file, std::make_unique<SigningKey>(std::move(key))});
  }
  return keys;
}

absl::StatusOr<KeyBook> KeyBookOf(Store& store) {
  KeyBook book;
  RETURN_IF_ERROR(store.Transact([&book](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(book, ReadKeyBook(transaction));
    return absl::OkStatus();
  }));
  return book;
}

absl::StatusOr<CoordinatorKeys> LoadCoordinatorKeys(const CoordinatorConfig& config, Store& store) {
  const KeySource source = config.keys();
  ASSIGN_OR_RETURN(const std::string ca_pem, ReadPublicFile(config.Key("ca.pem")));
  ASSIGN_OR_RETURN(const std::string ca_key, source.ReadPem("ca.key"));
  ASSIGN_OR_RETURN(CertificateAuthority authority, CertificateAuthority::FromPem(ca_pem, ca_key));
  ASSIGN_OR_RETURN(KeyBook book, KeyBookOf(store));
  if (book.keys().empty()) {  // of a ledger that is about to begin
    ASSIGN_OR_RETURN(SigningKey entries, source.Load("entries.key", NameOf(config, KeyPurpose::kEntries)));
    ASSIGN_OR_RETURN(SigningKey log, source.Load("log.key", NameOf(config, KeyPurpose::kLog)));
    CoordinatorKeys keys{std::move(authority), {}, std::move(entries)};
    keys.log.push_back(std::move(log));
    return keys;
  }
  ASSIGN_OR_RETURN(std::vector<SigningKey> log, LoadInForce(config, book, KeyPurpose::kLog));
  ASSIGN_OR_RETURN(std::vector<SigningKey> entries, LoadInForce(config, book, KeyPurpose::kEntries));
  if (log.empty() || entries.empty()) {
    return absl::DataLossError("ledger-damaged: no leaf names the coordinator's keys; restore a backup");
  }
  return CoordinatorKeys{std::move(authority), std::move(log), std::move(entries.back())};
}

absl::StatusOr<std::unique_ptr<Sequencer>> OpenSequencer(const CoordinatorConfig& config, Store& store,
                                                         const CoordinatorKeys& keys, Executor& executor) {
  ASSIGN_OR_RETURN(std::unique_ptr<Sequencer> sequencer,
                   Sequencer::Open(store, config.identity(), keys.log.front(), keys.entries, executor));
  for (size_t i = 1; i < keys.log.size(); ++i) sequencer->AlsoSignWith(keys.log[i]);
  return sequencer;
}

}  // namespace consort::coordinator
