// Whole swarms under at_least_once, on virtual time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/harness_bees.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {
namespace swarm_delivery_test {

using namespace std::chrono_literals;

constexpr auto chain = R"(
name = "chain"
delivery = "at_least_once"
[gateways.door]
type = "tcp"
listen = "127.0.0.1:1"
answers = "last"
[bees.first]
class = "test.thirds"
from = "door"
replicas = 2
[bees.last]
class = "test.echo"
from = "first"
batch = { size_max = 4, delay_max = "2ms" }
[gateways.out]
type = "tcp"
listen = "127.0.0.1:2"
from = "last"
)";

BeeRegistry bees() {
  BeeRegistry bees;
  bees.add<ThrowsOnThirds>("test.thirds");
  bees.add<Echo>("test.echo");
  return bees;
}

TEST(SwarmDeliveryTest, EveryRequestIsAnsweredAndADrainFindsAllDone) {
  SwarmHarness swarm(chain, bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  static_cast<void>(swarm.gateway("out").connect());  // somebody takes what goes out
  auto client = swarm.gateway("door").connect();
  for (int number = 1; number <= 30; ++number) client.send(std::to_string(number));
  swarm.advance(1s);
  const auto replies = client.replies();
  ASSERT_EQ(replies.size(), 30u);
  for (int number = 1; number <= 30; ++number) {
    EXPECT_EQ(replies[static_cast<std::size_t>(number - 1)].ok(), number % 3 != 0) << number;
  }
  EXPECT_EQ(swarm.gateway("out").sent().size(), 20u);
  const auto totals = swarm.drain();
  ASSERT_TRUE(totals.ok()) << totals.error().message;
  EXPECT_EQ(totals.value().gateways[0].counters.orphaned, 0u);
  EXPECT_EQ(swarm.dead_letters().counts().added, 10u);
}

}  // namespace swarm_delivery_test
}  // namespace skep::testing
