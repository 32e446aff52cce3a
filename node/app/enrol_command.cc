#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/certificate.h"
#include "common/crypto/digest.h"
#include "common/crypto/key_file.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/key_possession.h"
#include "common/messages/message_catalogue.h"
#include "common/rpc/invitation.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"
#include "node/app/commands.h"
#include "node/app/consent_question.h"
#include "node/app/node_config.h"
#include "node/app/trainer_file.h"
#include "node/rpc/enrolment_client.h"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

// What a board usually agrees to for a first project; the file says how to change it.
constexpr uint64_t kDefaultMaxUpdateBytes = 256 << 20;
constexpr uint32_t kDefaultMaxRounds = 100;
std::vector<std::string> DefaultPurposes() { return {"train.generative"}; }

// The three folders of an archive: each belongs to somebody else in production.
struct Folders {
  std::string root;
  std::string node() const { return root + "/node"; }
  std::string trainer() const { return root + "/trainer"; }
  std::string staff() const { return root + "/staff"; }
  std::string keys() const { return node(); }
  std::string config() const { return node() + "/node.toml"; }
  std::string trainer_config() const { return trainer() + "/trainer.toml"; }
};

absl::StatusOr<std::string> Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return StatusOfErrno(error.value(), "finding the whole path of a folder");
  const std::string text = absolute.lexically_normal().string();
  return text.size() > 1 && text.back() == '/' ? text.substr(0, text.size() - 1) : text;
}

absl::Status CheckFolder(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("the folder of recordings is not there; check --recordings: ", path));
}

// consort-trainer beside the running program; its bare name if the system does not say where we are.
std::string TrainerBesideUs() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "/usr/bin/consort-trainer" : (self.parent_path() / "consort-trainer").string();
}

// A key that an earlier attempt made, or a new one.
absl::StatusOr<SigningKey> KeyAt(const std::string& path, const std::string& name, KeyAlgorithm algorithm) {
  auto loaded = SigningKey::Load(path, name, algorithm);
  if (!absl::IsNotFound(loaded.status())) return loaded;
  SigningKey key = SigningKey::Generate(name, algorithm);
  RETURN_IF_ERROR(key.Save(path));
  return key;
}

absl::StatusOr<std::string> TlsKeyAt(const std::string& path) {
  auto loaded = ReadPrivateFile(path);
  if (!absl::IsNotFound(loaded.status())) return loaded;
  ASSIGN_OR_RETURN(std::string pem, GenerateTlsKeyPem());
  RETURN_IF_ERROR(WriteNewFile(path, pem, 0600));
  return pem;
}

absl::StatusOr<v1::EnrolRequest> MakeRequest(const Invitation& invitation, const Folders& folders) {
  v1::EnrolRequest request;
  request.set_token(invitation.token);
  request.set_name(invitation.name);
  ASSIGN_OR_RETURN(const std::string tls_key, TlsKeyAt(folders.keys() + "/tls.key"));
  ASSIGN_OR_RETURN(const std::string csr, MakeCertificateRequest(tls_key));
  request.set_csr_pem(csr);
  for (const absl::string_view purpose : ledger::kKeyPurposes) {
    const std::string folder = purpose == "approval" ? folders.staff() : folders.keys();
    const KeyAlgorithm algorithm =
        purpose == "mirror" ? KeyAlgorithm::kCosignatureV1 : KeyAlgorithm::kEd25519;
    ASSIGN_OR_RETURN(
        const SigningKey key,
        KeyAt(absl::StrCat(folder, "/", purpose, ".key"),
              ledger::ArchiveKeyName(invitation.name, invitation.federation, purpose), algorithm));
    v1::KeyProof& proof = *request.add_keys();
    proof.set_purpose(std::string(purpose));
    proof.set_public_key(key.verifier().public_key());
    proof.set_signature(
        key.Sign(ledger::EnrolmentProofText(purpose, invitation.name, Sha256Hex(invitation.token))));
  }
  return request;
}

// The coordinator is authenticated, but what it answers is kept for years: check that it fits together.
absl::Status CheckResponse(const v1::EnrolResponse& response, const Invitation& invitation) {
  const auto wrong = [](absl::string_view what) {
    return absl::DataLossError(absl::StrCat("the coordinator's answer does not fit the invitation: ", what));
  };
  ASSIGN_OR_RETURN(const CertificateFacts authority, ReadCertificate(response.ca_pem()));
  if (authority.fingerprint != invitation.ca_fingerprint) return wrong("the authority is another one");
  RETURN_IF_ERROR(VerifyChain(response.certificate_pem(), response.ca_pem(), absl::Now()));
  ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(response.certificate_pem()));
  const MemberId expected{invitation.federation, v1::ROLE_ARCHIVE, invitation.name};
  if (facts.spiffe_id != expected.ToSpiffeId()) return wrong("the certificate is for somebody else");
  if (response.federation() != invitation.federation) return wrong("the federation is another one");
  const std::string origin = absl::StrCat("ledger.", response.federation(), "/", response.project());
  ASSIGN_OR_RETURN(const VerifierKey log, VerifierKey::Parse(response.log_vkey()));
  if (response.ledger_origin() != origin || log.name() != origin)
    return wrong("the ledger's name is not its own");
  return VerifierKey::Parse(response.coordinator_entry_vkey()).status();
}

