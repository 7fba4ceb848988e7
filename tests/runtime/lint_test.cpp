#include <gmock/gmock.h>

#include <algorithm>

#include "lint_fixture.hpp"
#include "skep/actors/limits.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {
namespace lint_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

TEST_F(LintTest, ARightSwarmHasNoProblems) {
  const auto result = run(chain);
  EXPECT_TRUE(result.ok());
  EXPECT_THAT(problems(chain), IsEmpty());
}

TEST_F(LintTest, SaysNothingTwice) {
  EXPECT_THAT(problems("[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"test.router\"\nfrom = \"in\"\n"
                       "options = { ports = [\"x\", \"x\"] }\n[bees.b]\nclass = \"test.plain\"\nfrom = \"a\"\n"),
              ElementsAre(HasSubstr("two output ports are named 'x'"), HasSubstr("nothing reads 'a.x'")));
}

TEST_F(LintTest, PlansEdgesByIndex) {
  const auto plan = run(chain).plan;
  EXPECT_EQ(plan.name, "s");
  ASSERT_EQ(plan.edges.size(), 2u);
  EXPECT_EQ(plan.edges[0].from, 2u);  // the gateway, past the bees
  EXPECT_EQ(plan.edges[0].to, 0u);
  EXPECT_EQ(plan.edges[0].name, "in -> a");
  EXPECT_EQ(plan.edges[1].from, 0u);
  EXPECT_EQ(plan.edges[1].to, 1u);
  EXPECT_EQ(plan.edges[1].name, "a.default -> b");
  EXPECT_THAT(plan.order, ElementsAre(2u, 0u, 1u));
  EXPECT_TRUE(plan.bees[1].takes_batches);
  EXPECT_TRUE(plan.bees[1].configured.factory);
}

TEST_F(LintTest, PlansPortsAndSettingsOfEdges) {
  const auto plan = run(R"([gateways.in]
type = "memory"
[bees.a]
class = "test.sorter"
from = "in"
[bees.b]
class = "test.plain"
from = ["a", { bee = "a.rejected", route = "key", window = 3 }]
)")
                        .plan;
  ASSERT_EQ(plan.edges.size(), 3u);
  EXPECT_EQ(plan.edges[2].port, 1u);
  EXPECT_EQ(plan.edges[2].settings.route, Route::key);
  EXPECT_EQ(plan.edges[2].settings.window, 3u);
  EXPECT_EQ(plan.edges[2].name, "a.rejected -> b");
}

TEST_F(LintTest, AnswersReachBackAlongTheWayOnly) {
  const auto plan = run(chain + R"([bees.side]
class = "test.plain"
from = "a"
[bees.after]
class = "test.plain"
from = "b"
)")
                        .plan;
  EXPECT_TRUE(plan.bees[0].answers_reachable);
  EXPECT_TRUE(plan.bees[1].answers_reachable);
  EXPECT_FALSE(plan.bees[2].answers_reachable);
  EXPECT_FALSE(plan.bees[3].answers_reachable);
  EXPECT_THAT(plan.bees[0].answer_ports, IsEmpty());
  EXPECT_THAT(plan.bees[1].answer_ports, ElementsAre(0));
}

TEST_F(LintTest, AnswersMayComeFromANamedPort) {
  const auto result = run(R"([gateways.in]
type = "memory"
answers = "a.rejected"
[gateways.in_too]
type = "memory"
answers = "a"
[bees.a]
class = "test.sorter"
from = ["in", "in_too"]
)");
  EXPECT_TRUE(result.ok());
  EXPECT_THAT(result.plan.bees[0].answer_ports, ElementsAre(0, 1));
}

TEST_F(LintTest, OrderPutsEverySenderBeforeItsReceivers) {
  const auto plan = run(R"([bees.last]
class = "test.plain"
from = ["left", "right", "in"]
[bees.left]
class = "test.plain"
from = "first"
[bees.right]
class = "test.plain"
from = "first"
[bees.first]
class = "test.plain"
from = "in"
[gateways.out]
type = "memory"
from = "last"
[gateways.in]
type = "memory"
)")
                        .plan;
  ASSERT_EQ(plan.order.size(), 6u);
  const auto place = [&](std::size_t node) { return std::ranges::find(plan.order, node) - plan.order.begin(); };
  for (const auto& edge : plan.edges) EXPECT_LT(place(edge.from), place(edge.to)) << edge.name;
}

