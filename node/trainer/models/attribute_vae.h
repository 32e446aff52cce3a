// The architecture attribute-vae: a small variational auto-encoder of log-mel patches whose first five
// latents follow loudness, brightness, noisiness, pitch and density of notes, so that people can read and
// turn them.
#ifndef CONSORT_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_H_
#define CONSORT_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_H_

#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// A patch is 64 frames of 64 mel bands (LogMel's defaults at 44.1 kHz, hop 512): 32,768 samples, one latent
// frame. A training window is one patch or several, and a batch holds at least two with audio in them.
//
// The loss is the mean squared error of the patches' log-mel values, scaled so that floor and full scale lie
// at -2 and 2; plus kl_weight * the divergence of the posterior from the unit Gaussian, 1/2 * sum(mean^2 +
// sigma^2 - ln sigma^2 - 1) (Kingma and Welling 2014, appendix B), a mean over patches; plus attribute_weight
// * AttributeLoss of the drawn latents. Frames of padding take no part.
//
// Encode hears the recording as a whole, so that frames at the border of two patches hear both sides; a
// training window hears silence beyond its ends. Audio comes by MelInversion: it is for listening. What this
// model keeps of a recording is measured by the log-mel distance.
const Architecture& AttributeVae();

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_H_
