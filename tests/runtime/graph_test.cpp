#include "skep/runtime/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/runtime/swarm_file.hpp"

namespace skep {
namespace graph_test {

const std::string digits = R"(name = "digits"
[gateways.browser]
type = "websocket"
listen = "127.0.0.1:8080"
answers = "classify"
[bees.normalize]
class = "digits.normalize"
from = "browser"
replicas = 2
[bees.classify]
class = "skep.model"
from = "normalize"
replicas = 4
batch = { size_max = 32, delay_max = "2ms" }
[bees.audit]
class = "skep.log"
from = [{ bee = "normalize.rejected", route = "key" }]
[gateways.archive]
type = "file"
path = "audit.jsonl"
from = "audit"
)";

std::string drawn(const std::string& text, GraphForm form) {
  const auto file = parse_swarm(text, "s.toml", {});
  for (const auto& problem : file.problems) ADD_FAILURE() << problem.to_string();
  return draw(file.spec, form);
}

TEST(GraphTest, FormsHaveNames) {
  EXPECT_EQ(graph_form_from("text"), GraphForm::text);
  EXPECT_EQ(graph_form_from("dot"), GraphForm::dot);
  EXPECT_EQ(graph_form_from("mermaid"), GraphForm::mermaid);
  EXPECT_EQ(graph_form_from("png"), std::nullopt);
}

TEST(GraphTest, TextIsATreeWithAlignedColumns) {
  EXPECT_EQ("\n" + drawn(digits, GraphForm::text), R"(
digits

browser                     websocket          127.0.0.1:8080
└──▶ normalize ×2           digits.normalize
     ├──▶ classify ×4       skep.model         batch 32 or 2ms
     │    └┄┄▶ browser      answers
     └─ rejected ─▶ audit   skep.log           by key
          └──▶ archive      file               audit.jsonl
)");
}

TEST(GraphTest, TextDrawsAJoinOnceAndPointsUpToIt) {
  EXPECT_EQ("\n" + drawn(R"(name = "joined"
[gateways.left]
type = "tcp"
answers = "join.done"
[gateways.right]
type = "tcp"
from = "join"
[bees.one]
class = "a.a"
from = "left"
[bees.join]
class = "a.join"
from = ["one", "left", { bee = "right", route = "all", window = 8, overflow = "drop_newest" }]
execution = "dedicated"
)",
                         GraphForm::text),
            R"(
joined

left                        tcp
├──▶ one                    a.a
│    └──▶ join              a.join    own thread
│         ├──▶ right
│         └┄ done ┄▶ left   answers
└──▶ join ↑

right                       tcp
└──▶ join ↑                           to all, window 8, drops newest
)");
}

/// b0 to b<count - 1> behind gateway `in`; `join` reads the last one and `others`.
std::string chain_of(std::size_t count, const std::string& others = "") {
  std::string text = "name = \"s\"\n[gateways.in]\ntype = \"tcp\"\n";
  for (std::size_t bee = 0; bee < count; ++bee) {
    const auto from = bee == 0 ? "in" : "b" + std::to_string(bee - 1);
    text += "[bees.b" + std::to_string(bee) + "]\nclass = \"a.a\"\nfrom = \"" + from + "\"\n";
  }
  return text + "[bees.join]\nclass = \"a.join\"\nfrom = [" + others + "\"b" + std::to_string(count - 1) + "\"]\n";
}

TEST(GraphTest, TextOfALongChainGoesOnBelow) {
  const auto text = drawn(chain_of(13, "\"b10\", "), GraphForm::text);
  EXPECT_EQ("\n" + text, R"(
s

in                                                                  tcp
└──▶ b0                                                             a.a
     └──▶ b1                                                        a.a
          └──▶ b2                                                   a.a
               └──▶ b3                                              a.a
                    └──▶ b4                                         a.a
                         └──▶ b5                                    a.a
                              └──▶ b6                               a.a
                                   └──▶ b7                          a.a
                                        └──▶ b8                     a.a
                                             └──▶ b9                a.a
                                                  └──▶ b10          a.a
                                                       ├──▶ b11 ↓
                                                       └──▶ join    a.join

b11                                                                 a.a
└──▶ b12                                                            a.a
     └──▶ join ↑
)");
}

TEST(GraphTest, TextGrowsWithTheNumberOfBees) {
  const auto short_text = drawn(chain_of(400), GraphForm::text);
  const auto long_text = drawn(chain_of(4000), GraphForm::text);
  EXPECT_LT(long_text.size(), 11 * short_text.size());
  EXPECT_LT(long_text.size(), 1'000'000u);
  for (const auto* bee : {"b0 ", "b399 ", "b3999 ", "join "}) EXPECT_THAT(long_text, ::testing::HasSubstr(bee));
}

TEST(GraphTest, TextShowsWhatIsWiredWrongly) {
  const auto text = drawn(R"(name = "s"
[bees.a]
class = "a.a"
from = ["b", "nobody"]
[bees.b]
class = "a.b"
from = "a"
)",
                          GraphForm::text);
  EXPECT_EQ("\n" + text, R"(
s

a               a.a
└──▶ b          a.b
     └──▶ a ↑
)");
}

TEST(GraphTest, DotQuotesWhatItShows) {
  EXPECT_EQ("\n" + drawn(digits, GraphForm::dot), R"(
digraph "digits" {
  rankdir=LR;
  node [shape=box];
  "normalize" [label="normalize ×2\ndigits.normalize"];
  "classify" [label="classify ×4\nskep.model\nbatch 32 or 2ms"];
  "audit" [label="audit\nskep.log"];
  "browser" [style=rounded, label="browser\nwebsocket\n127.0.0.1:8080"];
  "archive" [style=rounded, label="archive\nfile\naudit.jsonl"];
  "browser" -> "normalize";
  "normalize" -> "classify";
  "normalize" -> "audit" [label="rejected, by key"];
  "audit" -> "archive";
  "classify" -> "browser" [style=dashed, constraint=false, label="answers"];
}
)");
}

TEST(GraphTest, MermaidRoundsGatewaysAndDashesAnswers) {
  EXPECT_EQ("\n" + drawn(digits, GraphForm::mermaid), R"(
flowchart LR
  normalize["normalize ×2<br/>digits.normalize"]
  classify["classify ×4<br/>skep.model<br/>batch 32 or 2ms"]
  audit["audit<br/>skep.log"]
  browser(["browser<br/>websocket<br/>127.0.0.1:8080"])
  archive(["archive<br/>file<br/>audit.jsonl"])
  browser --> normalize
  normalize --> classify
  normalize -->|"rejected, by key"| audit
  audit --> archive
  classify -.->|"answers"| browser
)");
}

TEST(GraphTest, NothingInAFileEscapesItsQuotes) {
  const std::string hostile = "name = \"s\"\n[gateways.end]\ntype = '\"]; x <b>\\'\nlisten = \"\\u001b[2J\"\n";
  EXPECT_THAT(drawn(hostile, GraphForm::dot), ::testing::HasSubstr(R"(label="end\n\"]; x <b>\\\n\\x1b[2J"])"));
  EXPECT_THAT(drawn(hostile, GraphForm::mermaid),
              ::testing::HasSubstr(R"(end_(["end<br/>#34;]; x #60;b#62;\<br/>\x1b[2J"]))"));
  EXPECT_THAT(drawn(hostile, GraphForm::text), ::testing::HasSubstr(R"(\x1b[2J)"));
}

}  // namespace graph_test
}  // namespace skep