TEST_F(LintTest, AGatewayThatAlsoSendsOutStandsWithTheSenders) {
  const auto result = run(R"([gateways.chat]
type = "memory"
from = "a"
[bees.a]
class = "test.plain"
from = "chat"
)");
  EXPECT_TRUE(result.ok());
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(result.plan.order, ElementsAre(1u, 0u));
}

TEST_F(LintTest, UnknownNamesHaveTheNearestSuggested) {
  EXPECT_THAT(problems(R"([gateways.browser]
type = "memery"
answers = "normalise"
[bees.normalize]
class = "test.sortr"
from = "browse"
)"),
              ElementsAre("s.toml:3:8: error: unknown gateway type 'memery' (did you mean 'memory'?)",
                          "s.toml:4:11: error: no bee or gateway is named 'normalise' (did you mean 'normalize'?)",
                          "s.toml:6:9: error: unknown class 'test.sortr' (did you mean 'test.sorter'?)",
                          "s.toml:7:8: error: no bee or gateway is named 'browse' (did you mean 'browser'?)"));
}

TEST_F(LintTest, UnknownPortsHaveTheNearestSuggested) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "memory"
[bees.a]
class = "test.sorter"
from = "in.rejected"
[bees.b]
class = "test.plain"
from = "a.rejectd"
)"),
              ElementsAre(HasSubstr("6:8: error: gateway 'in' has no port 'rejected'"),
                          HasSubstr("9:8: error: bee 'a' has no port 'rejectd' (did you mean 'rejected'?)")));
}

TEST_F(LintTest, PortsMayComeFromOptions) {
  const std::string router = R"([gateways.in]
type = "memory"
[bees.a]
class = "test.router"
from = "in"
options = { ports = ["red", "green"] }
[bees.b]
class = "test.plain"
from = ["a.green", "a.red", "a"]
)";
  EXPECT_THAT(problems(router), IsEmpty());
  EXPECT_EQ(run(router).plan.edges[1].port, 2u);
  EXPECT_THAT(problems(router + "[bees.c]\nclass = \"test.plain\"\nfrom = \"a.blue\"\n"),
              ElementsAre(HasSubstr("bee 'a' has no port 'blue'")));
}

TEST_F(LintTest, PortsOfABeeWithWrongOptionsAreNotGuessed) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "memory"
[bees.a]
class = "test.router"
from = "in"
options = { ports = "red" }
[bees.b]
class = "test.plain"
from = "a.red"
)"),
              ElementsAre(HasSubstr("7:21: error: ")));
}

TEST_F(LintTest, OptionsAreCheckedByTheirClass) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "socket"
[bees.a]
class = "test.sorter"
from = "in"
options = { limit = 10, limits = 2 }
[bees.b]
class = "test.plain"
from = ["a", "a.rejected"]
)"),
              ElementsAre(HasSubstr("s.toml:2:11: error: a socket needs 'listen'"), HasSubstr("s.toml:7:21: error: "),
                          HasSubstr("did you mean 'limit'?")));
}

TEST_F(LintTest, CyclesAreShownAsAPath) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "memory"
[bees.a]
class = "test.plain"
from = ["in", "c"]
[bees.b]
class = "test.plain"
from = "a"
[bees.c]
class = "test.plain"
from = "b"
[bees.alone]
class = "test.plain"
from = "alone"
)"),
              ElementsAre(HasSubstr("s.toml:6:15: error: a cycle: a -> b -> c -> a ("),
                          HasSubstr("s.toml:15:8: error: a cycle: alone -> alone (")));
}

TEST_F(LintTest, AnswersThatCannotComeAreErrors) {
  EXPECT_THAT(problems(R"([gateways.one]
type = "memory"
answers = "b"
[gateways.two]
type = "memory"
answers = "one"
[bees.a]
class = "test.plain"
from = "one"
[bees.b]
class = "test.plain"
from = "two"
)"),
              ElementsAre(HasSubstr("s.toml:4:11: error: 'b' cannot answer 'one': no record gets from there to it"),
                          HasSubstr("s.toml:7:11: error: 'one' is a gateway; answers come from a bee")));
}

TEST_F(LintTest, AnswersAreNotBlamedForAWrongNameOnTheWay) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "memory"
answers = "b"
[bees.a]
class = "test.plain"
from = "im"
[bees.b]
class = "test.plain"
from = "a"
)"),
              ElementsAre(HasSubstr("7:8: error: no bee or gateway is named 'im'")));
}

