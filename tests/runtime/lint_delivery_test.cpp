#include <gmock/gmock.h>

#include "lint_fixture.hpp"

namespace skep {
namespace lint_delivery_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LintDeliveryTest : public LintTest {};

std::string dropping(const std::string& overflow) {
  return chain + "[bees.c]\nclass = \"test.plain\"\nfrom = { bee = \"a\", overflow = \"" + overflow + "\" }\n";
}

TEST_F(LintDeliveryTest, PlansHaveTheDeliveryOfTheFile) {
  EXPECT_EQ(run(chain).plan.delivery, Delivery::at_most_once);
  EXPECT_EQ(run("delivery = \"at_most_once\"\n" + chain).plan.delivery, Delivery::at_most_once);
  EXPECT_EQ(run("delivery = \"at_least_once\"\n" + chain).plan.delivery, Delivery::at_least_once);
  EXPECT_THAT(problems("delivery = \"at_least_once\"\n" + chain), IsEmpty());
}

TEST_F(LintDeliveryTest, ADeliveryThatIsNotKnownIsNamed) {
  EXPECT_THAT(problems("delivery = \"at_least_one\"\n" + chain),
              ElementsAre(HasSubstr("s.toml:2:12: error: unknown delivery 'at_least_one'")));
}

TEST_F(LintDeliveryTest, UnderAtLeastOnceNoEdgeDrops) {
  for (const std::string overflow : {"drop_oldest", "drop_newest"}) {
    EXPECT_THAT(problems(dropping(overflow)), IsEmpty());
    EXPECT_THAT(
        problems("delivery = \"at_least_once\"\n" + dropping(overflow)),
        ElementsAre(HasSubstr("error: the edge 'a.default -> c' drops (overflow = \"" + overflow + "\"), and")));
  }
  EXPECT_THAT(problems("delivery = \"at_least_once\"\n" + dropping("block")), IsEmpty());
}

TEST_F(LintDeliveryTest, UnderAtLeastOnceNoBeeIsTemporary) {
  const std::string temporary =
      "[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"test.plain\"\nfrom = \"in\"\nrestart = \"temporary\"\n";
  EXPECT_THAT(problems(temporary), IsEmpty());
  EXPECT_THAT(problems("delivery = \"at_least_once\"\n" + temporary),
              ElementsAre(HasSubstr("error: bee 'a' is temporary, and delivery is")));
}

TEST_F(LintDeliveryTest, UnderAtLeastOnceBatchesThatSendersCannotFillAreWarnedOf) {
  const auto batches = [](const std::string& window, const std::string& size) {
    return "[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"test.plain\"\nfrom = { bee = \"in\", window = " +
           window + " }\nbatch = { size_max = " + size + ", delay_max = \"1s\" }\n";
  };
  EXPECT_THAT(problems(batches("8", "9")), IsEmpty());
  EXPECT_THAT(problems("delivery = \"at_least_once\"\n" + batches("8", "8")), IsEmpty());
  EXPECT_THAT(problems("delivery = \"at_least_once\"\n" + batches("8", "9")),
              ElementsAre(HasSubstr("warning: no batch of bee 'a' is ever full")));
}

TEST_F(LintDeliveryTest, AGatewayOnSeveralThreadsHasAWindowForEach) {
  const auto swarm = [](const std::string& threads) {
    return "delivery = \"at_least_once\"\n[gateways.in]\ntype = \"socket\"\nlisten = \"127.0.0.1:1\"\nthreads = " +
           threads +
           "\n[bees.a]\nclass = \"test.plain\"\nfrom = { bee = \"in\", window = 8 }\n"
           "batch = { size_max = 16, delay_max = \"1s\" }\n";
  };
  EXPECT_THAT(problems(swarm("1")), ElementsAre(HasSubstr("warning: no batch of bee 'a' is ever full")));
  EXPECT_THAT(problems(swarm("2")), IsEmpty());
}

TEST_F(LintDeliveryTest, UnderAtLeastOnceNoBeeHoldsRecords) {
  const std::string holding = "[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"test.holding\"\nfrom = \"in\"\n";
  EXPECT_THAT(problems(holding), IsEmpty());
  EXPECT_THAT(problems("delivery = \"at_least_once\"\n" + holding),
              ElementsAre(HasSubstr("error: class 'test.holding' of bee 'a' holds records, and delivery is")));
}

}  // namespace lint_delivery_test
}  // namespace skep
