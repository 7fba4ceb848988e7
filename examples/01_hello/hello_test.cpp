// One bee alone, and the whole swarm: neither needs a socket or a thread.

#include "hello.hpp"

#include <gtest/gtest.h>

#include "skep/testing/bee_harness.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace hello {
namespace {

using skep::testing::BeeHarness;
using skep::testing::SwarmHarness;

TEST(HelloTest, GreetsByName) {
  BeeHarness<Greet> bee;
  bee.send(skep::testing::make_record(skep::Payload::raw("Ada")));
  EXPECT_EQ(bee.emitted().at(0).text(), "Hello, Ada!");
  bee.send(skep::testing::make_record(skep::Payload::raw("")));
  EXPECT_EQ(bee.failures().at(0).message, "expected a name");
}

TEST(HelloTest, GreetsAsItsOptionsSay) {
  BeeHarness<Greet> bee({.greeting = "Good morning"});
  bee.send(skep::testing::make_record(skep::Payload::raw("Ada")));
  EXPECT_EQ(bee.emitted().at(0).text(), "Good morning, Ada!");
}

TEST(HelloTest, TheSwarmGreetsAndSaysFarewell) {
  skep::BeeRegistry bees;
  bees.add<Greet>("hello.greet");
  bees.add<Farewell>("hello.farewell");
  auto swarm = SwarmHarness::from_file(SKEP_EXAMPLES_DIRECTORY "/01_hello/hello.toml", {.bees = bees});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("door").request("Ada").text(), "Hello, Ada! Goodbye!");
  EXPECT_EQ(swarm.gateway("door").request("").failure().message, "expected a name");
}

}  // namespace
}  // namespace hello
