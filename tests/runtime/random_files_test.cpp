// Swarm and node files that nobody meant to write: nothing may crash, and every problem stands inside the file.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "skep/gateways/gateway.hpp"
#include "skep/runtime/graph.hpp"
#include "skep/runtime/lint.hpp"
#include "skep/runtime/node_config.hpp"

namespace skep {
namespace random_files_test {

const std::string seed_file = R"(name    = "digits"
plugins = ["digits"]
[gateways.browser]
type    = "websocket"
listen  = "${HOST:-127.0.0.1}:8080"
answers = "classify.default"
[bees.normalize]
class   = "digits.normalize"
from    = "browser"
options = { scale = 255.0, when = 2020-01-01, text = """
a
b""" }
[bees.classify]
class    = "skep.model"
from     = ["normalize", { bee = "normalize.rejected", route = "key", window = 3 }]
replicas = 2
batch    = { size_max = 32, delay_max = "2ms" }
[log]
level = "info"
[[test]]
name = "t"
[[test.step]]
send   = [{ gateway = "browser", records = [{ a = [1, 2.5] }, "x"] }, { gateway = "browser", hex = ["00 ff"] }]
expect = { errors = ["bad_record", { code = "dropped" }], within = "1s" }
dead_letters = { bee = "normalize" }
)";

constexpr std::array<std::string_view, 20> tokens{"[",
                                                  "]",
                                                  "{",
                                                  "}",
                                                  "=",
                                                  ".",
                                                  "\"",
                                                  "'''",
                                                  "${",
                                                  "#",
                                                  "\n",
                                                  "\r\n",
                                                  "é",
                                                  "\xff",
                                                  "[[test]]\n",
                                                  "[bees.normalize]\n",
                                                  "from = \"classify\"\n",
                                                  "replicas = -1\n",
                                                  "9999999999999999999",
                                                  std::string_view("\0", 1)};

class Mutation {
 public:
  explicit Mutation(std::uint32_t seed) : random_(seed) {}

  std::string apply(std::string text) {
    for (auto count = 1 + below(8); count > 0; --count) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  void change(std::string& text) {
    const auto at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.erase(at, 1 + below(4));
        break;
      case 1:
        text.insert(at, tokens[below(tokens.size())]);
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(60)));
        break;
      default:
        text.resize(at + (text.size() - at) * below(2));
        break;
    }
  }

  std::mt19937 random_;
};

/// The length of each line in characters.
std::vector<std::uint32_t> line_lengths(std::string_view text) {
  std::vector<std::uint32_t> lengths{0};
  for (const char c : text) {
    if (c == '\n') {
      lengths.push_back(0);
    } else if ((c & 0xC0) != 0x80) {
      ++lengths.back();
    }
  }
  return lengths;
}

void expect_inside(const std::vector<Problem>& problems, const std::string& text) {
  const auto lengths = line_lengths(text);
  for (const auto& problem : problems) {
    const auto [line, column] = problem.position;
    if (line == 0) continue;
    ASSERT_LE(line, lengths.size()) << problem.to_string();
    ASSERT_GE(column, 1u) << problem.to_string();
    ASSERT_LE(column, lengths[line - 1] + 1) << problem.to_string();
  }
  ASSERT_TRUE(std::ranges::is_sorted(problems, {}, &Problem::position));
}

TEST(RandomFilesTest, SwarmFilesAreReadLintedAndDrawn) {
  BeeRegistry bees;
  bees.add<Bee>("digits.normalize", [](const auto&) { return std::unique_ptr<Bee>(); });
  GatewayRegistry gateways;
  gateways.add({{"websocket", "", {}}, [](const OptionValue&, SourcePosition) { return ConfiguredGateway{}; }});
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    const auto text = Mutation(seed).apply(seed_file);
    SCOPED_TRACE("seed " + std::to_string(seed) + ":\n" + text);
    const auto file = parse_swarm(text, "s.toml", {});
    expect_inside(file.problems, text);
    expect_inside(lint(file, bees, gateways).problems, text);
    for (const auto form : {GraphForm::text, GraphForm::dot, GraphForm::mermaid}) (void)draw(file.spec, form);
    if (HasFatalFailure()) break;
  }
}

TEST(RandomFilesTest, NodeFilesAreRead) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    const auto text = Mutation(seed).apply("name = \"a\"\nswarms = [\"x\"]\nthreads = 2\n[log]\nlevel = \"info\"\n");
    SCOPED_TRACE("seed " + std::to_string(seed) + ":\n" + text);
    expect_inside(parse_node_config(text, "node.toml", {}, {}).problems, text);
    if (HasFatalFailure()) break;
  }
}

}  // namespace random_files_test
}  // namespace skep
