#include "skep/runtime/swarm_spec.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace swarm_spec_test {

TEST(SwarmSpecTest, FindsBeesAndGatewaysByName) {
  SwarmSpec spec;
  spec.bees.push_back({.name = "normalize"});
  spec.gateways.push_back({.name = "browser"});
  ASSERT_NE(spec.bee("normalize"), nullptr);
  EXPECT_EQ(spec.bee("normalize")->name, "normalize");
  EXPECT_EQ(spec.bee("browser"), nullptr);
  ASSERT_NE(spec.gateway("browser"), nullptr);
  EXPECT_EQ(spec.gateway("normalize"), nullptr);
}

TEST(SwarmSpecTest, AProblemReadsAsCompilersWriteThem) {
  const Problem problem{
      Problem::Severity::error, "digits.toml", {12, 3}, "unknown key 'replica'", "did you mean 'replicas'?"};
  EXPECT_EQ(problem.to_string(), "digits.toml:12:3: error: unknown key 'replica' (did you mean 'replicas'?)");
}

TEST(SwarmSpecTest, AProblemWithoutPositionNamesTheFileAlone) {
  EXPECT_EQ((Problem{Problem::Severity::warning, "a.toml", {}, "odd", ""}).to_string(), "a.toml: warning: odd");
  EXPECT_EQ((Problem{Problem::Severity::error, "", {}, "odd", ""}).to_string(), "error: odd");
}

TEST(SwarmSpecTest, AProblemNeverSteersTheTerminalItIsShownOn) {
  const Problem problem{Problem::Severity::error, "a.toml", {1, 1}, "unknown key '\x1b[2J\nfake: error'\xc2\x9b", ""};
  EXPECT_EQ(problem.to_string(), "a.toml:1:1: error: unknown key '\\x1b[2J\\x0afake: error'\\xc2\\x9b");
}

}  // namespace swarm_spec_test
}  // namespace skep