TEST_F(LintTest, ListenAddressesAreUsedOnce) {
  const auto two = [&](const std::string& one, const std::string& other) {
    return problems("[gateways.one]\ntype = \"socket\"\nlisten = \"" + one + "\"\nanswers = \"a\"\n" +
                    "[gateways.two]\ntype = \"socket\"\nlisten = \"" + other + "\"\nanswers = \"a\"\n" +
                    "[bees.a]\nclass = \"test.plain\"\nfrom = [\"one\", \"two\"]\n");
  };
  EXPECT_THAT(two("127.0.0.1:80", "127.0.0.1:80"),
              ElementsAre(HasSubstr("s.toml:8:10: error: gateway 'one' listens on 127.0.0.1:80 already")));
  EXPECT_THAT(two("127.0.0.1:80", "0.0.0.0:80"), ::testing::SizeIs(1));
  EXPECT_THAT(two("localhost:80", "127.0.0.1:80"), ::testing::SizeIs(1));
  EXPECT_THAT(two("127.0.0.1:80", "127.0.0.2:80"), IsEmpty());
  EXPECT_THAT(two("127.0.0.1:0", "127.0.0.1:0"), IsEmpty());
}

TEST_F(LintTest, LooseEndsAreWarnedOf) {
  const auto result = run(R"([gateways.in]
type = "memory"
answers = "b"
[gateways.unread]
type = "memory"
[bees.a]
class = "test.sorter"
from = "in"
[bees.b]
class = "test.plain"
from = "a"
[bees.side]
class = "test.sorter"
from = "a.rejected"
)");
  EXPECT_TRUE(result.ok());
  std::vector<std::string> texts;
  for (const auto& problem : result.problems) texts.push_back(problem.to_string());
  EXPECT_THAT(texts, ElementsAre(HasSubstr("s.toml:5:11: warning: nothing reads gateway 'unread'"),
                                 HasSubstr("s.toml:13:7: warning: nothing reads 'side.rejected'"),
                                 HasSubstr("s.toml:15:8: warning: no answer comes back from what 'a.rejected' sends")));
}

TEST_F(LintTest, ADefaultPortIsLooseOnlyBesideOneInUse) {
  const std::string in = "[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"test.sorter\"\nfrom = \"in\"\n";
  EXPECT_THAT(problems(in + "[bees.b]\nclass = \"test.plain\"\nfrom = \"a.rejected\"\n"),
              ElementsAre(HasSubstr("nothing reads 'a.default'")));
}

TEST_F(LintTest, LooseEndsAreNotWarnedOfWhileNamesAreWrong) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "memory"
[bees.a]
class = "test.sorter"
from = "inn"
)"),
              ElementsAre(HasSubstr("no bee or gateway is named 'inn'")));
}

TEST_F(LintTest, AnEdgeIsThereOnce) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "memory"
[bees.a]
class = "test.plain"
from = ["in", "in"]
)"),
              ElementsAre(HasSubstr("s.toml:6:15: error: 'a' reads 'in' twice")));
  EXPECT_THAT(problems("[gateways.in]\ntype = \"memory\"\nfrom = \"in\"\n"),
              ElementsAre(HasSubstr("gateway 'in' reads itself")));
}

TEST_F(LintTest, ReadersOfOnePortMustHaveAKindInCommon) {
  const std::string json = "[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"test.json\"\nfrom = \"in\"\n";
  EXPECT_THAT(problems(json + "[bees.b]\nclass = \"test.tensors\"\nfrom = \"in\"\n"),
              ElementsAre(HasSubstr("s.toml:9:8: warning: 'b' reads tensor or capnp, 'a' json, both from 'in'")));
  EXPECT_THAT(problems(json + "[bees.b]\nclass = \"test.plain\"\nfrom = \"in\"\n"), IsEmpty());
  EXPECT_THAT(problems(json + "[bees.b]\nclass = \"test.tensors\"\nfrom = \"a\"\n"), IsEmpty());
}

TEST_F(LintTest, AReaderMustHaveAKindInCommonWithItsGateway) {
  gateways_.add({{"lines", "", {}}, [](const OptionValue&, SourcePosition) {
                   ConfiguredGateway gateway;
                   gateway.kinds = {ContentKind::raw};
                   return gateway;
                 }});
  const auto read_by = [&](const std::string& bee) {
    return problems("[gateways.in]\ntype = \"lines\"\n[bees.a]\nclass = \"test." + bee + "\"\nfrom = \"in\"\n");
  };
  EXPECT_THAT(read_by("json"),
              ElementsAre("s.toml:6:8: warning: gateway 'in' brings raw, and 'a' says that it reads json"));
  EXPECT_THAT(read_by("tensors"), ElementsAre(HasSubstr("'a' says that it reads tensor or capnp")));
  EXPECT_THAT(read_by("plain"), IsEmpty());
}

