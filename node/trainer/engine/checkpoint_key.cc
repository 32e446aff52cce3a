#include "node/trainer/engine/checkpoint_key.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"

namespace consort::trainer {

std::string CheckpointKey(const v1::TrainHeader& header, absl::string_view base, absl::string_view state,
                          const std::vector<const Recording*>& recordings, const AugmentationTerms& allowed) {
  std::string key = absl::StrCat(Sha256Hex(header.SerializeAsString()), Sha256Hex(base), Sha256Hex(state));
  for (const Recording* recording : recordings)
    absl::StrAppend(&key, recording->id, " ", recording->samples, "\n");
  for (const bool one : {allowed.gain, allowed.all_pass, allowed.mute, allowed.resample, allowed.noise_floor,
                         allowed.dequantise}) {
    key += one ? '1' : '0';
  }
  return Sha256Hex(key);
}

}  // namespace consort::trainer
