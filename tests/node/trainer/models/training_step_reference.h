// What tests/node/trainer/reference/print_step_reference.py prints: PyTorch 1.13 in double precision.
#ifndef CONSORT_TESTS_NODE_TRAINER_MODELS_TRAINING_STEP_REFERENCE_H_
#define CONSORT_TESTS_NODE_TRAINER_MODELS_TRAINING_STEP_REFERENCE_H_

namespace consort::trainer::testing {

inline constexpr double kReferenceLoss = 311598.42;

struct ReferenceGradient {
  const char* weight;
  double norm;
  double product;  // with noise
};

// clang-format off
inline constexpr ReferenceGradient kReferenceGradients[] = {
    {"encoder.head.weight", 913.9315, -997.5775},
    {"encoder.stage0.down.weight", 172.367, -49.36399},
    {"encoder.stage0.unit0.dilated.weight", 32.25631, -10.05181},
    {"encoder.stage0.unit0.pointwise.weight", 21.89702, -13.81814},
    {"encoder.stage0.unit1.dilated.weight", 33.04199, -8.260169},
    {"encoder.stage0.unit1.pointwise.weight", 26.16066, -9.246348},
    {"encoder.stage0.unit2.dilated.weight", 37.77016, 14.36827},
    {"encoder.stage0.unit2.pointwise.weight", 18.84291, -19.86035},
    {"encoder.stage1.down.weight", 199.9668, 122.1697},
    {"encoder.stage1.unit0.dilated.weight", 59.92291, -29.07431},
    {"encoder.stage1.unit0.pointwise.weight", 29.5304, -7.913067},
    {"encoder.stage1.unit1.dilated.weight", 42.83686, 38.31482},
    {"encoder.stage1.unit1.pointwise.weight", 28.12221, -9.846375},
    {"encoder.stage1.unit2.dilated.weight", 41.01951, -28.08894},
    {"encoder.stage1.unit2.pointwise.weight", 31.12028, -18.54145},
    {"encoder.stage2.down.weight", 492.9525, -377.4705},
    {"encoder.stage2.unit0.dilated.weight", 80.90783, 5.931524},
    {"encoder.stage2.unit0.pointwise.weight", 68.30341, -5.214494},
    {"encoder.stage2.unit1.dilated.weight", 100.9473, 50.96057},
    {"encoder.stage2.unit1.pointwise.weight", 70.30664, 41.89547},
    {"encoder.stage2.unit2.dilated.weight", 106.9505, -22.91958},
    {"encoder.stage2.unit2.pointwise.weight", 78.25326, 24.85691},
    {"encoder.stage3.down.weight", 730.509, 309.4434},
    {"encoder.stage3.unit0.dilated.weight", 204.6535, 115.5832},
    {"encoder.stage3.unit0.pointwise.weight", 127.5933, 98.44968},
    {"encoder.stage3.unit1.dilated.weight", 196.7186, 21.42887},
    {"encoder.stage3.unit1.pointwise.weight", 137.1506, -114.3426},
    {"encoder.stem.weight", 128.7199, 38.71077},
    {"generator.stage0.unit0.dilated.weight", 858100.7, 362704.7},
    {"generator.stage0.unit0.pointwise.weight", 599189.1, -382474.3},
    {"generator.stage0.unit1.dilated.weight", 871654.4, -32993.48},
    {"generator.stage0.unit1.pointwise.weight", 671585.9, -792284.4},
    {"generator.stage0.up.weight", 1964741, 1178956},
    {"generator.stage1.unit0.dilated.weight", 815562.2, -4956.399},
    {"generator.stage1.unit0.pointwise.weight", 563850.5, 234927.4},
    {"generator.stage1.unit1.dilated.weight", 590739.3, -322429.5},
    {"generator.stage1.unit1.pointwise.weight", 422029.8, 52234.94},
    {"generator.stage1.unit2.dilated.weight", 656221.2, 519182.5},
    {"generator.stage1.unit2.pointwise.weight", 457916.8, 174564.3},
    {"generator.stage1.up.weight", 2042465, -533237.1},
    {"generator.stage2.unit0.dilated.weight", 667711.7, 455137.3},
    {"generator.stage2.unit0.pointwise.weight", 417390.1, 467070.3},
    {"generator.stage2.unit1.dilated.weight", 632602.6, -676834.4},
    {"generator.stage2.unit1.pointwise.weight", 444650.7, 58429.09},
    {"generator.stage2.unit2.dilated.weight", 705925.3, 70379.33},
    {"generator.stage2.unit2.pointwise.weight", 391677.1, -87344.77},
    {"generator.stage2.up.weight", 1606703, 22002.23},
    {"generator.stage3.unit0.dilated.weight", 467191.2, -446781.4},
    {"generator.stage3.unit0.pointwise.weight", 274333.6, 196561},
    {"generator.stage3.unit1.dilated.weight", 445641.6, -283395.9},
    {"generator.stage3.unit1.pointwise.weight", 353017.7, 69419.3},
    {"generator.stage3.unit2.dilated.weight", 486511.4, 308916.4},
    {"generator.stage3.unit2.pointwise.weight", 423058.6, 231098.9},
    {"generator.stage3.up.weight", 2036471, 779912},
    {"generator.stem.weight", 325387, 161568.7},
    {"generator.wave.weight", 82780.45, 51324.87},
    {"noise.conv0.weight", 218758.4, -84318.79},
    {"noise.conv1.weight", 468169.4, 178480.7},
    {"noise.conv2.weight", 156732.4, 101906.2},
};
// clang-format on

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_MODELS_TRAINING_STEP_REFERENCE_H_
