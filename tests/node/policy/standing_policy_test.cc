#include "node/policy/standing_policy.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using consort::testing::IsOkAndHolds;

StandingPolicy Policy() {
  StandingPolicy policy;
  policy.purposes = {"train.generative"};
  policy.max_update_bytes = 1000;
  policy.max_rounds = 10;
  policy.min_quorum = 2;
  return policy;
}
v1::JobSpec Spec() {
  v1::JobSpec spec;
  spec.set_purpose("train.generative");
  spec.set_architecture("rave-tiny");
  spec.set_privacy(v1::PRIVACY_MODE_PLAIN);
  spec.set_rounds(10);
  spec.set_quorum(2);
  return spec;
}
v1::Plan Plan() {
  v1::Plan plan;
  plan.set_update_bytes(1000);
  plan.set_weight(60);
  return plan;
}

TEST(StandingPolicyTest, ApprovesWhatIsWithinEveryLimit) {
  const PolicyDecision decision = Decide(Policy(), Spec(), Plan());
  EXPECT_TRUE(decision.approved);
  EXPECT_EQ(decision.reason, "ok");
}

struct Case {
  const char* reason;
  std::function<void(StandingPolicy&, v1::JobSpec&, v1::Plan&)> change;
};
class StandingPolicyRefusal : public ::testing::TestWithParam<Case> {};

TEST_P(StandingPolicyRefusal, IsNamedByItsCode) {
  StandingPolicy policy = Policy();
  v1::JobSpec spec = Spec();
  v1::Plan plan = Plan();
  GetParam().change(policy, spec, plan);
  const PolicyDecision decision = Decide(policy, spec, plan);
  EXPECT_FALSE(decision.approved);
  EXPECT_EQ(decision.reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    EachRule, StandingPolicyRefusal,
    ::testing::Values(Case{"purpose-not-allowed",
                           [](auto&, auto& spec, auto&) { spec.set_purpose("train.voice-cloning"); }},
                      Case{"purpose-not-allowed",
                           [](auto& policy, auto&, auto&) { policy.purposes.clear(); }},
                      Case{"architecture-not-allowed",
                           [](auto& policy, auto&, auto&) { policy.architectures = {"other"}; }},
                      Case{"privacy-not-allowed",
                           [](auto&, auto& spec, auto&) { spec.set_privacy(v1::PRIVACY_MODE_UNSPECIFIED); }},
                      Case{"too-many-rounds", [](auto&, auto& spec, auto&) { spec.set_rounds(11); }},
                      Case{"quorum-too-small", [](auto&, auto& spec, auto&) { spec.set_quorum(1); }},
                      Case{"update-too-large", [](auto&, auto&, auto& plan) { plan.set_update_bytes(1001); }},
                      Case{"no-usable-recording", [](auto&, auto&, auto& plan) { plan.set_weight(0); }}));

TEST(StandingPolicyTest, DefaultPolicyAllowsNothing) { EXPECT_FALSE(Decide({}, Spec(), Plan()).approved); }

TEST(StandingPolicyTest, JsonIsCanonicalWhateverTheOrderOfItsLists) {
  StandingPolicy policy = Policy();
  policy.purposes = {"b", "a"};
  // By hand: members and list in name order, no white space.
  EXPECT_THAT(PolicyJson(policy),
              IsOkAndHolds("{\"architectures\":[],\"format\":\"consort.policy.v1\",\"max_rounds\":10,"
                           "\"max_update_bytes\":1000,\"min_quorum\":2,\"purposes\":[\"a\",\"b\"]}"));
  // printf '<that line>' | sha256sum
  EXPECT_THAT(PolicyDigest(policy),
              IsOkAndHolds("29b56a592225212abc7953deae4fbd4f46001f2031664ec34ac521174cd2db2f"));
}

}  // namespace
}  // namespace consort::node
