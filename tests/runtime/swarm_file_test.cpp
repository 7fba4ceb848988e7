#include "skep/runtime/swarm_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "skep/actors/limits.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {
namespace swarm_file_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string digits = R"(name    = "digits"
plugins = ["digits"]

[gateways.browser]
type    = "websocket"
listen  = "127.0.0.1:8080"
answers = "classify"            # the way back

[bees.normalize]
class   = "digits.normalize"
from    = "browser"
options = { scale = 255.0 }

[bees.classify]
class    = "skep.model"
from     = "normalize"
replicas = 2
batch    = { size_max = 32, delay_max = "2ms" }
options  = { model = "digits.pt" }

[bees.audit]
class     = "skep.log"
from      = [{ bee = "normalize.rejected", route = "key", window = 64, window_bytes = "1MiB", overflow = "drop_oldest" }, "classify"]
execution = "dedicated"
)";

SwarmFile parse(const std::string& text, std::map<std::string, std::string> variables = {}) {
  return parse_swarm(text, "dir/digits.toml", [=](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

std::vector<std::string> texts(const SwarmFile& file) {
  std::vector<std::string> texts;
  for (const auto& problem : file.problems) texts.push_back(problem.to_string());
  return texts;
}

/// The one problem of a swarm whose bee has these lines besides `class` and `from`.
std::string problem_of_bee(const std::string& lines) {
  const auto file = parse("name = \"s\"\n[bees.b]\nclass = \"c.c\"\nfrom = \"g\"\n" + lines + "\n");
  return file.problems.size() == 1 ? file.problems[0].to_string() : ::testing::PrintToString(texts(file));
}

TEST(SwarmFileTest, APluginMayBePinned) {
  const std::string sum(64, 'a');
  const auto file = parse("name = \"s\"\nplugins = [\"a\", { name = \"b\", sha256 = \"" + sum + "\" }]\n[bees]\n");
  ASSERT_EQ(file.spec.plugins.size(), 2u);
  EXPECT_EQ(file.spec.plugins[0].sha256, "");
  EXPECT_EQ(file.spec.plugins[1].name, "b");
  EXPECT_EQ(file.spec.plugins[1].sha256, sum);
  EXPECT_THAT(texts(parse("name = \"s\"\nplugins = [{ name = \"b\", sha256 = \"12\", size = 1 }, { }, 5]\n[bees]\n")),
              ::testing::AllOf(::testing::Contains(HasSubstr("2:35: error: 'sha256' is 64 hex digits")),
                               ::testing::Contains(HasSubstr("unknown key 'size'")),
                               ::testing::Contains(HasSubstr("no 'name'")),
                               ::testing::Contains(HasSubstr("the name of a plug-in"))));
}

TEST(SwarmFileTest, ReadsEveryKey) {
  const auto file = parse(digits);
  ASSERT_THAT(texts(file), IsEmpty());
  const auto& spec = file.spec;
  EXPECT_EQ(spec.name, "digits");
  EXPECT_EQ(spec.file, "dir/digits.toml");
  ASSERT_EQ(spec.plugins.size(), 1u);
  EXPECT_EQ(spec.plugins[0].name, "digits");
  ASSERT_EQ(spec.bees.size(), 3u);
  EXPECT_EQ(spec.bees[0].name, "normalize");
  EXPECT_EQ(spec.bees[0].bee_class, "digits.normalize");
  EXPECT_EQ(spec.bees[1].replicas, 2u);
  EXPECT_EQ(spec.bees[1].batch, (BatchSettings{32, std::chrono::milliseconds(2)}));
  EXPECT_EQ(spec.bees[1].execution, Execution::shared);
  EXPECT_EQ(spec.bees[2].execution, Execution::dedicated);
}

TEST(SwarmFileTest, ReadsEveryFormOfAnEdge) {
  const auto file = parse(digits);
  const auto& from = file.spec.bee("audit")->from;
  ASSERT_EQ(from.size(), 2u);
  EXPECT_EQ(from[0].from, "normalize");
  EXPECT_EQ(from[0].port, "rejected");
  EXPECT_EQ(from[0].settings.route, Route::key);
  EXPECT_EQ(from[0].settings.overflow, Overflow::drop_oldest);
  EXPECT_EQ(from[0].settings.window, 64u);
  EXPECT_EQ(from[0].settings.window_bytes, 1u << 20);
  EXPECT_EQ(from[1].from, "classify");
  EXPECT_EQ(from[1].port, "default");
  EXPECT_EQ(from[1].settings.window, limits::edge_window);
  EXPECT_EQ(from[1].settings.window_bytes, limits::edge_window_bytes);
  const auto table = parse("name = \"s\"\n[bees.b]\nclass = \"c.c\"\nfrom = { bee = \"a\", port = \"p\" }\n");
  EXPECT_THAT(texts(table), IsEmpty());
  EXPECT_EQ(table.spec.bees[0].from[0].port, "p");
}

TEST(SwarmFileTest, ReadsTheLabelsOfBeesAndGateways) {
  const std::string text =
      "name = \"s\"\n[gateways.g]\ntype = \"tcp\"\nnodes = [\"edge\"]\n[bees.b]\nclass = \"c.c\"\nfrom = \"g\"\n";
  const auto file = parse(text + "nodes = [\"gpu\", \"node-1.a\"]\n");
  EXPECT_THAT(texts(file), IsEmpty());
  EXPECT_THAT(file.spec.gateways[0].nodes, ElementsAre("edge"));
  EXPECT_EQ(file.spec.gateways[0].nodes_position, (SourcePosition{4, 9}));
  EXPECT_EQ(file.spec.gateways[0].options.find("nodes"), nullptr);
  EXPECT_THAT(file.spec.bees[0].nodes, ElementsAre("gpu", "node-1.a"));
  EXPECT_EQ(file.spec.bees[0].nodes_position, (SourcePosition{8, 9}));
  EXPECT_THAT(
      texts(parse(text + "nodes = \"gpu\"\n")),
      ElementsAre(
          "dir/digits.toml:8:9: error: expected 'nodes' to be a list of labels, such as [\"gpu\"], got a string"));
  EXPECT_THAT(texts(parse(text + "nodes = [\"a b\", 1, \"c\", \"c\"]\n")),
              ElementsAre(HasSubstr("8:10: error: 'a b' is no label: the name of a label is made of letters"),
                          HasSubstr("8:17: error: expected a label, got an integer"),
                          "dir/digits.toml:8:25: error: label 'c' is there twice"));
}

TEST(SwarmFileTest, KnowsWhereEverythingStands) {
  const auto file = parse(digits);
  const auto& gateway = file.spec.gateways[0];
  EXPECT_EQ(gateway.position, (SourcePosition{4, 11}));
  EXPECT_EQ(gateway.type_position, (SourcePosition{5, 11}));
  EXPECT_EQ(gateway.answers_position, (SourcePosition{7, 11}));
  EXPECT_EQ(gateway.options.find("listen")->position, (SourcePosition{6, 11}));
  const auto& audit = *file.spec.bee("audit");
  EXPECT_EQ(audit.position, (SourcePosition{21, 7}));
  EXPECT_EQ(audit.class_position, (SourcePosition{22, 13}));
  EXPECT_EQ(audit.from[0].position, (SourcePosition{23, 22}));
  EXPECT_EQ(file.spec.plugins[0].position, (SourcePosition{2, 12}));
}

TEST(SwarmFileTest, AGatewaysOtherKeysAreItsOwnOptions) {
  const auto file = parse(digits);
  const auto& options = std::get<OptionValue::Table>(file.spec.gateways[0].options.value);
  ASSERT_EQ(options.size(), 1u);
  EXPECT_EQ(options[0].key, "listen");
  EXPECT_EQ(file.spec.gateways[0].answers, "classify");
}

TEST(SwarmFileTest, OptionsCarryTheFolderOfTheFile) {
  const auto file = parse(digits);
  EXPECT_EQ(file.spec.gateways[0].options.directory, "dir");
  for (const auto& bee : file.spec.bees) EXPECT_EQ(bee.options.directory, "dir") << bee.name;
}

TEST(SwarmFileTest, BeesKeepTheOrderOfTheFile) {
  const auto file =
      parse("name = \"s\"\n[bees.z]\nclass = \"c.c\"\nfrom = \"g\"\n[bees.a]\nclass = \"c.c\"\nfrom = \"z\"\n");
  ASSERT_EQ(file.spec.bees.size(), 2u);
  EXPECT_EQ(file.spec.bees[0].name, "z");
}

TEST(SwarmFileTest, FindsEveryMistakeInFileOrder) {
  const auto file = parse(R"(name = "digits"
pluggins = ["digits"]

[gateways.browser]
listen = "127.0.0.1:8080"

[bees.normalize]
class = 7
from = { bee = "browser", rout = "any" }
replica = 2

[bees.classify]
class = "skep.model"
from = "normalize"
replicas = 0
batch = { size_max = 5000, delay_max = "2 parsecs" }
)");
  EXPECT_THAT(texts(file),
              ElementsAre("dir/digits.toml:2:1: error: unknown key 'pluggins' in the swarm (did you mean 'plugins'?)",
                          "dir/digits.toml:4:11: error: gateway 'browser' has no 'type' (add type = \"tcp\")",
                          "dir/digits.toml:8:9: error: expected 'class' to be a string, got an integer",
                          "dir/digits.toml:9:27: error: unknown key 'rout' in an edge (did you mean 'route'?)",
                          "dir/digits.toml:10:1: error: unknown key 'replica' in bee 'normalize' "
                          "(did you mean 'replicas'?)",
                          "dir/digits.toml:15:12: error: 'replicas' is 0, out of range (from 1 to 100000)",
                          "dir/digits.toml:16:22: error: 'size_max' is 5000, out of range (from 1 to 4096)",
                          "dir/digits.toml:16:40: error: '2 parsecs' is no duration "
                          "(a number and ns, us, ms, s, m or h)"));
}

TEST(SwarmFileTest, RangesHaveTheirEndsAndTheirLimits) {
  EXPECT_EQ(problem_of_bee("replicas = " + std::to_string(limits::replicas_max)), "{}");
  EXPECT_THAT(problem_of_bee("replicas = " + std::to_string(limits::replicas_max + 1)), HasSubstr("out of range"));
  EXPECT_THAT(problem_of_bee("replicas = -1"), HasSubstr("out of range"));
  EXPECT_EQ(problem_of_bee("batch.size_max = " + std::to_string(limits::batch_size_max)), "{}");
  EXPECT_THAT(problem_of_bee("batch.size_max = " + std::to_string(limits::batch_size_max + 1)),
              HasSubstr("out of range"));
  static_assert(limits::batch_delay_max == std::chrono::seconds(60));
  EXPECT_EQ(problem_of_bee("batch.delay_max = \"60s\""), "{}");
  EXPECT_THAT(problem_of_bee("batch.delay_max = \"60001ms\""), HasSubstr("out of range (from 0s to "));
  const std::string edge = "name = \"s\"\n[bees.b]\nclass = \"c.c\"\nfrom = { bee = \"g\", window = ";
  EXPECT_THAT(texts(parse(edge + std::to_string(limits::edge_window_max) + " }")), IsEmpty());
  EXPECT_THAT(texts(parse(edge + std::to_string(limits::edge_window_max + 1) + " }")),
              ElementsAre(HasSubstr("'window' is 1048577, out of range (from 1 to 1048576)")));
}

TEST(SwarmFileTest, WrongTypesAreNamed) {
  EXPECT_THAT(problem_of_bee("replicas = \"two\""),
              HasSubstr(":5:12: error: expected 'replicas' to be an integer, got a string"));
  EXPECT_THAT(problem_of_bee("replicas = 2.0"), HasSubstr("got a number"));
  EXPECT_THAT(problem_of_bee("batch = 32"), HasSubstr("expected a table such as { size_max = 32"));
  EXPECT_THAT(problem_of_bee("batch = { delay_max = 2 }"), HasSubstr("expected 'delay_max' to be a duration"));
  EXPECT_THAT(problem_of_bee("execution = true"), HasSubstr("expected 'execution' to be one of shared, dedicated"));
  EXPECT_THAT(problem_of_bee("execution = \"dedicate\""), HasSubstr("did you mean 'dedicated'?"));
  EXPECT_THAT(problem_of_bee("options = [1]"), HasSubstr("expected 'options' to be a table, got a list"));
  EXPECT_THAT(problem_of_bee("options = { at = 2020-01-01 }"), HasSubstr(":5:18: error: dates and times"));
}

BeeSpec bee(const std::string& keys) {
  return parse("name = \"s\"\n[bees.a]\nclass = \"c\"\nfrom = \"b\"\n" + keys).spec.bees.at(0);
}

TEST(SwarmFileTest, ABeeMayHaveACallbackTimeOfItsOwn) {
  EXPECT_EQ(bee("").callback_time_max, std::nullopt);
  EXPECT_EQ(bee("callback_time_max = \"5m\"").callback_time_max, std::chrono::minutes(5));
  EXPECT_EQ(bee("callback_time_max = \"0s\"").callback_time_max, std::chrono::seconds(0));
  EXPECT_EQ(bee("callback_time_max = \"24h\"").callback_time_max, limits::node_callback_time_max);
  EXPECT_THAT(problem_of_bee("callback_time_max = \"25h\""), HasSubstr("out of range"));
}

TEST(SwarmFileTest, WhatABeeMayHoldIsReadWithItsDefaults) {
  EXPECT_EQ(bee("").held.records_max, limits::held_records_max);
  EXPECT_EQ(bee("").held.bytes_max, limits::held_bytes_max);
  const auto set = bee("held_records_max = 1000000\nheld_bytes_max = \"1GiB\"");
  EXPECT_EQ(set.held.records_max, limits::held_records_most);
  EXPECT_EQ(set.held.bytes_max, 1u << 30);
  EXPECT_THAT(problem_of_bee("held_records_max = 1000001"), HasSubstr("out of range (from 1 to 1000000)"));
  EXPECT_THAT(problem_of_bee("held_records_max = 0"), HasSubstr("out of range"));
  EXPECT_THAT(problem_of_bee("held_bytes_max = \"much\""), HasSubstr("'much' is no size"));
  EXPECT_THAT(problem_of_bee("held_bytes_max = 7"), HasSubstr("expected 'held_bytes_max' to be a size"));
}

TEST(SwarmFileTest, EdgesThatNameNobodyAreRefused) {
  const auto from = [](const std::string& value) {
    const auto file = parse("name = \"s\"\n[bees.b]\nclass = \"c.c\"\nfrom = " + value + "\n");
    return file.problems.empty() ? std::string{} : file.problems[0].to_string();
  };
  EXPECT_EQ(from("\"a.b\""), "");
  EXPECT_THAT(from("\"\""), HasSubstr("does not name a bee or gateway"));
  EXPECT_THAT(from("\"a.\""), HasSubstr("'a.' does not name a bee or gateway"));
  EXPECT_THAT(from("[]"), HasSubstr("empty list"));
  EXPECT_THAT(from("5"), HasSubstr("expected the name of a bee or gateway, got an integer"));
  EXPECT_THAT(from("[\"a\", [\"b\"]]"), HasSubstr(":4:14: error: expected the name"));
  EXPECT_THAT(from("{ route = \"key\" }"), HasSubstr("an edge has no 'bee'"));
  EXPECT_THAT(from("{ bee = \"a.p\", port = \"q\" }"), HasSubstr("two ports: 'p' and 'q'"));
  EXPECT_THAT(from("{ bee = \"a\", overflow = \"drop\" }"), HasSubstr("unknown overflow 'drop'"));
}

TEST(SwarmFileTest, RequiredKeysAreMissed) {
  EXPECT_THAT(texts(parse("[bees.b]\n")), ElementsAre(HasSubstr("1:1: error: the swarm has no 'name'"),
                                                      HasSubstr("1:7: error: bee 'b' has no 'class'"),
                                                      HasSubstr("1:7: error: bee 'b' has no 'from'")));
}

TEST(SwarmFileTest, ASwarmWithoutAnythingInItIsRefused) {
  EXPECT_THAT(texts(parse("name = \"s\"\n")), ElementsAre(HasSubstr("neither bees nor gateways")));
  EXPECT_THAT(texts(parse("")), ::testing::SizeIs(2));
}

TEST(SwarmFileTest, NamesHaveOneForm) {
  EXPECT_THAT(texts(parse("name = \"My swarm\"\n[bees]\n")),
              ElementsAre(HasSubstr("1:8: error: 'My swarm' cannot name")));
  EXPECT_THAT(texts(parse("name = \"s\"\n[gateways.Web]\ntype = \"tcp\"\n")),
              ElementsAre(HasSubstr("2:11: error: 'Web' cannot name a gateway")));
  EXPECT_THAT(texts(parse("name = \"s\"\nplugins = [\"../evil\"]\n[bees]\n")),
              ElementsAre(HasSubstr("2:12: error: '../evil' cannot name a plug-in")));
  const std::string longest(limits::name_bytes_max, 'a');
  EXPECT_THAT(texts(parse("name = \"" + longest + "\"\n[bees]\n")), IsEmpty());
  EXPECT_THAT(texts(parse("name = \"" + longest + "a\"\n[bees]\n")), ElementsAre(HasSubstr("more than 64 characters")));
}

TEST(SwarmFileTest, ABeeAndAGatewayCannotShareAName) {
  const auto file = parse("name = \"s\"\n[gateways.x]\ntype = \"tcp\"\n[bees.x]\nclass = \"c.c\"\nfrom = \"x\"\n");
  EXPECT_THAT(texts(file), ElementsAre(HasSubstr(":4:7: error: 'x' names a bee and a gateway")));
}

TEST(SwarmFileTest, SupervisionIsReadWithItsDefaults) {
  const auto plain = parse(digits).spec;
  EXPECT_EQ(plain.supervision.strategy, Strategy::one_for_one);
  EXPECT_EQ(plain.supervision.intensity, limits::restart_intensity);
  EXPECT_EQ(plain.supervision.period, limits::restart_period);
  EXPECT_EQ(plain.bees[0].restart, Restart::permanent);
  EXPECT_EQ(plain.dead_letters.records_max, limits::dead_letters_max);
  EXPECT_EQ(plain.dead_letters.bytes_max, limits::dead_letter_bytes_max);
  const auto file = parse(digits +
                          "restart = \"transient\"\n[supervision]\nstrategy = \"rest_for_one\"\nintensity = 7\n"
                          "period = \"1m\"\n[dead_letters]\nrecords_max = 10\nbytes_max = \"1MiB\"\n");
  EXPECT_THAT(texts(file), IsEmpty());
  EXPECT_EQ(file.spec.supervision.strategy, Strategy::rest_for_one);
  EXPECT_EQ(file.spec.supervision.intensity, 7u);
  EXPECT_EQ(file.spec.supervision.period, std::chrono::minutes(1));
  EXPECT_EQ(file.spec.bees[2].restart, Restart::transient);
  EXPECT_EQ(file.spec.dead_letters.records_max, 10u);
  EXPECT_EQ(file.spec.dead_letters.bytes_max, 1u << 20);
}

TEST(SwarmFileTest, MistakesInSupervisionHaveTheirPlace) {
  const auto tail = [](const std::string& text) { return texts(parse(digits + text)); };
  EXPECT_THAT(tail("restart = \"transent\"\n"), ElementsAre(HasSubstr("(did you mean 'transient'?)")));
  EXPECT_THAT(tail("[supervision]\nstrategy = \"one_for_al\"\n"),
              ElementsAre(HasSubstr(":26:12: error: unknown strategy 'one_for_al' (did you mean 'one_for_all'?)")));
  EXPECT_THAT(tail("[supervision]\nintensity = 1001\n"), ElementsAre(HasSubstr("(from 0 to 1000)")));
  EXPECT_EQ(limits::restart_period_max, std::chrono::hours(24));
  EXPECT_THAT(tail("[supervision]\nperiod = \"25h\"\n"), ElementsAre(HasSubstr("(from 0s to 24h)")));
  EXPECT_THAT(tail("[supervision]\nperiod = \"0s\"\n"), ElementsAre(HasSubstr("'period' is 0, out of range")));
  EXPECT_THAT(tail("[supervision]\nintensty = 1\n"), ElementsAre(HasSubstr("(did you mean 'intensity'?)")));
  EXPECT_THAT(tail("[dead_letters]\nbytes_max = \"16 pounds\"\n"), ElementsAre(HasSubstr("is no size")));
  EXPECT_EQ(limits::dead_letter_records_max, 1'000'000u);
  EXPECT_THAT(tail("[dead_letters]\nrecords_max = 1000001\n"), ElementsAre(HasSubstr("(from 0 to 1000000)")));
  EXPECT_THAT(texts(parse("supervision = 1\n" + digits)), ElementsAre(HasSubstr("'supervision' to be a table")));
}

TEST(SwarmFileTest, GatewaysAreNotGivenAStrategyOrARestart) {
  for (const std::string key : {"restart = \"temporary\"", "strategy = \"one_for_all\"", "supervision = {}"}) {
    const auto file = parse("name = \"s\"\n[gateways.front]\ntype = \"tcp\"\n" + key + "\n");
    EXPECT_THAT(texts(file), ElementsAre(HasSubstr(":4:1: error: a gateway has no '")));
    EXPECT_THAT(texts(file), ElementsAre(HasSubstr("permanent, one_for_one")));
    EXPECT_TRUE(std::get<OptionValue::Table>(file.spec.gateways[0].options.value).empty());
  }
}

TEST(SwarmFileTest, SyntaxErrorsHaveTheirPlace) {
  const auto file = parse("name = \"s\"\n[bees.b\nclass = 1\n");
  ASSERT_EQ(file.problems.size(), 1u);
  EXPECT_EQ(file.problems[0].position.line, 2u);
  EXPECT_THAT(texts(parse("name = \"s\"\n[bees]\n[supervision]\nintensity = 1\nintensity = 2\n")),
              ElementsAre(HasSubstr(":5:")));
}

TEST(SwarmFileTest, WhatBreaksTheParsersOwnAssertionsIsOneMoreSyntaxError) {
  EXPECT_THAT(texts(parse("name = \"s\"\n\n[=]\n[bees]\n")),
              ElementsAre("dir/digits.toml:3:1: error: this line is not TOML"));
  EXPECT_THAT(texts(parse("[=")), ElementsAre("dir/digits.toml:1:1: error: this line is not TOML"));
}

TEST(SwarmFileTest, LettersOutsideAsciiStayInStrings) {
  const auto file =
      parse("name = \"s\"\n[bees]\n[gateways.g]\ntype = \"tcp\"\na = \"\"\"\\\n é\"\"\"\nb = \"ü€\" # ø\n");
  EXPECT_THAT(texts(file), IsEmpty());
  EXPECT_EQ(std::get<std::string>(file.spec.gateways[0].options.find("a")->value), "é");
  EXPECT_THAT(texts(parse("é = 1\n")), ElementsAre(HasSubstr("dir/digits.toml:1:1: error: ")));
  EXPECT_THAT(texts(parse("a = é\n")), ElementsAre(HasSubstr("dir/digits.toml:1:5: error: ")));
}

TEST(SwarmFileTest, VariablesAreSubstitutedInAllStrings) {
  const auto file = parse(R"(name = "${NAME}"
[gateways.g]
type = "tcp"
listen = "${HOST:-127.0.0.1}:${PORT:-7000}"
paths = [{ a = "${EMPTY:-x}/$y/$${NAME}/$$" }]
[bees.b]
class = "c.c"
from = "${FROM:-}g"
)",
                          {{"NAME", "from_env"}, {"PORT", "80"}, {"EMPTY", ""}});
  ASSERT_THAT(texts(file), IsEmpty());
  EXPECT_EQ(file.spec.name, "from_env");
  const auto& options = file.spec.gateways[0].options;
  EXPECT_EQ(std::get<std::string>(options.find("listen")->value), "127.0.0.1:80");
  const auto& paths = std::get<OptionValue::Array>(options.find("paths")->value);
  EXPECT_EQ(std::get<std::string>(paths[0].find("a")->value), "x/$y/${NAME}/$$");
  EXPECT_EQ(file.spec.bees[0].from[0].from, "g");
}

TEST(SwarmFileTest, WhatIsPutInIsNotLookedAtAgain) {
  EXPECT_THAT(texts(parse("name = \"${A}\"\n[bees]\n", {{"A", "${B}"}, {"B", "b"}})),
              ElementsAre(HasSubstr("'${B}' cannot name a swarm")));
}

TEST(SwarmFileTest, VariablesThatAreNotThereAreReported) {
  EXPECT_THAT(texts(parse("name = \"s\"\n[gateways.g]\ntype = \"tcp\"\na = \"${NOPE}\"\nb = \"${\"\nc = \"${1x}\"\n")),
              ElementsAre("dir/digits.toml:4:5: error: the environment variable 'NOPE' is not set "
                          "(set it, or write '${NOPE:-default}')",
                          HasSubstr(":5:5: error: '${' without '}'"),
                          HasSubstr(":6:5: error: '${1x}' does not name a variable")));
}

TEST(SwarmFileTest, SubstitutionCannotBlowUpAFile) {
  std::string text = "name = \"s\"\n[gateways.g]\ntype = \"tcp\"\na = [";
  for (int i = 0; i < 100; ++i) text += "\"${BIG}\", ";
  EXPECT_THAT(texts(parse(text + "]\n", {{"BIG", std::string(100'000, 'x')}})),
              ElementsAre(HasSubstr("over the limit for such a file")));
}

TEST(SwarmFileTest, FilesOverTheLimitAreRefused) {
  const std::string filler = "#" + std::string(limits::swarm_file_bytes_max - digits.size() - 1, 'x');
  EXPECT_THAT(texts(parse(digits + filler)), IsEmpty());
  EXPECT_THAT(texts(parse(digits + filler + "x")), ElementsAre(HasSubstr("is over 1048576 bytes")));
}

TEST(SwarmFileTest, DeepNestingIsRefusedAndNotFollowed) {
  std::string dotted = "a";
  for (int i = 0; i < 200'000; ++i) dotted += ".a";
  EXPECT_THAT(texts(parse(dotted + " = 1\n")), ElementsAre(HasSubstr("a key of more than 16 parts")));
  EXPECT_THAT(texts(parse("[" + dotted + "]\n")), ElementsAre(HasSubstr("a key of more than 16 parts")));
  EXPECT_THAT(texts(parse("a = \"\"\"\\\n\"\"\"\n" + dotted + " = 1")), Contains(HasSubstr(":3:")));
  EXPECT_THAT(texts(parse("a = " + std::string(100'000, '['))),
              ElementsAre(HasSubstr("more than file_nesting_max = " + std::to_string(limits::file_nesting_max))));
  EXPECT_THAT(texts(parse("name = \"s\"\n[bees]\n[gateways.g]\ntype='''" + std::string(100, '.') + "'''\nb = '" +
                          std::string(100, '.') + "' # " + std::string(100, '.') + "\n")),
              IsEmpty());
}

TEST(SwarmFileTest, DeepKeysBehindAnotherMistakeAreNotFollowedEither) {
  std::string dotted = "a";
  for (int i = 0; i < 200'000; ++i) dotted += ".a";
  const auto deep = HasSubstr("a key of more than 16 parts");
  EXPECT_THAT(texts(parse("a = \"\\\n" + dotted + " = 1\n")), Contains(deep)) << "an escape before the line's end";
  for (const auto* more : {"x = 'a\\q'\n", "x = 'a\n", "x = [\n", "]\n"}) {
    EXPECT_FALSE(texts(parse("s = \"\"\"\n" + dotted + " = 1\n\"\"\"\n" + more + more)).empty()) << more;
  }
}

TEST(SwarmFileTest, NestingAndDottedKeysHaveTheirLimits) {
  const auto problems_of = [](const std::string& option) {
    return texts(parse("name = \"s\"\n[gateways.g]\ntype = \"tcp\"\n" + option + "\n"));
  };
  const auto nested = [](std::size_t depth) { return "a = " + std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_THAT(problems_of(nested(limits::file_nesting_max - 1)), IsEmpty());
  EXPECT_THAT(problems_of(nested(limits::file_nesting_max + 1)), ::testing::SizeIs(1));
  const auto dotted = [](std::size_t parts) {
    std::string key = "a";
    for (std::size_t part = 1; part < parts; ++part) key += ".a";
    return key + " = 1";
  };
  EXPECT_THAT(problems_of(dotted(limits::file_key_parts_max)), IsEmpty());
  EXPECT_THAT(problems_of(dotted(limits::file_key_parts_max + 1)), ::testing::SizeIs(1));
}

TEST(SwarmFileTest, ManyProblemsAreCounted) {
  std::string text = "name = \"s\"\n[bees]\n";
  for (int i = 0; i < 1000; ++i) text += "[x" + std::to_string(i) + "]\n";
  const auto file = parse(text);
  ASSERT_EQ(file.problems.size(), limits::file_problems_max + 1);
  EXPECT_EQ(file.problems.back().message, "and at least 800 more");
  EXPECT_EQ(file.problems.back().more, 800u);
  EXPECT_EQ(file.problems.back().severity, Problem::Severity::error);
}

TEST(SwarmFileTest, TooManyBeesAreRefused) {
  std::string text = "name = \"s\"\n";
  for (std::uint32_t i = 0; i <= limits::swarm_bees_max; ++i) {
    text += "[bees.b" + std::to_string(i) + "]\nclass = \"c.c\"\nfrom = \"g\"\n";
  }
  EXPECT_THAT(texts(parse(text)), ElementsAre(HasSubstr("more than 4096 bees and gateways")));
}

TEST(SwarmFileTest, ReadsFromDisk) {
  const auto folder = std::filesystem::temp_directory_path() / ("skep_swarm_file_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string path = folder / "digits.toml";
  std::ofstream(path) << digits;
  const auto file = read_swarm(path, {});
  EXPECT_THAT(texts(file), IsEmpty());
  EXPECT_EQ(file.spec.bees[0].options.directory, folder);
  const auto missing = read_swarm(folder / "missing.toml", {});
  ASSERT_EQ(missing.problems.size(), 1u);
  EXPECT_THAT(missing.problems[0].to_string(), HasSubstr("missing.toml: error: cannot be read: No such file"));
  EXPECT_THAT(texts(read_swarm(folder, {})), ElementsAre(HasSubstr("cannot be read: it is a folder, not a file")));
  EXPECT_THAT(texts(read_swarm("/dev/zero", {})), ElementsAre(HasSubstr("is over 1048576 bytes")));
  std::filesystem::remove_all(folder);
}

TEST(SwarmFileTest, APipeIsNotWaitedFor) {
  const auto pipe = std::filesystem::temp_directory_path() / ("skep_swarm_file_pipe_" + std::to_string(::getpid()));
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(texts(read_swarm(pipe, {})), ElementsAre(HasSubstr("cannot be read: it is a pipe, not a file")));
  std::filesystem::remove(pipe);
}

}  // namespace swarm_file_test
}  // namespace skep
