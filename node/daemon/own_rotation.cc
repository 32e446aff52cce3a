#include "node/daemon/own_rotation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/digest.h"
#include "common/ledger/key_rotation.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

// KeyId of the entry key that was taken into use; written when the ledger has taken it.
std::string MarkerPath(const std::string& state_directory) { return state_directory + "/entry-key-in-use"; }

bool Names(const std::vector<VerifierKey>& named, const SigningKey& key) {
  return std::any_of(named.begin(), named.end(),
                     [&key](const VerifierKey& known) { return known == key.verifier(); });
}

}  // namespace

const SigningKey& EntryKeyInUse(const std::vector<const SigningKey*>& keys,
                                const std::string& state_directory, const std::string& keyid_in_force) {
  const auto marked = ReadStateFile(MarkerPath(state_directory));
  for (const std::string& keyid : {marked.value_or(""), keyid_in_force}) {
    for (const SigningKey* key : keys) {
      if (key->verifier().KeyId() == keyid) return *key;
    }
  }
  return *keys.front();
}

void OwnRotation::Ask() {
  const std::vector<VerifierKey>& named = witnessing_.facts().own_keys;
  if (named.empty()) return;  // the mirror knows nothing of us yet; a later session will ask
  const auto ask = [&](const std::string& purpose, const std::vector<const SigningKey*>& keys) {
    if (keys.size() < 2 || Names(named, *keys.back())) return;
    const SigningKey* old_key = nullptr;
    for (const SigningKey* key : keys) {
      if (Names(named, *key)) old_key = key;  // the newest of those that the ledger knows
    }
    if (old_key != nullptr) AskFor(purpose, *old_key, *keys.back());
  };
  ask("mirror", parts_.own_keys.mirror);
  if (parts_.own_keys.entries.empty()) return;
  if (&parts_.signer.key() != parts_.own_keys.entries.back()) ask("entries", parts_.own_keys.entries);
}

void OwnRotation::AskFor(const std::string& purpose, const SigningKey& old_key, const SigningKey& new_key) {
  const std::string text = ledger::RotationProofText(settings_.trust.origin, purpose,
                                                     old_key.verifier().KeyId(), new_key.verifier().KeyId());
  const nlohmann::json predicate = {{"name", settings_.trust.archive},
                                    {"purpose", purpose},
                                    {"old_vkey", old_key.verifier().ToString()},
                                    {"new_vkey", new_key.verifier().ToString()},
                                    {"proof_old", Base64Encode(old_key.Sign(text))},
                                    {"proof_new", Base64Encode(new_key.Sign(text))}};
  const EntryDraft draft{
      ledger::Kind::kKeyRotate,
      {{absl::StrCat("key/", settings_.trust.archive), Sha256Hex(new_key.verifier().public_key())}},
      predicate.dump()};
  const std::string id = absl::StrCat("rotate-", purpose, "-", HexEncode(new_key.verifier().id()));
  outlet_.Submit({.store = &parts_.jobs,
                  .id = id,
                  .draft = [draft]() -> absl::StatusOr<EntryDraft> { return draft; },
                  .before = [](const std::string&) { return absl::OkStatus(); },
                  .wrap =
                      [](const std::string& entry) {
                        v1::Envelope envelope;
                        envelope.mutable_key_rotation()->set_envelope(entry);
                        return envelope;
                      },
                  .failed =
                      [purpose](const absl::Status& status) {
                        spdlog::error("the new {} key is not in use: {}", purpose,
                                      std::string(status.message()));
                      },
                  .logged =
                      [this, purpose, &new_key] {
                        spdlog::warn("the ledger has this archive's new {} key", purpose);
                        if (purpose == "entries") TakeIntoUse(new_key);
                      }});
}

// The old key counts for nothing after the leaf that names this one.
void OwnRotation::TakeIntoUse(const SigningKey& key) {
  parts_.signer.UseKey(key);
  const absl::Status kept = WriteFileDurably(MarkerPath(settings_.state_directory), key.verifier().KeyId());
  if (!kept.ok()) spdlog::error("which entry key is in use is not stored: {}", std::string(kept.message()));
}

}  // namespace consort::node
