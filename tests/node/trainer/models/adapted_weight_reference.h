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
    {"conv", 3.22162034, 2.543006687, -2.555385055, 2.934779808, -0.2945442368, 9.045870467, 1.330998157},
    {"dilated", -1.888979708, 2.176668616, -1.902633712, 2.159858724, 0.2997575916, 10.0765685, 5.598374118},
    {"transposed", 1.92260742, 1.897068154, -1.435916341, 2.303173939, 0.5356303068, 8.804412772, -7.618760272},
    {"linear", -1.347559056, 0.9935885076, 0.5459520558, 0.86179478, -0.03781518172, 3.084338859, 2.832503528},
};
// clang-format on

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_MODELS_ADAPTED_WEIGHT_REFERENCE_H_
