#include "node/trainer/engine/personal_export.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/safetensors.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "node/trainer/engine/job_terms.h"
#include "node/trainer/engine/personal_copy.h"

namespace consort::trainer {
namespace {

// Digest and round of "personal-<digest>-<round>".
std::optional<std::pair<std::string, uint32_t>> ReadName(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kPersonalPrefix)) return std::nullopt;
  const size_t dash = name.find('-');
  uint32_t round = 0;
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(name.substr(dash + 1), &round))
    return std::nullopt;
  return std::make_pair(std::string(name.substr(0, dash)), round);
}

// Nothing if the file is no copy of that job.
std::optional<PersonalCopy> ReadCopy(const std::string& state_directory, const std::string& digest,
                                     uint32_t round) {
  PersonalCopy copy = {digest, round, {}, PersonalCopies(state_directory, digest).Read(round)};
  const absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(copy.state, copy.state.size());
  if (!header.ok()) return std::nullopt;
  const auto kept = header->metadata().find(kPersonalSpec);
  std::string spec;
  const bool known = kept != header->metadata().end() && absl::Base64Unescape(kept->second, &spec) &&
                     Sha256Hex(spec) == digest && copy.spec.ParseFromString(spec);
  return known ? std::make_optional(std::move(copy)) : std::nullopt;
}

}  // namespace

absl::StatusOr<std::vector<PersonalCopy>> FindPersonalCopies(const std::string& state_directory) {
  std::error_code failed;
  const std::filesystem::directory_iterator files(state_directory, failed);
  if (failed) {
    return StatusOfErrno(failed.value(),
                         absl::StrCat("reading the trainer's state folder ", state_directory));
  }
  std::map<std::string, uint32_t> newest;
  for (const std::filesystem::directory_entry& file : files) {
    const auto name = ReadName(file.path().filename().string());
    if (name.has_value()) newest[name->first] = std::max(newest[name->first], name->second);
  }
  std::vector<PersonalCopy> copies;
  for (const auto& [digest, round] : newest) {
    std::optional<PersonalCopy> copy = ReadCopy(state_directory, digest, round);
    if (copy.has_value()) copies.push_back(*std::move(copy));
  }
  return copies;
}

absl::StatusOr<std::string> MergePersonalCopy(const PersonalCopy& copy, absl::string_view base) {
  if (const std::string found = Sha256Hex(base); found != copy.spec.base_model_digest()) {
    return absl::InvalidArgumentError(absl::StrCat("wrong-base: this is not the base model of the job \"",
                                                   copy.spec.name(), "\"; give the file with the digest ",
                                                   copy.spec.base_model_digest(), ", found ", found));
  }
  ASSIGN_OR_RETURN(const JobTerms terms, ReadJobTerms(copy.spec));
  ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model,
                   terms.family->Load(TermsOfCopy(terms.model), /*round=*/1, base, copy.state));
  return model->Export({{"consort.architecture", copy.spec.architecture()},
                        {"consort.personal_copy_of", copy.job_digest},
                        {kPersonalRound, absl::StrCat(copy.round)}});
}

}  // namespace consort::trainer
