#include "node/trainer/descriptors/describe.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "node/trainer/audio/audio_file.h"
#include "node/trainer/descriptors/descriptor_extractor.h"

namespace consort::trainer {

absl::StatusOr<Description> Describe(absl::Span<const float> audio, int sample_rate_hz) {
  ASSIGN_OR_RETURN(DescriptorExtractor extractor, DescriptorExtractor::Create(sample_rate_hz));
  RETURN_IF_ERROR(extractor.Add(audio));
  ASSIGN_OR_RETURN(const RecordingTotals totals, extractor.Finish());
  Description description;
  description.track = extractor.Take();
  SummaryBuilder builder;
  builder.Add(description.track);
  description.summary = std::move(builder).Finish(totals);
  return description;
}

absl::StatusOr<DescriptorSummary> DescribeRecording(const std::string& path, const std::atomic<bool>& stop) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AudioFile> file, AudioFile::Open(path));
  ASSIGN_OR_RETURN(DescriptorExtractor extractor, DescriptorExtractor::Create(file->sample_rate_hz()));
  SummaryBuilder builder;
  std::vector<float> mono;
  while (true) {
    if (stop) return absl::CancelledError("stopped while describing a recording");
    ASSIGN_OR_RETURN(const absl::Span<const float> block, file->ReadBlock());
    if (block.empty()) break;
    MixToMono(block, file->channels(), mono);
    RETURN_IF_ERROR(extractor.Add(mono));
    builder.Add(extractor.Take());
  }
  ASSIGN_OR_RETURN(const RecordingTotals totals, extractor.Finish());
  builder.Add(extractor.Take());
  return std::move(builder).Finish(totals);
}

}  // namespace consort::trainer
