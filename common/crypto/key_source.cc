#include "common/crypto/key_source.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/key_file.h"
#include "common/crypto/openssl_handles.h"
#include "common/crypto/pem.h"
#include "common/status/macros.h"

namespace consort {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxGeneration = 9'999;  // of one purpose's keys: a key a day for a quarter of a century

absl::Status Naming(const absl::Status& status, const std::string& file) {
  return absl::Status(status.code(), absl::StrCat(status.message(), ": ", file));
}

// Which key of its purpose a file is for: 1 for stem.key, 2 for stem-2.key; 0 if it is none.
int GenerationOf(absl::string_view file, absl::string_view stem) {
  if (!absl::ConsumePrefix(&file, stem) || !absl::ConsumeSuffix(&file, ".key")) return 0;
  if (file.empty()) return 1;
  int generation = 0;
  if (!absl::ConsumePrefix(&file, "-") || !absl::SimpleAtoi(file, &generation)) return 0;
  const bool canonical = absl::StrCat(generation) == file && generation >= 2 && generation <= kMaxGeneration;
  return canonical ? generation : 0;
}

absl::Status AddGenerations(const std::string& folder, absl::string_view stem, std::vector<int>& found) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("read the keys folder ", folder));
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    const int generation = GenerationOf(entries->path().filename().string(), stem);
    if (generation > 0) found.push_back(generation);
    if (error) break;
  }
  return error ? StatusOfErrno(error.value(), absl::StrCat("read the keys folder ", folder))
               : absl::OkStatus();
}

std::string FileOf(absl::string_view stem, int generation) {
  return generation == 1 ? absl::StrCat(stem, ".key") : absl::StrCat(stem, "-", generation, ".key");
}

// Text that is wiped when it is no longer needed.
class Secret {
 public:
  explicit Secret(std::string text) : text_(std::move(text)) {}
  ~Secret() { OPENSSL_cleanse(text_.data(), text_.size()); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string CredentialsDirectory() {
  const char* const value = std::getenv("CREDENTIALS_DIRECTORY");
  return value == nullptr ? "" : value;
}

absl::StatusOr<std::string> KeySource::Read(const std::string& file) const {
  if (!credentials.empty()) {
    absl::StatusOr<std::string> pem = ReadCredentialFile(absl::StrCat(credentials, "/", file));
    if (!absl::IsNotFound(pem.status())) return pem;
  }
  return ReadPrivateFile(absl::StrCat(folder, "/", file));
}

absl::StatusOr<std::string> KeySource::Passphrase() const {
  if (passphrase_file.empty()) return std::string();
  const bool is_credential =
      !credentials.empty() && absl::StartsWith(passphrase_file, absl::StrCat(credentials, "/"));
  ASSIGN_OR_RETURN(std::string text,
                   is_credential ? ReadCredentialFile(passphrase_file) : ReadPrivateFile(passphrase_file));
  if (absl::EndsWith(text, "\n")) text.pop_back();
  if (!text.empty()) return text;
  return absl::InvalidArgumentError(
      absl::StrCat("file of the keys' passphrase is empty; write the passphrase into it: ", passphrase_file));
}

absl::StatusOr<SigningKey> KeySource::Load(const std::string& file, absl::string_view name,
                                           KeyAlgorithm algorithm) const {
  ASSIGN_OR_RETURN(std::string pem, Read(file));
  const Secret held(std::move(pem));
  ASSIGN_OR_RETURN(std::string text, Passphrase());
  const Secret passphrase(std::move(text));
  absl::StatusOr<SigningKey> key = SigningKey::FromPem(held.text(), passphrase.text(), name, algorithm);
  if (key.ok()) return key;
  return Naming(key.status(), file);
}

absl::StatusOr<std::string> KeySource::ReadPem(const std::string& file) const {
  const openssl::ErrorScope errors;
  ASSIGN_OR_RETURN(std::string pem, Read(file));
  const Secret held(std::move(pem));
  ASSIGN_OR_RETURN(std::string text, Passphrase());
  const Secret passphrase(std::move(text));
  const absl::StatusOr<openssl::Key> key = openssl::ParseKey(held.text(), passphrase.text());
  if (!key.ok()) return Naming(key.status(), file);
  return openssl::SpellKey(*key, "");
}

absl::Status KeySource::Save(const SigningKey& key, const std::string& file) const {
  ASSIGN_OR_RETURN(std::string text, Passphrase());
  const Secret passphrase(std::move(text));
  return key.Save(absl::StrCat(folder, "/", file), passphrase.text());
}

absl::Status KeySource::Encrypt(const std::string& file) const {
  const openssl::ErrorScope errors;
  if (passphrase_file.empty()) {
    return absl::FailedPreconditionError(
        "no passphrase is set; name a file that holds one in [keys] passphrase_file");
  }
  const std::string path = absl::StrCat(folder, "/", file);
  ASSIGN_OR_RETURN(std::string pem, ReadPrivateFile(path));
  const Secret held(std::move(pem));
  ASSIGN_OR_RETURN(std::string text, Passphrase());
  const Secret passphrase(std::move(text));
  const absl::StatusOr<openssl::Key> key = openssl::ParseKey(held.text(), passphrase.text());
  if (!key.ok()) return Naming(key.status(), file);
  if (!openssl::ParseKey(held.text()).ok()) return absl::OkStatus();  // this passphrase, and it needs one
  ASSIGN_OR_RETURN(const std::string encrypted, openssl::SpellKey(*key, passphrase.text()));
  return ReplaceFile(path, encrypted, 0600);
}

absl::StatusOr<std::vector<std::string>> KeySource::FilesOf(absl::string_view stem) const {
  std::vector<int> generations;
  RETURN_IF_ERROR(AddGenerations(folder, stem, generations));
  if (!credentials.empty()) RETURN_IF_ERROR(AddGenerations(credentials, stem, generations));
  std::sort(generations.begin(), generations.end());
  generations.erase(std::unique(generations.begin(), generations.end()), generations.end());
  std::vector<std::string> files;
  for (const int generation : generations) files.push_back(FileOf(stem, generation));
  return files;
}

absl::StatusOr<std::string> KeySource::NextFileOf(absl::string_view stem) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(stem));
  return FileOf(stem, files.empty() ? 1 : GenerationOf(files.back(), stem) + 1);
}

std::vector<std::string> KeySource::OtherFolders() const {
  std::vector<std::string> folders;
  if (!credentials.empty()) folders.push_back(credentials);
  if (!passphrase_file.empty()) folders.push_back(fs::path(passphrase_file).parent_path().string());
  return folders;
}

}  // namespace consort
