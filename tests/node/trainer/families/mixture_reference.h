// What tests/node/trainer/reference/print_mixture_reference.py prints: numpy in double precision.
#ifndef CONSORT_TESTS_NODE_TRAINER_FAMILIES_MIXTURE_REFERENCE_H_
#define CONSORT_TESTS_NODE_TRAINER_FAMILIES_MIXTURE_REFERENCE_H_

namespace consort::trainer::testing {

inline constexpr double kReferenceLogLikelihoods[] = {-4003.053938, -2554.678486, -2541.642076};

inline constexpr int kReferenceDescriptors[] = {0, 9, 22};
struct ReferenceComponent {
  double weight;
  struct {
    double mean, variance;
  } moments[3];  // of kReferenceDescriptors
};
inline constexpr ReferenceComponent kReferenceMixture[] = {
    {0.34315138, {{0.032438496, 0.12678613}, {-0.070145535, 0.11299412}, {-0.018824234, 0.1248055}}},
    {0.21072082, {{0.0243762, 0.11618582}, {-0.039820294, 0.1120978}, {0.047375106, 0.15681133}}},
    {0.4461278, {{-0.01644468, 0.13581577}, {0.015405339, 0.11567393}, {0.031311173, 0.14381416}}},
};

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_FAMILIES_MIXTURE_REFERENCE_H_
