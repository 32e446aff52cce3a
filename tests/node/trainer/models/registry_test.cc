#include "node/trainer/models/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/architectures/layouts.h"

namespace consort::trainer {
namespace {

// The command line knows architectures by their layouts alone: it must know all, and know them right.
TEST(RegistryTest, LayoutsOfTheCommandLineAreTheNetworks) {
  EXPECT_THAT(LayoutNames(), ::testing::UnorderedElementsAreArray(ArchitectureNames()));
  for (const std::string& name : {std::string("attribute-vae"), std::string("rave-tiny")}) {
    const auto model = FindArchitecture(name).value()->Initialise(1).value();
    std::vector<NamedTensor> layout = LayoutOf(name).value();
    std::sort(layout.begin(), layout.end(),
              [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
    ASSERT_EQ(layout.size(), model->trainable().size());
    for (size_t i = 0; i < layout.size(); ++i) {
      EXPECT_EQ(layout[i].name, model->trainable()[i].name);
      EXPECT_EQ(layout[i].shape, model->trainable()[i].shape);
    }
  }
}

}  // namespace
}  // namespace consort::trainer
