// The examples' own swarm files and plug-ins, on virtual time. The Python tests beside this run them as programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "skep/runtime/catalog.hpp"
#include "skep/serialization/json.hpp"
#include "skep/testing/fake_engine.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SwarmHarness run_example(const std::string& file, Engine* engine = nullptr) {
  return SwarmHarness::from_file(SKEP_EXAMPLES_DIRECTORY "/" + file,
                                 {.plugins = {SKEP_PLUGIN_DIRECTORY}, .engine = engine});
}

bool is_node_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line == "[cluster]") return true;
  }
  return false;
}

TEST(ExamplesTest, LintHasNothingToSayOfAnyExample) {
  FakeEngine engine([](std::span<const TensorView>) { return std::vector<OwnedTensor>(); });
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKEP_EXAMPLES_DIRECTORY)) {
    if (entry.path().extension() != ".toml" || is_node_file(entry.path())) continue;
    Catalog catalog({SKEP_PLUGIN_DIRECTORY}, engine);
    const auto unset = [](const std::string&) { return std::optional<std::string>(); };
    for (const auto& problem : catalog.check(entry.path().string(), unset).problems) {
      ADD_FAILURE() << problem.to_string();
    }
    ++count;
  }
  EXPECT_GE(count, 3);
}

TEST(ExamplesTest, HelloGreetsAndSaysFarewell) {
  auto swarm = run_example("01_hello/hello.toml");
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("door").request("Ada").text(), "Hello, Ada! Goodbye!");
  EXPECT_EQ(swarm.gateway("door").request("").failure().message, "expected a name");
}

TEST(ExamplesTest, BranchSendsOutAlarmsAndEveryThirdOpeningOfADoor) {
  auto swarm = run_example("02_branch/branch.toml");
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto events = swarm.gateway("events").connect();
  events.send(R"({"kind": "temperature", "room": "oven", "value": 31})");
  events.send(R"({"kind": "temperature", "room": "cellar", "value": 12})");
  events.send(R"({"kind": "temperature", "room": "lab", "value": 99, "test": true})");
  for (const auto* room : {"hall", "attic", "hall", "hall"}) {
    events.send(R"({"kind": "door", "room": ")" + std::string(room) + "\"}");
  }
  std::vector<std::string> sent;
  for (const auto& record : swarm.gateway("alarms").sent()) sent.emplace_back(record.text());
  EXPECT_THAT(sent, ElementsAre(R"({"alarm":"too hot","room":"oven","value":31})", R"({"room":"hall","openings":3})"));
}

/// A model that sees in every image the digit of its brightest row, of eight.
std::vector<OwnedTensor> brightest_row(std::span<const TensorView> inputs) {
  const auto pixels = inputs.front().values<float>();
  const auto count = inputs.front().shape().front();
  std::vector<float> scores(static_cast<std::size_t>(count) * 10);
  for (std::size_t i = 0; i < pixels.size(); ++i) scores[i / 64 * 10 + i % 64 / 8] += pixels[i];
  return {FakeEngine::tensor({count, 10}, scores)};
}

std::string image_with_row(int bright) {
  std::string text = R"({"pixels": [)";
  for (int i = 0; i < 64; ++i) text += std::string(i == 0 ? "" : ", ") + (i / 8 == bright ? "16" : "1");
  return text + "]}";
}

TEST(ExamplesTest, DigitsAreClassifiedByAnyEngine) {
  FakeEngine engine(brightest_row);
  auto swarm = run_example("03_digits/digits.toml", &engine);
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  for (const auto* gateway : {"browser", "lines"}) {
    const auto reply = swarm.gateway(gateway).request(image_with_row(5));
    ASSERT_TRUE(reply.ok()) << reply.text();
    EXPECT_EQ(JsonDocument::parse(reply.text())->integer("$.class"), 5);
  }
  EXPECT_THAT(swarm.gateway("lines").request(R"({"pixels": [1, 2]})").failure().message,
              HasSubstr("expected 64 pixels"));
  EXPECT_TRUE(std::ranges::any_of(swarm.log(), [](const auto& line) { return line.source == "digits.audit"; }));
}

}  // namespace
}  // namespace skep::testing