TEST_F(LintTest, FiveMistakesAreFoundAtOnceInFileOrder) {
  EXPECT_THAT(problems(R"([gateways.in]
type = "memory"
answers = "a.defualt"
[bees.a]
class = "test.sorter"
from = "in"
replica = 2
options = { limit = 99 }
[bees.b]
class = "test.plian"
from = "a.rejcted"
)"),
              ElementsAre(HasSubstr("s.toml:4:11: error: bee 'a' has no port 'defualt' (did you mean 'default'?)"),
                          HasSubstr("s.toml:8:1: error: unknown key 'replica' in bee 'a' (did you mean 'replicas'?)"),
                          HasSubstr("s.toml:9:21: error: "),
                          HasSubstr("s.toml:11:9: error: unknown class 'test.plian' (did you mean 'test.plain'?)"),
                          HasSubstr("s.toml:12:8: error: bee 'a' has no port 'rejcted' (did you mean 'rejected'?)")));
}

TEST_F(LintTest, WhatTheFilesReaderSaidIsNotSaidAgain) {
  EXPECT_THAT(problems("[bees.a]\n"), ElementsAre(HasSubstr("no 'class'"), HasSubstr("no 'from'")));
  EXPECT_THAT(problems("[bees.a\n"), ::testing::SizeIs(1));
  EXPECT_THAT(problems("[gateways.g]\ntype = 5\n[bees.a]\nclass = \"test.plain\"\nfrom = [5]\n"), ::testing::SizeIs(2));
}

TEST_F(LintTest, ASpecMadeInCodeIsCheckedForFormToo) {
  SwarmSpec spec;
  spec.bees.push_back({.name = "a", .replicas = 0});
  spec.gateways.push_back({.name = "a"});
  std::vector<std::string> texts;
  for (const auto& problem : lint(spec, bees_, gateways_).problems) texts.push_back(problem.to_string());
  EXPECT_THAT(texts,
              ::testing::UnorderedElementsAre(HasSubstr("'' cannot name a swarm"), HasSubstr("'a' is there twice"),
                                              HasSubstr("bee 'a' has no class"), HasSubstr("nothing reaches bee 'a'"),
                                              HasSubstr("0 replicas"), HasSubstr("gateway 'a' has no type")));
}

TEST_F(LintTest, ASpecMadeInCodeIsCheckedForRangesToo) {
  SwarmSpec spec;
  spec.name = "s";
  spec.gateways.push_back({.name = "in", .type = "memory"});
  spec.bees.push_back({.name = "a", .bee_class = "test.plain", .from = {{.from = "in"}}});
  EXPECT_TRUE(lint(spec, bees_, gateways_).ok());
  auto& bee = spec.bees[0];
  bee.batch = {.size_max = limits::batch_size_max + 1, .delay_max = limits::batch_delay_max + 1ns};
  bee.from[0].settings.window = 0;
  bee.from[0].settings.window_bytes = 0;
  std::vector<std::string> texts;
  for (const auto& problem : lint(spec, bees_, gateways_).problems) texts.push_back(problem.to_string());
  EXPECT_THAT(texts, ::testing::UnorderedElementsAre(HasSubstr("bee 'a': batch.size_max is 4097 (from 1 to 4096)"),
                                                     HasSubstr("batch.delay_max is"), HasSubstr("'in': window is 0"),
                                                     HasSubstr("window_bytes is 0")));
}

TEST_F(LintTest, WarnsOfAJoinWhoseReplicasDivideItsHalves) {
  const auto join = [](const std::string& from, int replicas) {
    return "[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"test.plain\"\nfrom = \"in\"\n"
           "[bees.b]\nclass = \"test.plain\"\nfrom = \"in\"\n[bees.join]\nclass = \"test.holding\"\nfrom = " +
           from + "\nreplicas = " + std::to_string(replicas) + "\n";
  };
  const std::string by_key = R"([{ bee = "a", route = "key" }, { bee = "b", route = "key" }])";
  EXPECT_THAT(problems(join(R"(["a", "b"])", 2)),
              ElementsAre(HasSubstr("s.toml:12:9: warning: 'join' holds records, and its 2 replicas divide what comes "
                                    "from 'a' and 'b' between them")));
  EXPECT_THAT(problems(join(R"([{ bee = "a", route = "key" }, "b"])", 2)), ElementsAre(HasSubstr("warning: 'join'")));
  EXPECT_THAT(problems(join(by_key, 2)), IsEmpty());
  EXPECT_THAT(problems(join(R"(["a", "b"])", 1)), IsEmpty());
  EXPECT_THAT(problems("[gateways.more]\ntype = \"memory\"\n" + join(R"(["more", "b"])", 2)),
              ::testing::Not(Contains(HasSubstr("divide"))))
      << "they have no record in common";
}

