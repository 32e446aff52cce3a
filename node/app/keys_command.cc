#include "absl/strings/str_cat.h"
#include "common/crypto/key_source.h"
#include "common/ledger/key_possession.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"
#include "node/app/commands.h"
#include "node/app/node_config.h"

namespace consort::node {

absl::Status RunKeysRotate(const KeysOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  const KeySource source = config.keys();
  ASSIGN_OR_RETURN(const std::string file, source.NextFileOf(options.purpose));
  const KeyAlgorithm algorithm =
      options.purpose == "mirror" ? KeyAlgorithm::kCosignatureV1 : KeyAlgorithm::kEd25519;
  const SigningKey key = SigningKey::Generate(
      ledger::ArchiveKeyName(config.archive, config.federation, options.purpose), algorithm);
  RETURN_IF_ERROR(source.Save(key, file));
  PrintNote(Message("node.keys.rotated", {{"file", config.Key(file)}}) + "\n");
  return absl::OkStatus();
}

}  // namespace consort::node
