#include "common/ledger/note_audit.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/crypto/key_file.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/note.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr size_t kMaxCosignaturesBytes = 64 * 1024;

// KeyIds of a note's lines of that name.
std::vector<std::string> SignersNamed(const std::string& note, const std::string& name) {
  std::vector<std::string> keyids;
  const absl::StatusOr<Note> parsed = ParseNote(note);
  if (!parsed.ok()) return keyids;
  for (const NoteSignature& signature : parsed->signatures) {
    if (signature.key_name == name)
      keyids.push_back(absl::StrCat(signature.key_name, "+", HexEncode(signature.key_id)));
  }
  return keyids;
}

}  // namespace

std::string NoteAudit::CheckNewest(const std::string& note) {
  const Checkpoint& newest = subject_.newest;
  const NoteKeys& keys = subject_.keys;
  const auto opened = OpenCheckpoint(note, keys.Newest(newest.size), keys.Witnesses(newest.size));
  if (!opened.ok()) {
    std::string why(opened.status().message());
    if (const absl::Status named = keys.CheckNamed(); !named.ok())
      absl::StrAppend(&why, "; ", named.message());
    for (const std::string& keyid : SignersNamed(note, newest.origin))
      absl::StrAppend(&why, keys.WhyNot(keyid, newest.size));
    findings_.Fail("checkpoint", why);
    return "";
  }
  return absl::StrCat(
      "signed by ", absl::StrJoin(opened->signers, ", ", [&keys](std::string* out, const std::string& keyid) {
        absl::StrAppend(out, keyid, keys.HowTrusted(keyid));
      }));
}

bool NoteAudit::Inconsistent(const std::string& name, const std::string& why) {
  findings_.Fail("consistency", absl::StrCat(name, ": ", why));
  return false;
}

bool NoteAudit::CheckRoot(const std::string& name, const Checkpoint& old) {
  const Checkpoint& newest = subject_.newest;
  if (old.origin != newest.origin) return Inconsistent(name, "it is of another log: " + old.origin);
  if (old.size > newest.size) {
    return Inconsistent(name, absl::StrCat("it covers ", old.size, " entries, this ledger has ", newest.size,
                                           ": the ledger was cut off"));
  }
  const auto root = subject_.tree.Root(old.size);
  if (root.ok() && *root == old.root) return true;
  return Inconsistent(
      name, absl::StrCat("its root at size ", old.size, " is not this ledger's: history was changed"));
}

bool NoteAudit::CheckPrefix(const std::string& name, const std::string& note) {
  const auto read = ReadCheckpoint(note);
  if (!read.ok()) return Inconsistent(name, std::string(read.status().message()));
  const NoteKeys& keys = subject_.keys;
  const auto opened = OpenCheckpoint(note, keys.Older(read->size), keys.Witnesses(read->size));
  if (!opened.ok()) {
    std::string why(opened.status().message());
    for (const std::string& keyid : SignersNamed(note, read->origin))
      absl::StrAppend(&why, keys.WhyNot(keyid, read->size));
    return Inconsistent(name, why);
  }
  return CheckRoot(name, opened->checkpoint);
}

size_t NoteAudit::CheckPublished(uint64_t trusted_size) {
  const std::vector<uint64_t> sizes = PublishedSizes();
  for (const uint64_t size : sizes) {
    const std::string name = absl::StrCat(kCheckpointsFolder, "/", size);
    const auto note = ReadPublicFile(absl::StrCat(subject_.directory, "/", name), kMaxNoteBytes);
    const auto read = note.ok() ? ReadCheckpoint(*note) : note.status();
    if (!read.ok()) {
      Inconsistent(name, std::string(read.status().message()));
    } else if (read->size != size) {
      Inconsistent(name, absl::StrCat("it is of size ", read->size));
    } else if (size < trusted_size) {
      CheckRoot(name, *read);
    } else {
      CheckPrefix(name, *note);
    }
  }
  return sizes.size();
}

std::vector<uint64_t> NoteAudit::PublishedSizes() const {
  std::vector<uint64_t> sizes;
  std::error_code error;
  const std::string folder = absl::StrCat(subject_.directory, "/", kCheckpointsFolder);
  for (auto at = std::filesystem::directory_iterator(folder, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    uint64_t size = 0;
    if (absl::SimpleAtoi(name, &size) && absl::StrCat(size) == name) {
      sizes.push_back(size);
    }
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

absl::StatusOr<OpenedCheckpoint> NoteAudit::OpenCosigned(const std::string& note, uint64_t size) const {
  const auto beside = ReadPublicFile(absl::StrCat(subject_.directory, "/", kCosignaturesFolder, "/", size),
                                     kMaxCosignaturesBytes);
  std::string whole = note;
  if (beside.ok()) {
    const std::vector<std::string> lines = absl::StrSplit(*beside, '\n', absl::SkipEmpty());
    ASSIGN_OR_RETURN(whole, WithSignatures(note, lines));
  }
  return OpenCheckpoint(whole, subject_.keys.Older(size), subject_.keys.Witnesses(size));
}

uint64_t NoteAudit::WitnessedSize(const Policy& policy, const ClockRule& clock) const {
  const std::vector<uint64_t> sizes = PublishedSizes();
  for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
    if (*size > subject_.newest.size) continue;
    const auto note =
        ReadPublicFile(absl::StrCat(subject_.directory, "/", kCheckpointsFolder, "/", *size), kMaxNoteBytes);
    const auto root = subject_.tree.Root(*size);
    if (!note.ok() || !root.ok()) continue;
    const auto opened = OpenCosigned(*note, *size);
    if (opened.ok() && opened->checkpoint.size == *size && opened->checkpoint.root == *root &&
        Judge(policy, opened->cosigned, clock).quorum) {
      return *size;
    }
  }
  return 0;
}

}  // namespace consort::ledger
