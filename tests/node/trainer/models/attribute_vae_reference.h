// What tests/node/trainer/reference/print_attribute_vae_reference.py prints: PyTorch 1.13 in double
// precision.
#ifndef CONSORT_TESTS_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_REFERENCE_H_
#define CONSORT_TESTS_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_REFERENCE_H_

namespace consort::trainer::testing {

inline constexpr double kAttributeVaeLoss = 3.6149786;

struct AttributeVaeGradient {
  const char* weight;
  double norm;
  double product;  // with noise of unit gain
};
inline constexpr AttributeVaeGradient kAttributeVaeGradients[] = {
    {"decoder.conv0.weight", 0.4455901, 0.1073435},  {"decoder.conv1.weight", 0.7545905, 0.3069406},
    {"decoder.conv2.weight", 1.222028, 0.2877688},   {"decoder.conv3.weight", 0.5662385, -0.1034019},
    {"decoder.stem.weight", 0.02825238, -0.0060767}, {"encoder.conv0.weight", 1.662712, 0.9040651},
    {"encoder.conv1.weight", 5.08322, -5.558512},    {"encoder.conv2.weight", 5.351359, 6.551031},
    {"encoder.conv3.weight", 6.42308, 0.2022307},    {"encoder.head.weight", 5.477594, 4.799903},
};

// Of the first patch, the first eight.
inline constexpr double kAttributeVaeMeans[] = {0.1632584,  -0.8202367, -0.507529, -0.1429205,
                                                -0.2254414, 0.165125,   0.3049607, 0.7806197};

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_REFERENCE_H_