// The operator's act, or nothing: a flag, or an answer at the terminal.
bool ConsentDeclared(const EnrolOptions& options, const std::string& recordings) {
  if (!options.consent.empty()) return options.consent == kDeclaredByOperator;
  return CanAskOperator() && AskForConsent(recordings, DefaultPurposes(), std::cin, std::cerr);
}

NodeConfig ConfigFor(const v1::EnrolResponse& response, const Invitation& invitation,
                     const EnrolOptions& options, const Folders& folders) {
  NodeConfig config;
  config.archive = invitation.name;
  config.federation = response.federation();
  config.project = response.project();
  config.address = invitation.address;
  config.log_vkey = response.log_vkey();
  config.entry_vkey = response.coordinator_entry_vkey();
  config.proxy = options.proxy;
  config.state_directory = folders.node() + "/state";
  config.keys_directory = folders.keys();
  config.policy.purposes = DefaultPurposes();
  config.policy.max_update_bytes = kDefaultMaxUpdateBytes;
  config.policy.max_rounds = kDefaultMaxRounds;
  config.trainer_socket = folders.node() + "/state/trainer.sock";
  config.trainer_program = options.trainer_program.empty() ? TrainerBesideUs() : options.trainer_program;
  config.trainer_config = folders.trainer_config();
  config.control_socket = folders.node() + "/state/control.sock";
  config.log_level = "info";
  return config;
}

}  // namespace

absl::Status RunEnrol(const EnrolOptions& options) {
  ASSIGN_OR_RETURN(const Invitation invitation, ParseInvitation(options.invitation));
  if (invitation.role != v1::ROLE_ARCHIVE) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the invitation is for another role; use the consort command: ", RoleWord(invitation.role)));
  }
  if (absl::FromUnixSeconds(invitation.expires_unix_seconds) < absl::Now()) {
    return absl::UnauthenticatedError(
        absl::StrCat("the invitation has expired; ask the operator for another: ",
                     UtcText(absl::FromUnixSeconds(invitation.expires_unix_seconds))));
  }
  Folders folders;
  ASSIGN_OR_RETURN(folders.root, Absolute(options.directory));
  ASSIGN_OR_RETURN(const std::string recordings, Absolute(options.recordings));
  RETURN_IF_ERROR(CheckFolder(recordings));
  ASSIGN_OR_RETURN(const std::string listening,
                   options.listening.empty() ? folders.root + "/listening" : Absolute(options.listening));
  if (access(folders.config().c_str(), F_OK) == 0) {
    return absl::AlreadyExistsError(
        absl::StrCat("this archive is enrolled; use another --directory: ", folders.config()));
  }
  for (const std::string& folder : {folders.keys(), folders.node() + "/state", folders.trainer() + "/state",
                                    folders.staff(), listening}) {
    RETURN_IF_ERROR(MakeDirectory(folder));
  }
  // Everything that can fail here is tried before the invitation is used up.
  const bool consent_declared = ConsentDeclared(options, recordings);
  ASSIGN_OR_RETURN(const std::string trainer_toml,
                   FormatTrainerFile({recordings, folders.trainer() + "/state", listening, options.traditions,
                                      consent_declared}));
  RETURN_IF_ERROR(WriteFileDurably(folders.trainer_config(), trainer_toml));
  ASSIGN_OR_RETURN(const v1::EnrolRequest request, MakeRequest(invitation, folders));

  ASSIGN_OR_RETURN(const v1::EnrolResponse response, Enrol(invitation, request, options.proxy));
  RETURN_IF_ERROR(CheckResponse(response, invitation));
  RETURN_IF_ERROR(WriteFileDurably(folders.keys() + "/tls.pem", response.certificate_pem()));
  RETURN_IF_ERROR(WriteFileDurably(folders.keys() + "/ca.pem", response.ca_pem()));
  // Last: from here on the archive is enrolled.
  RETURN_IF_ERROR(WriteFileDurably(folders.config(),
                                   FormatNodeConfig(ConfigFor(response, invitation, options, folders))));
  PrintNote(Message("node.enrolled", {{"archive", invitation.name},
                                      {"federation", response.federation()},
                                      {"entry", absl::StrCat(response.ledger_index())},
                                      {"config", folders.config()}}));
  PrintNote("\n");
  if (!consent_declared) {
    PrintNote(Message("node.enrol.consent.missing", {{"purposes", absl::StrJoin(DefaultPurposes(), ", ")},
                                                     {"file", folders.trainer_config()}}));
    PrintNote("\n");
  }
  return absl::OkStatus();
}

}  // namespace consort::node
