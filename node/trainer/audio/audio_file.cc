#include "node/trainer/audio/audio_file.h"

#include <fcntl.h>
#include <sndfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

constexpr int64_t kBlockFrames = 16384;
constexpr absl::string_view kExtensions[] = {"wav", "wave", "bwf",  "rf64", "w64",  "flac",
                                             "ogg", "oga",  "opus", "mp3",  "aiff", "aif"};

absl::Status Unreadable(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("unreadable: ", why));
}

}  // namespace

bool HasAudioExtension(absl::string_view file_name) {
  const size_t dot = file_name.rfind('.');
  if (dot == absl::string_view::npos || dot == 0) return false;
  const std::string extension = absl::AsciiStrToLower(file_name.substr(dot + 1));
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) != std::end(kExtensions);
}

struct AudioFile::Impl {
  SNDFILE* file = nullptr;
  SF_INFO info = {};
  std::vector<float> block;
  ~Impl() {
    if (file != nullptr) sf_close(file);
  }
};

AudioFile::AudioFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AudioFile::~AudioFile() = default;

absl::StatusOr<std::unique_ptr<AudioFile>> AudioFile::Open(const std::string& path) {
  // Not blocking: a pipe in the folder must not hold the scan up.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return Unreadable("cannot open");
  struct stat facts = {};
  if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    close(descriptor);
    return Unreadable("not a regular file");
  }
  if (facts.st_size == 0) {
    close(descriptor);
    return absl::InvalidArgumentError("empty: no bytes");
  }
  auto impl = std::make_unique<Impl>();
  impl->file = sf_open_fd(descriptor, SFM_READ, &impl->info, /*close_desc=*/SF_TRUE);
  if (impl->file == nullptr) return Unreadable(sf_strerror(nullptr));
  if (impl->info.frames <= 0) return absl::InvalidArgumentError("empty: no samples");
  if (impl->info.samplerate < kMinRateHz || impl->info.samplerate > kMaxRateHz) {
    return absl::InvalidArgumentError(absl::StrCat("unsupported-rate: ", impl->info.samplerate,
                                                   " Hz, expected ", kMinRateHz, " to ", kMaxRateHz));
  }
  impl->block.resize(static_cast<size_t>(kBlockFrames) * impl->info.channels);
  return std::unique_ptr<AudioFile>(new AudioFile(std::move(impl)));
}

int AudioFile::sample_rate_hz() const { return impl_->info.samplerate; }
int AudioFile::channels() const { return impl_->info.channels; }
int64_t AudioFile::frames() const { return impl_->info.frames; }

absl::StatusOr<absl::Span<const float>> AudioFile::ReadBlock() {
  const sf_count_t frames = sf_readf_float(impl_->file, impl_->block.data(), kBlockFrames);
  if (frames < 0 || sf_error(impl_->file) != SF_ERR_NO_ERROR) return Unreadable("damaged audio data");
  const auto block = absl::MakeConstSpan(impl_->block).subspan(0, frames * impl_->info.channels);
  if (!std::all_of(block.begin(), block.end(), [](float sample) { return std::isfinite(sample); })) {
    return Unreadable("samples that are NaN or infinite");
  }
  return block;
}

absl::Status AudioFile::SeekToFrame(int64_t frame) {
  if (sf_seek(impl_->file, frame, SEEK_SET) != frame) return Unreadable("cannot be positioned");
  return absl::OkStatus();
}

void MixToMono(absl::Span<const float> interleaved, int channels, std::vector<float>& mono) {
  mono.assign(interleaved.size() / channels, 0.0f);
  for (size_t frame = 0; frame < mono.size(); ++frame) {
    float sum = 0;
    for (int channel = 0; channel < channels; ++channel) sum += interleaved[frame * channels + channel];
    mono[frame] = sum / static_cast<float>(channels);
  }
}

}  // namespace consort::trainer
