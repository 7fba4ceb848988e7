// Options as lint sees them: every problem, each with its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/option_values.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> problems(const char* type, const OptionValue& options) {
  GatewayRegistry registry;
  add_gateways(registry);
  std::vector<std::string> texts;
  for (const auto& problem : registry.find(type)->configure(options, {3, 1}).problems) {
    texts.push_back(std::to_string(problem.position.line) + ": " + problem.message);
  }
  return texts;
}

TEST(GatewayOptionsTest, KnowsItsTypes) {
  GatewayRegistry registry;
  add_gateways(registry);
  EXPECT_THAT(registry.types(), ElementsAre("file", "tcp", "websocket"));
  EXPECT_EQ(registry.find("udp"), nullptr);
}

TEST(GatewayOptionsTest, TakesEveryDefaultAsAFileWouldWriteIt) {
  GatewayRegistry registry;
  add_gateways(registry);
  for (const auto& type : registry.types()) {
    for (const auto& option : registry.find(type)->description.options) {
      EXPECT_FALSE(option.rules.doc.empty()) << type << "." << option.name;
    }
  }
  EXPECT_THAT(problems("tcp", table({{"listen", option("127.0.0.1:0")}})), IsEmpty());
}

TEST(GatewayOptionsTest, NeedsEitherListenOrConnect) {
  EXPECT_THAT(problems("tcp", table({})), ElementsAre("3: a tcp gateway needs either `listen` or `connect`"));
  const auto both = table({{"listen", option("127.0.0.1:1")}, {"connect", option("127.0.0.1:2")}});
  EXPECT_THAT(problems("tcp", both), ElementsAre("11: a tcp gateway needs either `listen` or `connect`"));
  EXPECT_THAT(problems("websocket", table({})), ElementsAre("3: a websocket gateway needs `listen`"));
}

TEST(GatewayOptionsTest, ChecksAddresses) {
  for (const auto* bad : {"nope", "127.0.0.1:", "127.0.0.1:65536", ":80", "::1:80", "127.0.0.1:-1", "127.0.0.1:8o"}) {
    EXPECT_THAT(problems("tcp", table({{"listen", option(bad)}})), ElementsAre(HasSubstr("is not an address"))) << bad;
  }
  EXPECT_THAT(problems("tcp", table({{"listen", option("[::1]:80")}})), IsEmpty());
}

TEST(GatewayOptionsTest, ListensBeyondThisMachineOnlyWhenAskedTo) {
  const auto open = table({{"listen", option("0.0.0.0:9000")}});
  EXPECT_THAT(problems("tcp", open), ElementsAre(HasSubstr("lets other machines in")));
  EXPECT_THAT(problems("tcp", with(open, "public", option(true))), IsEmpty());
}

TEST(GatewayOptionsTest, ReportsWhatDoesNotFitTogether) {
  const auto tensors = table({{"listen", option("127.0.0.1:0")}, {"content", option("tensor")}});
  EXPECT_THAT(problems("tcp", tensors), ElementsAre(HasSubstr("do not fit lines")));
  const auto key = table({{"listen", option("127.0.0.1:0")}, {"key", option("$.u")}, {"content", option("raw")}});
  EXPECT_THAT(problems("tcp", key), ElementsAre(HasSubstr("only where `content` is \"json\"")));
  const auto path = table({{"listen", option("127.0.0.1:0")}, {"key", option("user")}});
  EXPECT_THAT(problems("tcp", path), ElementsAre(HasSubstr("11: 'key' is \"session\" or a JSON path")));
}

TEST(GatewayOptionsTest, ReportsUnknownOptionsAndValuesAllAtOnce) {
  const auto wrong = table({{"lisen", option("127.0.0.1:0")}, {"framing", option("xml")}, {"deadline", option("-1s")}});
  EXPECT_EQ(problems("tcp", wrong).size(), 3u);
}

}  // namespace
}  // namespace skep
