#include "node/trainer/engine/validation_parts.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::trainer {

ValidationParts SplitForValidation(const std::vector<Repertoire::Entry>& entries, uint32_t percent,
                                   int sample_rate_hz) {
  ValidationParts parts;
  for (size_t i = 0; i < entries.size(); ++i) {
    const int64_t whole = entries[i].samples;
    const int64_t kept = whole * percent / 100;
    if (static_cast<double>(kept) < kLeastValidationSeconds * sample_rate_hz) {
      parts.training.push_back({i, 0, whole});
      continue;
    }
    const int64_t begin = (whole - kept) / 2;
    parts.training.push_back({i, 0, begin});
    parts.training.push_back({i, begin + kept, whole - begin - kept});
    parts.validation.push_back({i, begin, kept});
  }
  return parts;
}

PartRepertoire::PartRepertoire(Repertoire& whole, std::vector<Part> parts)
    : whole_(whole), parts_(std::move(parts)) {
  std::map<size_t, int> parts_of;
  for (const Part& part : parts_) ++parts_of[part.entry];
  for (const Part& part : parts_) {
    const Entry& entry = whole.entries()[part.entry];
    std::string identity;
    if (!entry.identity.empty()) identity = absl::StrCat(entry.identity, " ", part.begin, " ", part.samples);
    entries_.push_back(
        {entry.tradition, part.samples, entry.share / parts_of[part.entry], std::move(identity)});
  }
}

absl::StatusOr<std::vector<float>> PartRepertoire::Read(size_t entry, int64_t begin, int64_t samples) {
  const Part& part = parts_[entry];
  return whole_.Read(part.entry, part.begin + begin, std::min(samples, part.samples - begin));
}

}  // namespace consort::trainer
