#include "node/trainer/evaluation/listening_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "node/trainer/audio/wav_file.h"
#include "node/trainer/evaluation/png_file.h"
#include "node/trainer/evaluation/spectrogram_picture.h"

namespace consort::trainer {
namespace {

constexpr mode_t kFolderMode = 0750;
constexpr mode_t kFileMode = 0640;

std::string FileNameFrom(absl::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool kept = absl::ascii_isalnum(c) || c == '-' || c == '_' || !absl::ascii_isascii(c);
    name.push_back(kept ? c : '-');
  }
  return name.empty() ? "unnamed" : name;
}

// Modes are set outright: the process's umask must not decide whether staff can listen.
absl::Status MakeFolder(const std::string& path) {
  constexpr char kDoing[] = "cannot make a listening folder; check [listening] directory";
  if (mkdir(path.c_str(), kFolderMode) == 0) {
    return chmod(path.c_str(), kFolderMode) == 0 ? absl::OkStatus() : StatusOfErrno(errno, kDoing);
  }
  return errno == EEXIST ? absl::OkStatus() : StatusOfErrno(errno, kDoing);
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC, kFileMode));
  if (fchmod(file.get(), kFileMode) != 0) return StatusOfErrno(errno, "cannot set a listening file's mode");
  return WriteAt(file, 0, bytes);
}

}  // namespace

absl::StatusOr<ListeningFolder> ListeningFolder::Create(const std::string& directory,
                                                        absl::string_view job_name, int round) {
  const std::string job = absl::StrCat(directory, "/", FileNameFrom(job_name));
  const std::string folder = absl::StrFormat("%s/round-%03d", job, round);
  RETURN_IF_ERROR(MakeFolder(directory));
  RETURN_IF_ERROR(MakeFolder(job));
  RETURN_IF_ERROR(MakeFolder(folder));
  return ListeningFolder(folder, job_name, round);
}

absl::Status ListeningFolder::Write(absl::string_view tradition, int number, const Example& example,
                                    int sample_rate_hz) {
  const std::string stem = absl::StrCat(FileNameFrom(tradition), "-", number);
  const std::string path = absl::StrCat(folder_, "/", stem, "-");
  RETURN_IF_ERROR(WriteFile(path + "original.wav", WavBytes(example.original, sample_rate_hz)));
  RETURN_IF_ERROR(WriteFile(path + "before.wav", WavBytes(example.before, sample_rate_hz)));
  RETURN_IF_ERROR(WriteFile(path + "after.wav", WavBytes(example.after, sample_rate_hz)));
  ASSIGN_OR_RETURN(const Picture picture,
                   DrawSpectrograms(example.original, example.before, example.after, sample_rate_hz));
  ASSIGN_OR_RETURN(const std::string png, PngBytes(picture));
  RETURN_IF_ERROR(WriteFile(path + "pictures.png", png));
  examples_.push_back(
      {std::string(tradition), number, stem, static_cast<double>(example.original.size()) / sample_rate_hz});
  return WriteFile(folder_ + "/index.html", ListeningPage(job_name_, round_, examples_));
}

}  // namespace consort::trainer
