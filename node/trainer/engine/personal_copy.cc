#include "node/trainer/engine/personal_copy.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "node/trainer/engine/collection_repertoire.h"
#include "node/trainer/engine/kept_files.h"
#include "node/trainer/engine/validation_parts.h"
#include "node/trainer/training/control_variates.h"

namespace consort::trainer {
namespace {

void Warn(absl::string_view what, const absl::Status& status) {
  spdlog::warn("{}: {}", std::string(what), std::string(status.message()));
}

// The round's state as SaveState gives it, also where the job starts from its base.
absl::StatusOr<std::string> SharedState(const PersonalTraining& training, const FamilyTerms& terms) {
  std::string storage;
  ASSIGN_OR_RETURN(const absl::string_view plain, WithoutControlVariates(training.state, storage));
  if (!plain.empty()) return std::string(plain);
  ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> start,
                   training.terms.family->Load(terms, training.fit.round, training.base, /*state=*/{}));
  return start->SaveState({});
}

// The copy as it was left, or the shared state for an archive that has none that can be used.
absl::StatusOr<std::unique_ptr<FamilyModel>> CopyOrShared(const PersonalTraining& training,
                                                          const FamilyTerms& terms, const std::string& kept,
                                                          const std::string& shared) {
  const Family& family = *training.terms.family;
  if (!kept.empty()) {
    absl::StatusOr<std::unique_ptr<FamilyModel>> copy =
        family.Load(terms, training.fit.round, training.base, kept);
    if (copy.ok()) return copy;
    Warn("this archive's own copy cannot be used and begins again from the shared model", copy.status());
  }
  return family.Load(terms, training.fit.round, training.base, shared);
}

LocalFiles LocalsOf(const PersonalTraining& training) {
  return LocalFiles(
      absl::StrCat(training.state_directory, "/", kLocalPrefix, "personal-", Sha256Hex(training.spec)));
}

}  // namespace

LocalFiles PersonalCopies(absl::string_view state_directory, absl::string_view job_digest) {
  return LocalFiles(absl::StrCat(state_directory, "/", kPersonalPrefix, job_digest));
}

FamilyTerms TermsOfCopy(const FamilyTerms& terms) {
  FamilyTerms plain = terms;
  plain.scaffold = false;
  return plain;
}

absl::Status TrainPersonalCopy(const RoundMaterial& material, const PersonalTraining& training,
                               const std::function<void(int, double)>& progress,
                               const std::atomic<bool>& stop) {
  const FamilyTerms terms = TermsOfCopy(training.terms.model);
  const uint32_t round = training.fit.round;
  const LocalFiles copies = PersonalCopies(training.state_directory, Sha256Hex(training.spec));
  const LocalFiles locals = LocalsOf(training);
  const uint32_t newest = copies.NewestUpTo(round - 1);
  ASSIGN_OR_RETURN(const std::string shared, SharedState(training, terms));
  ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> copy,
                   CopyOrShared(training, terms, copies.Read(newest), shared));
  std::string local = locals.Read(locals.NewestUpTo(round - 1));
  CollectionRepertoire recordings(material);
  PartRepertoire repertoire(
      recordings,
      SplitForValidation(recordings.entries(), training.terms.validation_percent, training.fit.sample_rate_hz)
          .training);
  const absl::Status fitted =
      copy->Fit({repertoire, training.fit, [&](int done, int, double loss) { progress(done, loss); }, stop,
                 training.checkpoint, &local, &shared})
          .status();
  RETURN_IF_ERROR(material.use_log.Append(material.round_id, "personal", recordings.Uses()));
  if (absl::IsOutOfRange(fitted)) {
    Warn("this archive's own copy learnt nothing in this round and stays as it was", fitted);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(fitted);
  ASSIGN_OR_RETURN(const std::string trained,
                   copy->SaveState({{kPersonalSpec, absl::Base64Escape(training.spec)},
                                    {kPersonalRound, absl::StrCat(round)}}));
  if (!local.empty()) RETURN_IF_ERROR(locals.Write(round, locals.NewestUpTo(round - 1), local));
  return copies.Write(round, newest, trained);
}

std::unique_ptr<FamilyModel> LoadPersonalCopy(const JobTerms& terms, absl::string_view base,
                                              const LocalFiles& copies, uint32_t round) {
  const uint32_t newest = copies.NewestUpTo(round);
  if (newest == 0) return nullptr;
  absl::StatusOr<std::unique_ptr<FamilyModel>> copy =
      terms.family->Load(TermsOfCopy(terms.model), /*round=*/1, base, copies.Read(newest));
  if (copy.ok()) return *std::move(copy);
  Warn("this archive's own copy cannot be used and is not scored", copy.status());
  return nullptr;
}

}  // namespace consort::trainer
