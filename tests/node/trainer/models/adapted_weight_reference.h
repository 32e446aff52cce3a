// What tests/node/trainer/reference/print_adapter_reference.py prints: PyTorch 1.13 in double precision.
#ifndef CONSORT_TESTS_NODE_TRAINER_MODELS_ADAPTED_WEIGHT_REFERENCE_H_
#define CONSORT_TESTS_NODE_TRAINER_MODELS_ADAPTED_WEIGHT_REFERENCE_H_

namespace consort::trainer::testing {

struct AdaptedLayerReference {
  const char* layer;
  double loss;
  // Gradients: norm, and product with noise.
  double a_norm, a_product;
  double b_norm, b_product;
  double x_norm, x_product;
};

// clang-format off
inline constexpr AdaptedLayerReference kAdaptedLayers[] = {
    {"conv", 3.221620413, 2.543006653, -2.555385052, 2.934779813, -0.2945442471, 9.045870447, 1.330998598},
    {"dilated", -1.888979715, 2.176668563, -1.902633629, 2.159858715, 0.2997575141, 10.07656854, 5.598374144},
    {"transposed", 1.922607589, 1.897068068, -1.435916181, 2.303174003, 0.5356302612, 8.804412779, -7.618760492},
    {"linear", -1.347559006, 0.993588483, 0.5459520448, 0.8617947588, -0.03781514185, 3.084338834, 2.832503408},
};
// clang-format on

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_MODELS_ADAPTED_WEIGHT_REFERENCE_H_
