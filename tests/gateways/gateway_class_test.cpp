// Users' gateway classes as swarm files see them: options of their own beside those of every gateway.

#include "skep/gateways/gateway_class.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "gateways/probe_gateway.hpp"

namespace skep::testing {
namespace gateway_class_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

OptionValue table(std::vector<std::pair<std::string, std::string>> options) {
  OptionValue::Table members;
  std::uint32_t line = 2;
  for (auto& [key, text] : options) {
    members.push_back({key, {line, 1}, {.value = std::move(text), .position = {line, 9}}});
    ++line;
  }
  return {.value = std::move(members), .position = {1, 1}};
}

/// "line: message (suggestion)" of each.
std::vector<std::string> problems(const GatewayRegistry& registry, const OptionValue& options) {
  std::vector<std::string> all;
  for (const auto& problem : registry.find("test.probe")->configure(options, {1, 1}).problems) {
    all.push_back(std::to_string(problem.position.line) + ": " + problem.message + " (" + problem.suggestion + ")");
  }
  return all;
}

/// The class itself, or its description alone.
GatewayRegistry registry(bool described) {
  GatewayRegistry registry;
  if (!described) {
    registry.add<Probe>("test.probe");
    return registry;
  }
  EXPECT_TRUE(add_described(registry, GatewayClass<Probe>("test.probe").description()).ok());
  return registry;
}

TEST(GatewayClassTest, PathsAreOfGatewaysThatSubmitJson) {
  GatewayRegistry known;
  auto description = GatewayClass<Probe>("test.probe").description();
  description.content = ContentKind::raw;
  ASSERT_TRUE(add_described(known, std::move(description)).ok());
  EXPECT_THAT(
      problems(known, table({{"key", "$.a"}})),
      ElementsAre("2: 'key' can be a JSON path only of gateways that submit JSON; 'test.probe' submits raw ()"));
}

TEST(GatewayClassTest, EveryMistakeIsFoundWithAndWithoutItsCode) {
  for (const bool described : {false, true}) {
    const auto known = registry(described);
    EXPECT_THAT(problems(known, table({{"kind", "json"}, {"deadline", "2s"}, {"key", "$.a"}})), IsEmpty());
    EXPECT_THAT(problems(known, table({{"dedline", "2s"}})), ElementsAre(HasSubstr("did you mean 'deadline'?")));
    EXPECT_THAT(problems(known, table({{"knd", "raw"}})), ElementsAre(HasSubstr("did you mean 'kind'?")));
    EXPECT_THAT(problems(known, table({{"kind", "xml"}})), ElementsAre(HasSubstr("2: ")));
    EXPECT_THAT(problems(known, table({{"kind", "xml"}, {"deadline", "0s"}, {"kee", "x"}})).size(), 3u);
    EXPECT_THAT(problems(known, table({{"key", "user"}})), ElementsAre(HasSubstr("JSON path")));
    EXPECT_THAT(problems(known, table({{"payload_bytes_max", "65MiB"}})), ElementsAre(HasSubstr("maximum 64MiB")));
    EXPECT_THAT(problems(known, table({{"listen", "0.0.0.0:1"}})), ElementsAre(HasSubstr("set public = true")));
    EXPECT_THAT(problems(known, table({{"listen", "here"}})).size(), 1u);
  }
}

TEST(GatewayClassTest, SaysWhereItListens) {
  for (const bool described : {false, true}) {
    const auto known = registry(described);
    const auto& entry = *known.find("test.probe");
    const auto one = entry.configure(table({{"listen", "127.0.0.1:9000"}}), {1, 1});
    ASSERT_TRUE(one.listen);
    EXPECT_EQ(to_string(*one.listen), "127.0.0.1:9000");
    EXPECT_TRUE(one.clashes(entry.configure(table({{"listen", "0.0.0.0:9000"}, {"public", "x"}}), {1, 1})));
    auto tcp = one;
    tcp.protocol = ListenProtocol::tcp;
    EXPECT_FALSE(one.clashes(tcp)) << "a port of UDP and the same of TCP";
    EXPECT_EQ(static_cast<bool>(one.spawn), !described);
  }
}

TEST(GatewayClassTest, ItsDescriptionHasTheOptionsOfEveryGatewayFirst) {
  const auto known = registry(false);
  const auto& description = known.find("test.probe")->description;
  ASSERT_GT(description.options.size(), description.shared_options);
  EXPECT_EQ(description.options[0].name, "key");
  EXPECT_EQ(description.options[description.shared_options].name, "throws_in");
  EXPECT_TRUE(description.directions.in && description.directions.out && description.directions.answers);
}

std::string refusal(const GatewayDescription& description) {
  GatewayRegistry registry;
  try {
    registry.add_class(description, {});
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "";
}

TEST(GatewayClassTest, ADescriptionThatCannotBeIsRefused) {
  GatewayDescription good{.type = "a.b", .summary = "", .options = {{.name = "own", .type = "string"}}};
  EXPECT_EQ(refusal(good), "");
  const auto with = [&](auto change) {
    auto bad = good;
    change(bad);
    return refusal(bad);
  };
  for (const auto* type : {"tcp", "a.b.c", "A.b", "a.", ".b", ""}) {
    EXPECT_THAT(with([&](auto& bad) { bad.type = type; }), HasSubstr("'library.class'")) << type;
  }
  EXPECT_THAT(with([](auto& bad) { bad.options[0].name = "deadline"; }), HasSubstr("one that every gateway has"));
  for (const auto* key : {"type", "from", "answers", "nodes"}) {
    EXPECT_THAT(with([&](auto& bad) { bad.options[0].name = key; }), HasSubstr("a key of every gateway"));
  }
  EXPECT_THAT(with([](auto& bad) { bad.listen = "port"; }), HasSubstr("'port', where it listens"));
  EXPECT_THAT(with([](auto& bad) { bad.directions = {false, false, false}; }), HasSubstr("neither in nor out"));
  EXPECT_THAT(with([](auto& bad) { bad.content = ContentKind::capnp; }), HasSubstr("content"));
  GatewayRegistry registry;
  registry.add<Probe>("test.probe");
  EXPECT_THROW(registry.add<Probe>("test.probe"), std::invalid_argument);
  auto unknown = good;
  unknown.options[0].type = "colour";
  EXPECT_EQ(add_described(registry, unknown).error().code, errc::incompatible);
}

}  // namespace gateway_class_test
}  // namespace skep::testing
