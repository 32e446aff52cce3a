// The coordinator's private keys: which of the files holds the keys that the ledger says are in force.
#ifndef CONSORT_COORDINATOR_APP_KEYS_H_
#define CONSORT_COORDINATOR_APP_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/certificate.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/key_book.h"
#include "common/sync/executor.h"
#include "coordinator/app/coordinator_config.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct CoordinatorKeys {
  CertificateAuthority authority;
  std::vector<SigningKey> log;  // in force, the oldest first; two while a rotation overlaps
  SigningKey entries;           // in force
};

// Chooses by verifier key, never by file name: log.key, log-2.key, ... and entries.key, entries-2.key, ...
// may hold replaced keys, and keys of a rotation that was cut off. Of a new ledger log.key and entries.key.
// Errors: FailedPrecondition if no file holds a key that is in force, naming the key; those of KeySource and
// of the store.
absl::StatusOr<CoordinatorKeys> LoadCoordinatorKeys(const CoordinatorConfig& config, Store& store);

// Opens the sequencer that signs with all of `keys`, which it borrows like the rest. Errors: as
// Sequencer::Open.
absl::StatusOr<std::unique_ptr<Sequencer>> OpenSequencer(const CoordinatorConfig& config, Store& store,
                                                         const CoordinatorKeys& keys, Executor& executor);

struct KeyOnFile {
  std::string file;
  std::unique_ptr<SigningKey> key;
};
// Every key that a file holds, in force or not. `purpose`: kLog or kEntries. Errors: those of KeySource.
absl::StatusOr<std::vector<KeyOnFile>> KeysOnFile(const CoordinatorConfig& config,
                                                  ledger::KeyPurpose purpose);

// The ledger's keys as its leaves name them. Errors: as ReadKeyBook.
absl::StatusOr<ledger::KeyBook> KeyBookOf(Store& store);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_KEYS_H_
