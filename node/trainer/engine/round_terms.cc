#include "node/trainer/engine/round_terms.h"

namespace consort::trainer {

FitTerms FitOfRound(const JobTerms& terms, uint32_t round, const RoundSeeds& seeds,
                    const AugmentationTerms& allowed) {
  FitTerms fit = terms.fit;
  fit.round = round;
  fit.windows_seed = seeds.windows;
  fit.steps_seed = seeds.steps;
  const bool trains = round != terms.model.analysis_round;
  AugmentationTerms& asked = fit.augmentation;
  asked = {trains && asked.gain && allowed.gain,
           trains && asked.all_pass && allowed.all_pass,
           trains && asked.mute && allowed.mute,
           trains && asked.resample && allowed.resample,
           trains && asked.noise_floor && allowed.noise_floor,
           trains && asked.dequantise && allowed.dequantise};
  return fit;
}

FitTerms FitOfCopy(const JobTerms& terms, const FitTerms& shared, const RoundSeeds& seeds) {
  FitTerms fit = shared;
  fit.steps = terms.personal_steps;
  fit.proximal_mu = terms.personal_lambda;
  fit.windows_seed = seeds.personal_windows;
  fit.steps_seed = seeds.personal_steps;
  return fit;
}

}  // namespace consort::trainer