TEST_F(LintTest, ANodeFileIsTakenForOne) {
  EXPECT_THAT(problems("swarms = [\"a.toml\"]\n"),
              Contains(HasSubstr("neither bees nor gateways (a node file? skep node")));
}

TEST_F(LintTest, ASpecMadeInCodeHasAMistakeAsOftenAsItIsThere) {
  SwarmSpec spec;
  spec.name = "s";
  spec.gateways.push_back({.name = "in", .type = "memory"});
  for (const auto* name : {"a", "b"}) {
    spec.bees.push_back({.name = name, .bee_class = "test.sorter", .from = {{.from = "in"}}});
    spec.bees.back().options.value = OptionValue::Table{{"limit", {}, {std::int64_t{99}, {}}}};
  }
  EXPECT_EQ(std::ranges::count(lint(spec, bees_, gateways_).problems, Problem::Severity::error, &Problem::severity), 2);
}

TEST_F(LintTest, LargeSwarmsAreLimitedAndCheckedInTime) {
  SwarmSpec spec;
  spec.name = "s";
  spec.gateways.push_back(
      {.name = "in", .type = "memory", .answers = "b" + std::to_string(limits::swarm_bees_max - 2)});
  for (std::uint32_t i = 0; i + 1 < limits::swarm_bees_max; ++i) {
    const std::string from = i == 0 ? "in" : "b" + std::to_string(i - 1);
    spec.bees.push_back({.name = "b" + std::to_string(i), .bee_class = "test.plain", .from = {{.from = from}}});
  }
  const auto result = lint(spec, bees_, gateways_);
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_EQ(result.plan.order.size(), limits::swarm_bees_max);
  spec.bees.push_back({.name = "more", .bee_class = "test.plain", .from = {{.from = "in"}}});
  EXPECT_FALSE(lint(spec, bees_, gateways_).ok());
}

TEST_F(LintTest, EdgesAreLimited) {
  SwarmSpec spec;
  spec.name = "s";
  spec.gateways.push_back({.name = "in", .type = "memory"});
  std::uint32_t width = 1;  // edges from each of so many bees to each of as many
  while (width * width <= limits::swarm_edges_max) ++width;
  for (std::uint32_t i = 0; i < 2 * width; ++i) {
    spec.bees.push_back({.name = "b" + std::to_string(i), .bee_class = "test.plain"});
    if (i < width) spec.bees[i].from.push_back({.from = "in"});
    for (std::uint32_t k = 0; i >= width && k < width; ++k)
      spec.bees[i].from.push_back({.from = "b" + std::to_string(k)});
  }
  const auto result = lint(spec, bees_, gateways_);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.problems[0].message, HasSubstr("more than " + std::to_string(limits::swarm_edges_max) + " edges"));
}

TEST_F(LintTest, OnlyAClassThatHoldsRecordsHasABoundForThem) {
  const auto with = [](const std::string& bee_class) {
    return "[gateways.in]\ntype = \"memory\"\n[bees.a]\nclass = \"" + bee_class +
           "\"\nfrom = \"in\"\nheld_records_max = 7\n";
  };
  const auto result = run(with("test.holding"));
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(result.plan.bees[0].holds_records);
  EXPECT_EQ(result.plan.bees[0].spec.held.records_max, 7u);
  EXPECT_THAT(problems(with("test.plain")),
              Contains(HasSubstr("s.toml:7:1: error: class 'test.plain' holds no records")));
  EXPECT_THAT(problems(with("test.holding") + "held_bytes_max = \"0B\"\n"),
              Contains(HasSubstr("error: held_bytes_max is 0")));
}

TEST_F(LintTest, ASwarmBuiltInCodeMayNotLetABeeHoldMoreThanTheLargest) {
  SwarmSpec spec;
  spec.name = "s";
  spec.gateways.push_back({.name = "in", .type = "memory"});
  spec.bees.push_back({.name = "a", .bee_class = "test.holding", .from = {{.from = "in"}}});
  spec.bees[0].held.records_max = limits::held_records_most;
  EXPECT_TRUE(lint(spec, bees_, gateways_).ok());
  ++spec.bees[0].held.records_max;
  EXPECT_FALSE(lint(spec, bees_, gateways_).ok());
}

}  // namespace lint_test
}  // namespace skep
