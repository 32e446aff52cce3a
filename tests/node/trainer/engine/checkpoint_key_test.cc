#include "node/trainer/engine/checkpoint_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace consort::trainer {
namespace {

struct Training {
  v1::TrainHeader header;
  std::string base = "base", state = "state";
  Recording first, second;
  std::vector<const Recording*> recordings = {&first, &second};
  AugmentationTerms allowed;

  Training() {
    header.set_round_number(3);
    first.id = "a1";
    first.samples = 100;
    second.id = "b2";
    second.samples = 200;
  }
  std::string Key() const { return CheckpointKey(header, base, state, recordings, allowed); }
};

TEST(CheckpointKeyTest, SameTrainingHasTheSameKey) {
  Training one, again;
  again.first.path = "moved elsewhere";
  EXPECT_EQ(one.Key(), again.Key());
}

TEST(CheckpointKeyTest, EverythingThatAResultDependsOnChangesIt) {
  const std::vector<std::function<void(Training&)>> changes = {
      [](Training& t) { t.header.set_spec("another job"); },
      [](Training& t) { t.header.set_round_number(4); },
      [](Training& t) { t.base = "statebase"; },
      [](Training& t) { t.state = ""; },
      [](Training& t) { t.recordings.pop_back(); },                      // withdrawn
      [](Training& t) { std::swap(t.recordings[0], t.recordings[1]); },  // windows are drawn by place
      [](Training& t) { t.first.samples = 101; },
      [](Training& t) { t.first.id = "a", t.first.samples = 1100; },
      [](Training& t) { t.allowed.gain = true; },
      [](Training& t) { t.allowed.all_pass = true; },
      [](Training& t) { t.allowed.mute = true; },
      [](Training& t) { t.allowed.resample = true; },
      [](Training& t) { t.allowed.noise_floor = true; },
      [](Training& t) { t.allowed.dequantise = true; }};
  std::set<std::string> keys = {Training().Key()};
  for (size_t i = 0; i < changes.size(); ++i) {
    Training changed;
    changes[i](changed);
    EXPECT_TRUE(keys.insert(changed.Key()).second) << "change " << i;
  }
}

}  // namespace
}  // namespace consort::trainer
