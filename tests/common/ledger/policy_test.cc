#include "common/ledger/policy.h"

#include <set>

#include "absl/strings/str_replace.h"
#include "tests/common/ledger/random_policy.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::PolicyKey;
using ::consort::testing::RandomPolicy;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Witness(const std::string& name) {
  return absl::StrCat("witness ", name, " ",
                      PolicyKey(name, KeyAlgorithm::kCosignatureV1).verifier().ToString(), "\n");
}
std::string KeyId(const std::string& name) {
  return PolicyKey(name, KeyAlgorithm::kCosignatureV1).verifier().KeyId();
}
VerifierKey Log() { return PolicyKey("log.example", KeyAlgorithm::kEd25519).verifier(); }

// The example of C2SP tlog-policy: two of X and any of Y.
std::string Example() {
  std::string text = absl::StrCat("log ", Log().ToString(), "\n\n");
  for (const char* name : {"X1", "X2", "X3"}) text += Witness(name);
  text += "group X-witnesses 2 X1 X2 X3\n\n  # the others\n";
  for (const char* name : {"Y1", "Y2", "Y3"}) text += Witness(name);
  return text +
         "group Y-witnesses any Y1 Y2 Y3\n\n\tgroup X-and-Y all X-witnesses Y-witnesses \nquorum X-and-Y\n";
}

std::set<std::string> Keys(std::initializer_list<const char*> names) {
  std::set<std::string> keys;
  for (const char* name : names) keys.insert(KeyId(name));
  return keys;
}

TEST(PolicyTest, ExampleOfTheFormatIsUnderstood) {
  const auto policy = Policy::Parse(Example());
  ASSERT_THAT(policy, IsOk());
  EXPECT_THAT(policy->log_keys(), ElementsAre(Log()));
  EXPECT_THAT(policy->witnesses(), SizeIs(6));
  EXPECT_TRUE(policy->IsQuorum(Keys({"X1", "X3", "Y2"})));
  EXPECT_FALSE(policy->IsQuorum(Keys({"X1", "X2", "X3"})));
  EXPECT_FALSE(policy->IsQuorum(Keys({"X1", "Y1", "Y2", "Y3"})));
  EXPECT_FALSE(policy->IsQuorum({}));
  EXPECT_FALSE(policy->IsQuorum({"stranger+00000000"}));
  // By hand: two of three share one X; any Y and any other Y share nothing.
  EXPECT_EQ(policy->SmallestOverlap().witnesses, 1);
}

TEST(PolicyTest, QuorumNoneAsksForNobodyAndIsNeverSafe) {
  const auto policy = Policy::Parse("quorum none\n");
  ASSERT_THAT(policy, IsOk());
  EXPECT_TRUE(policy->asks_for_no_witness());
  EXPECT_TRUE(policy->IsQuorum({}));
  EXPECT_EQ(policy->SmallestShare(Keys({"X1"})), 0);
  EXPECT_THAT(policy->CheckSafe(0), StatusIs(kInvalid, HasSubstr("two histories")));
}

TEST(PolicyTest, AnyOfEachCountryLooksBalancedAndIsUnsafe) {
  const std::string text = Witness("uk1") + Witness("uk2") + Witness("cn1") + Witness("cn2") +
                           "group uk any uk1 uk2\ngroup cn any cn1 cn2\ngroup both all uk cn\nquorum both\n";
  const auto policy = Policy::Parse(text);
  ASSERT_THAT(policy, IsOk());
  EXPECT_THAT(policy->CheckSafe(0), StatusIs(kInvalid, AllOf(HasSubstr("{uk1, cn1}"), HasSubstr("{uk2, cn2}"),
                                                             HasSubstr("share 0"))));
}

TEST(PolicyTest, ThreeOfFourBearsOneDishonestWitnessAndNotTwo) {
  const auto policy = Policy::Parse(Witness("a") + Witness("b") + Witness("c") + Witness("d") +
                                    "group g 3 a b c d\nquorum g\n");
  ASSERT_THAT(policy, IsOk());
  EXPECT_EQ(policy->SmallestOverlap().witnesses, 2);  // 2 * 3 - 4
  EXPECT_THAT(policy->CheckSafe(1), IsOk());
  EXPECT_THAT(policy->CheckSafe(2), StatusIs(kInvalid, HasSubstr("share 2, and 2 may be dishonest")));
  EXPECT_EQ(policy->SmallestShare(Keys({"a", "b"})), 1);  // b c d holds b alone
}

// n, f and k of the rule 2k > n + f, as published tables give them.
TEST(PolicyTest, MajorityIsTheSmallestThatBearsItsFaults) {
  const int table[][3] = {{3, 0, 2}, {3, 1, 3}, {3, 2, 3}, {4, 0, 3}, {4, 1, 3}, {5, 0, 3},
                          {5, 1, 4}, {5, 2, 4}, {7, 0, 4}, {7, 1, 5}, {7, 2, 5}};
  for (const auto& [n, f, k] : table) {
    std::vector<VerifierKey> keys;
    for (int i = 0; i < n; ++i)
      keys.push_back(PolicyKey(absl::StrCat("w", i), KeyAlgorithm::kCosignatureV1).verifier());
    const auto text = MajorityPolicy(Log(), keys, f);
    ASSERT_THAT(text, IsOk());
    EXPECT_THAT(*text, HasSubstr(absl::StrCat("\ngroup majority ", k, " w0"))) << n << " " << f;
    EXPECT_THAT(Policy::Parse(*text)->CheckSafe(f), IsOk());
  }
  EXPECT_EQ(DefaultFaulty(3), 0);
  EXPECT_EQ(DefaultFaulty(4), 1);
  EXPECT_EQ(DefaultFaulty(7), 2);
  EXPECT_EQ(DefaultFaulty(0), 0);
  EXPECT_THAT(MajorityPolicy(Log(), {}, 0).value(), HasSubstr("quorum none\n"));
  EXPECT_THAT(MajorityPolicy(Log(), {PolicyKey("w0", KeyAlgorithm::kCosignatureV1).verifier()}, 1).status(),
              StatusIs(kInvalid, HasSubstr("1 of 1")));
}

