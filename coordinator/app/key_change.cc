#include "coordinator/app/key_change.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/key_rotation.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;
using ledger::Kind;

absl::StatusOr<Appended> Append(Store& store, Sequencer& sequencer, Kind kind, const VerifierKey& about,
                                const nlohmann::json& predicate) {
  Appended appended;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(
        appended, sequencer.AppendOwn(transaction, kind, {{"key/coordinator", Sha256Hex(about.public_key())}},
                                      predicate));
    return absl::OkStatus();
  }));
  return appended;
}

}  // namespace

absl::StatusOr<KeyOnFile> MakeSuccessor(const CoordinatorConfig& config, const KeyBook& book,
                                        KeyPurpose purpose) {
  ASSIGN_OR_RETURN(std::vector<KeyOnFile> on_file, KeysOnFile(config, purpose));
  for (KeyOnFile& candidate : on_file) {
    if (!book.HasPublicKey(candidate.key->verifier())) return std::move(candidate);
  }
  const KeySource source = config.keys();
  KeyOnFile made;
  ASSIGN_OR_RETURN(made.file, source.NextFileOf(ledger::PurposeName(purpose)));
  made.key = std::make_unique<SigningKey>(
      SigningKey::Generate(purpose == KeyPurpose::kLog ? config.identity().origin : config.entry_key_name()));
  RETURN_IF_ERROR(source.Save(*made.key, made.file));
  return made;
}

absl::StatusOr<Appended> AppendRotation(Store& store, Sequencer& sequencer, const CoordinatorKeys& keys,
                                        KeyPurpose purpose, const SigningKey& successor) {
  if (purpose == KeyPurpose::kLog && keys.log.size() > 1) {
    return absl::FailedPreconditionError(
        "two log keys are in force already; retire the older one first: keys retire log");
  }
  const SigningKey& old = purpose == KeyPurpose::kLog ? keys.log.back() : keys.entries;
  const std::string word(ledger::PurposeName(purpose));
  const std::string text = ledger::RotationProofText(sequencer.identity().origin, word,
                                                     old.verifier().KeyId(), successor.verifier().KeyId());
  return Append(store, sequencer, Kind::kKeyRotate, successor.verifier(),
                {{"name", "coordinator"},
                 {"purpose", word},
                 {"old_vkey", old.verifier().ToString()},
                 {"new_vkey", successor.verifier().ToString()},
                 {"proof_old", Base64Encode(old.Sign(text))},
                 {"proof_new", Base64Encode(successor.Sign(text))}});
}

absl::StatusOr<Appended> AppendRetirement(Store& store, Sequencer& sequencer, const CoordinatorKeys& keys) {
  if (keys.log.size() < 2) {
    return absl::FailedPreconditionError(
        "one log key is in force, and a log without a key is none; rotate first: keys rotate log");
  }
  const VerifierKey& old = keys.log.front().verifier();
  ASSIGN_OR_RETURN(const std::string fingerprint, keys.authority.Fingerprint());
  return Append(store, sequencer, Kind::kKeyRevoke, old,
                {{"name", "coordinator"},
                 {"role", "coordinator"},
                 {"entries_vkey", keys.entries.verifier().ToString()},
                 {"certificate_sha256", fingerprint},
                 {"reason", "superseded"},
                 {"purpose", "log"},
                 {"vkey", old.ToString()}});
}

}  // namespace consort::coordinator
