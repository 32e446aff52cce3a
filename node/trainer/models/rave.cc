#include "node/trainer/models/rave.h"

#include <utility>

#include "common/status/macros.h"
#include "node/trainer/models/rave_model.h"
#include "node/trainer/models/weight_set.h"

namespace consort::trainer {
namespace {

constexpr int kSampleRateHz = 44100;

// The bands must be longer than half the widest STFT window on them, 1024 band frames.
int64_t ShortestWindow(const RaveShape& shape, int64_t hop) { return (1024 * shape.bands / hop + 1) * hop; }

ArchitectureFacts FactsOf(const RaveSize& size) {
  ArchitectureFacts facts;
  facts.name = size.name;
  facts.sample_rate_hz = kSampleRateHz;
  facts.hop = LayOutRave(size.shape).hop;
  facts.latent_size = size.shape.latent;
  facts.min_window = ShortestWindow(size.shape, facts.hop);
  facts.defaults = size.defaults;
  return facts;
}

class RaveArchitecture final : public Architecture {
 public:
  explicit RaveArchitecture(RaveSize size)
      : size_(std::move(size)), facts_(FactsOf(size_)), layout_(LayOutRave(size_.shape)) {}

  const ArchitectureFacts& facts() const override { return facts_; }

  absl::StatusOr<std::unique_ptr<Model>> Load(absl::string_view base, absl::string_view state,
                                              const Adaptation& adaptation) const override {
    ASSIGN_OR_RETURN(auto weights, WeightSet::Load(layout_.weights, base, state, adaptation));
    return MakeRaveModel(size_, facts_, std::move(weights));
  }

  absl::StatusOr<std::unique_ptr<Model>> Initialise(uint64_t seed) const override {
    ASSIGN_OR_RETURN(auto weights, WeightSet::Initialise(layout_.weights, seed));
    return MakeRaveModel(size_, facts_, std::move(weights));
  }

 private:
  const RaveSize size_;
  const ArchitectureFacts facts_;
  const RaveLayout layout_;
};

// The weights of the KL term and the turns as RAVE 2.3.1 has them in v2_small.gin and v2.gin.
RaveSize TinySize() {
  RaveSize size;
  size.name = "rave-tiny";
  size.shape = RaveTinyShape();
  size.defaults.kl_weight = 0.01;
  return size;
}

RaveSize V2SmallSize() {
  RaveSize size;
  size.name = "rave-v2-small";
  size.shape = RaveV2SmallShape();
  size.defaults.kl_weight = 0.01;
  size.crops_band_loss = true;
  return size;
}

RaveSize V2Size() {
  RaveSize size;
  size.name = "rave-v2";
  size.shape = RaveV2Shape();
  size.defaults.kl_weight = 0.05;
  size.defaults.kl_start = 1e-6;
  size.defaults.kl_warm_up_steps = 20000;
  size.crops_band_loss = true;
  size.turns = 4;
  return size;
}

}  // namespace

const Architecture& RaveTiny() {
  static const RaveArchitecture architecture(TinySize());
  return architecture;
}

const Architecture& RaveV2Small() {
  static const RaveArchitecture architecture(V2SmallSize());
  return architecture;
}

const Architecture& RaveV2() {
  static const RaveArchitecture architecture(V2Size());
  return architecture;
}

std::unique_ptr<Architecture> MakeRave(RaveSize size) {
  return std::make_unique<RaveArchitecture>(std::move(size));
}

}  // namespace consort::trainer