std::set<std::string> Subset(const RandomPolicy& random, uint32_t mask) {
  std::set<std::string> keys;
  for (size_t i = 0; i < random.keyids().size(); ++i)
    if ((mask >> i & 1) != 0) keys.insert(random.keyids()[i]);
  return keys;
}
uint32_t Mask(const std::vector<std::string>& names) {
  uint32_t mask = 0;
  for (const std::string& name : names) mask |= 1u << std::stoi(name.substr(1));
  return mask;
}

void ExpectSameAsBruteForce(const RandomPolicy& random) {
  const auto policy = Policy::Parse(random.text());
  ASSERT_THAT(policy, IsOk()) << random.text();
  const Policy::Overlap overlap = policy->SmallestOverlap();
  ASSERT_EQ(overlap.witnesses, random.SmallestOverlap()) << random.text();
  // The two that are named are quorums with just that in common.
  EXPECT_TRUE(random.IsQuorum(Mask(overlap.first)) && random.IsQuorum(Mask(overlap.second))) << random.text();
  EXPECT_EQ(std::popcount(Mask(overlap.first) & Mask(overlap.second)), overlap.witnesses) << random.text();
  for (uint32_t mask = 0; mask < random.subsets(); mask += 1 + random.subsets() / 64) {
    const std::set<std::string> subset = Subset(random, mask);
    EXPECT_EQ(policy->IsQuorum(subset), random.IsQuorum(mask)) << random.text();
    EXPECT_EQ(policy->SmallestShare(subset), random.SmallestShare(mask)) << random.text();
    const std::set<std::string> smallest = policy->SmallestQuorum(subset);
    EXPECT_TRUE(std::includes(subset.begin(), subset.end(), smallest.begin(), smallest.end()));
    if (random.IsQuorum(mask)) {
      EXPECT_TRUE(policy->IsQuorum(smallest)) << random.text();
      EXPECT_EQ(static_cast<int>(smallest.size()), random.SmallestQuorum(mask)) << random.text();
    } else {
      EXPECT_EQ(smallest, subset) << random.text();
    }
  }
}

TEST(PolicyTest, RandomPoliciesMeanWhatTryingEverySubsetSays) {
  for (uint32_t seed = 1; seed <= 2000; ++seed) {
    ASSERT_NO_FATAL_FAILURE(ExpectSameAsBruteForce(RandomPolicy(seed, 6))) << "seed " << seed;
  }
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    ASSERT_NO_FATAL_FAILURE(ExpectSameAsBruteForce(RandomPolicy(seed, 10))) << "seed " << seed;
  }
}

TEST(PolicyTest, EachMistakeIsRefusedWithItsLine) {
  const std::string a = Witness("a");
  const std::string same_key = absl::StrReplaceAll(a, {{"witness a ", "witness b "}});
  const std::string log_as_witness = absl::StrCat("witness l ", Log().ToString(), "\n");
  const std::string log_line = absl::StrCat("log ", Log().ToString(), "\n");
  const VerifierKey shared =
      VerifierKey::Create("cosigner", KeyAlgorithm::kCosignatureV1, Log().public_key()).value();
  const std::pair<std::string, const char*> bad[] = {
      {"", "no quorum line"},
      {"quorum none\nquorum none\n", "line 2: a second quorum"},
      {"quorum a\n" + a, "line 1: no earlier line defines a"},
      {a + "quorum a b\n", "line 2: expected: quorum"},
      {a + a + "quorum a\n", "line 2: name is taken"},
      {a + same_key + "quorum a\n", "line 2: public key stands"},
      {log_line + log_line + "quorum none\n", "line 2: public key stands"},
      {log_line + "witness c " + shared.ToString() + "\nquorum c\n", "line 2: public key stands"},
      {"log " + shared.ToString() + "\nquorum none\n", "line 1: key of another algorithm"},
      {log_as_witness + "quorum l\n", "line 1: key of another algorithm"},
      {"log\nquorum none\n", "line 1: expected: log"},
      {"log x y z\nquorum none\n", "line 1: expected: log"},
      {"witness a\nquorum none\n", "line 1: expected: witness"},
      {"witness none key\nquorum none\n", "line 1: name is taken"},
      {"group g any\nquorum g\n", "line 1: expected: group"},
      {a + "group g 0 a\nquorum g\n", "line 2: threshold"},
      {a + "group g 2 a\nquorum g\n", "line 2: threshold"},
      {a + "group g 01 a\nquorum g\n", "line 2: threshold"},
      {a + "group g any a a\nquorum g\n", "line 2: is in a group already: a"},
      {a + "group g any a\ngroup h any a\nquorum h\n", "line 3: is in a group already: a"},
      {a + "group g any none\nquorum g\n", "line 2: no earlier line defines the member none"},
      {a + "group g any g\nquorum g\n", "line 2: no earlier line defines the member g"},
      {"quorum none\r\n", "line 1: it holds a control character"},
      {"Quorum none\n", "line 1: expected log"},
  };
  for (const auto& [text, why] : bad) {
    EXPECT_THAT(Policy::Parse(text).status(), StatusIs(kInvalid, HasSubstr(why))) << text;
  }
  EXPECT_THAT(Policy::Parse(std::string(70'000, '\n')).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("too large")));
}

}  // namespace
}  // namespace consort::ledger
