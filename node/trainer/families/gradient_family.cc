#include "node/trainer/families/gradient_family.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/architectures/latent_tensors.h"
#include "common/status/macros.h"
#include "node/trainer/families/gradient_model.h"

namespace consort::trainer {
namespace {

class GradientFamily final : public Family {
 public:
  explicit GradientFamily(const Architecture& architecture) : architecture_(architecture) {}

  const ArchitectureFacts& facts() const override { return architecture_.facts(); }
  bool learns_by_gradients() const override { return true; }

  absl::Status Check(const FamilyTerms& terms) const override {
    if (terms.model.components != 0) {
      return absl::InvalidArgumentError(absl::StrCat("wrong-job: model.components is for mixtures, not for ",
                                                     facts().name, "; leave it out"));
    }
    if (terms.analysis_round > 0 && terms.update.cohort_bound > kMostLatentArchives) {
      return absl::InvalidArgumentError(absl::StrCat("wrong-job: latents of at most ", kMostLatentArchives,
                                                     " archives are added up, cohort_bound is ",
                                                     terms.update.cohort_bound));
    }
    return terms.scaffold ? CheckScaffold(terms) : absl::OkStatus();
  }
  bool AnalysesLatents() const override { return true; }
  int Turns(const FamilyTerms& terms) const override { return terms.alternating ? 2 : 1; }

  absl::StatusOr<std::unique_ptr<FamilyModel>> Load(const FamilyTerms& terms, uint32_t round,
                                                    absl::string_view base,
                                                    absl::string_view state) const override {
    std::string untrained;
    if (base.empty() && terms.adaptation.rank > 0) {
      return absl::InvalidArgumentError(
          "wrong-job: an adapter needs a base model; name one, or use the method full");
    }
    if (base.empty()) {
      ASSIGN_OR_RETURN(const std::unique_ptr<Model> drawn, architecture_.Initialise(terms.seed));
      ASSIGN_OR_RETURN(untrained, drawn->SaveMerged({}));
      base = untrained;
    }
    Adaptation adaptation = terms.adaptation;
    adaptation.trained = terms.alternating && round % 2 == 0 ? Factor::kA : Factor::kB;
    std::string base_storage, state_storage;
    ASSIGN_OR_RETURN(const absl::string_view plain_base, WithoutControlVariates(base, base_storage));
    ASSIGN_OR_RETURN(const absl::string_view plain_state, WithoutControlVariates(state, state_storage));
    ASSIGN_OR_RETURN(std::unique_ptr<Model> model, architecture_.Load(plain_base, plain_state, adaptation));
    std::unique_ptr<ControlVariates> control;
    if (terms.scaffold) {
      control = std::make_unique<ControlVariates>(model->trainable(), terms.update.cohort_bound);
      if (!state.empty()) RETURN_IF_ERROR(control->ReadShared(state));
    }
    ASSIGN_OR_RETURN(std::optional<LatentTotals> latents, LatentsOf(terms, base, state));
    if (terms.analysis_round > 0 && !latents.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("wrong-architecture: the state of a job that analyses latents lacks the tensor ",
                       kLatentCountTensor));
    }
    return MakeGradientModel(facts(), terms, round,
                             {std::move(model), std::move(control), std::move(latents)});
  }

 private:
  // What is known of the model's latents. A job that will add them up begins with nothing.
  absl::StatusOr<std::optional<LatentTotals>> LatentsOf(const FamilyTerms& terms, absl::string_view base,
                                                        absl::string_view state) const {
    if (!state.empty()) return LatentTotals::Read(facts().latent_size, state);
    if (terms.analysis_round > 0) return std::optional<LatentTotals>(LatentTotals(facts().latent_size));
    return LatentTotals::Read(facts().latent_size, base);
  }

  static absl::Status CheckScaffold(const FamilyTerms& terms) {
    if (terms.alternating) {
      return absl::InvalidArgumentError(
          "wrong-job: local.scaffold does not go with the method adapter-alternating: when a factor has its "
          "turn "
          "again, its control variates are two rounds old and of another other factor; use adapter-frozen-a "
          "or "
          "full");
    }
    if (terms.update.cohort_bound > ControlVariates::kMostArchives) {
      return absl::InvalidArgumentError(absl::StrCat(
          "wrong-job: local.scaffold needs a cohort_bound of at most ", ControlVariates::kMostArchives,
          ", so that control variates stay fine enough, found ", terms.update.cohort_bound));
    }
    return absl::OkStatus();
  }

  const Architecture& architecture_;
};

}  // namespace

std::unique_ptr<const Family> MakeGradientFamily(const Architecture& architecture) {
  return std::make_unique<GradientFamily>(architecture);
}

}  // namespace consort::trainer
