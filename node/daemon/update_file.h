// From the trainer's float values to the payload that is sent, in one file.
#ifndef CONSORT_NODE_DAEMON_UPDATE_FILE_H_
#define CONSORT_NODE_DAEMON_UPDATE_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/artifact/durable_file.h"
#include "common/update/manifest.h"
#include "common/update/ring_codec.h"
#include "node/daemon/entries.h"

namespace consort::node {

// Takes values as they come from the trainer: checks them, and keeps them in a file, since the clip factor is
// known only at the end. Not thread-safe.
class ValuesWriter {
 public:
  // Starts anew at `path`, over what may lie there. `manifest` is borrowed. Errors: the disk's.
  static absl::StatusOr<std::unique_ptr<ValuesWriter>> Create(const std::string& path,
                                                              const Manifest& manifest);

  // Errors: OutOfRange "not-finite: ..." for NaN or infinity; InvalidArgument for a statistic outside its
  // bound or too many values; the disk's.
  absl::Status Add(absl::Span<const float> values);
  // The L2 norm of the deltas. Errors: InvalidArgument if values are missing.
  absl::StatusOr<double> Finish();

 private:
  ValuesWriter(FileDescriptor file, const Manifest& manifest) : file_(std::move(file)), meter_(manifest) {}

  FileDescriptor file_;
  NormMeter meter_;
  uint64_t bytes_ = 0;
};

// What is encoded at a time: memory does not depend on the model.
inline constexpr uint64_t kEncodedBlockBytes = 1 << 20;

struct EncodeTerms {
  uint32_t weight = 0;
  double delta_norm = 0;
  uint64_t rounding_key = 0;
};

// Encodes the file at `values_path` in place, block by block (values and ring steps are 4 bytes each, and
// memory for as much again is what a round can least spare), syncs it and names it `payload_path`. Called
// again after the process was killed, it goes on at the block it had reached and gives the same bytes;
// `terms` must be the same. Errors: InvalidArgument for a weight outside the manifest's; DataLoss if the
// values are not the manifest's; the disk's.
absl::StatusOr<PayloadFacts> EncodePayload(const std::string& values_path, const std::string& payload_path,
                                           const Manifest& manifest, const EncodeTerms& terms);

// The facts of a payload that EncodePayload finished. Errors: NotFound if there is none of the manifest's
// length.
absl::StatusOr<PayloadFacts> StoredPayload(const std::string& payload_path, const Manifest& manifest);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_UPDATE_FILE_H_
