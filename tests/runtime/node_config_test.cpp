#include "skep/runtime/node_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "skep/actors/limits.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {
namespace node_config_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Sources {
  std::string file = "";
  std::map<std::string, std::string> variables = {};
  std::vector<std::string> arguments = {};
};

NodeConfigResult read(const Sources& sources) {
  return parse_node_config(
      sources.file, "etc/node.toml",
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = sources.variables.find(name);
        return found == sources.variables.end() ? std::nullopt : std::optional(found->second);
      },
      sources.arguments);
}

std::vector<std::string> texts(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.to_string());
  return texts;
}

TEST(NodeConfigTest, NothingSetMeansTheDefaults) {
  const auto result = read_node_config("", {}, {});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.config.name, "node");
  EXPECT_EQ(result.config.threads, 0u);
  EXPECT_EQ(result.config.io_threads, 1u);
  EXPECT_EQ(result.config.dedicated_bees_max, limits::dedicated_bees_max);
  EXPECT_EQ(result.config.log_level, "info");
  EXPECT_EQ(result.config.log_format, "auto");
  EXPECT_EQ(result.config.drain_time_max, std::chrono::seconds(15));
  EXPECT_EQ(result.config.inline_time_max, limits::inline_time_max);
  EXPECT_EQ(result.config.callback_time_max, limits::callback_time_max);
  EXPECT_EQ(result.config.memory_max, std::nullopt);
  EXPECT_EQ(result.config.heap_free_max, limits::heap_free_max);
  EXPECT_EQ(result.config.payload_bytes_max, limits::node_payload_bytes_max);
  EXPECT_THAT(result.config.swarms, IsEmpty());
  EXPECT_EQ(result.config.metrics, "");
}

TEST(NodeConfigTest, ReadsEveryKeyOfAFile) {
  const auto result = read({.file = R"(name = "edge_1"
swarms = ["digits.toml", "/srv/other.toml"]
plugins = ["../lib/skep"]
threads = 3
io_threads = 2
dedicated_bees_max = 7
inline_time_max = "50us"
drain_time_max = "500ms"
callback_time_max = "2s"
memory_max = 0
heap_free_max = "8MiB"
payload_bytes_max = "16MiB"
metrics = "127.0.0.1:9100"
[log]
level = "debug"
format = "json"
)"});
  EXPECT_THAT(texts(result.problems), IsEmpty());
  EXPECT_EQ(result.config.name, "edge_1");
  EXPECT_THAT(result.config.swarms, ElementsAre("etc/digits.toml", "/srv/other.toml"));
  EXPECT_THAT(result.config.plugins, ElementsAre("lib/skep"));
  EXPECT_EQ(result.config.threads, 3u);
  EXPECT_EQ(result.config.io_threads, 2u);
  EXPECT_EQ(result.config.dedicated_bees_max, 7u);
  EXPECT_EQ(result.config.drain_time_max, std::chrono::milliseconds(500));
  EXPECT_EQ(result.config.inline_time_max, std::chrono::microseconds(50));
  EXPECT_EQ(result.config.callback_time_max, std::chrono::seconds(2));
  EXPECT_EQ(result.config.memory_max, 0u);
  EXPECT_EQ(result.config.heap_free_max, 8u << 20);
  EXPECT_EQ(result.config.payload_bytes_max, 16u << 20);
  EXPECT_EQ(result.config.metrics, "127.0.0.1:9100");
  EXPECT_EQ(result.config.log_level, "debug");
  EXPECT_EQ(result.config.log_format, "json");
}

TEST(NodeConfigTest, EveryKeyIsAVariableAndAFlag) {
  const auto variables = read({.variables = {{"SKEP_NAME", "n"},
                                             {"SKEP_SWARMS", "a.toml:b/c.toml"},
                                             {"SKEP_PLUGINS", "/p"},
                                             {"SKEP_THREADS", "2"},
                                             {"SKEP_IO_THREADS", "5"},
                                             {"SKEP_DEDICATED_BEES_MAX", "9"},
                                             {"SKEP_LOG_LEVEL", "error"},
                                             {"SKEP_LOG_FORMAT", "text"},
                                             {"SKEP_DRAIN_TIME_MAX", "1s"},
                                             {"SKEP_INLINE_TIME_MAX", "0s"},
                                             {"SKEP_CALLBACK_TIME_MAX", "3s"},
                                             {"SKEP_MEMORY_MAX", "1GiB"},
                                             {"SKEP_HEAP_FREE_MAX", "0"},
                                             {"SKEP_PAYLOAD_BYTES_MAX", "0"},
                                             {"SKEP_METRICS", "off"}}});
  const auto flags =
      read({.arguments = {"--name=n", "--swarms", "a.toml", "--swarms=b/c.toml", "--plugins=/p", "--threads", "2",
                          "--io_threads=5", "--dedicated_bees_max=9", "--log.level=error", "--log.format=text",
                          "--drain_time_max=1s", "--inline_time_max=0s", "--callback_time_max=3s", "--memory_max=1GiB",
                          "--heap_free_max=0", "--payload_bytes_max=0", "--metrics=off"}});
  for (const auto& result : {variables, flags}) {
    EXPECT_TRUE(result.ok()) << ::testing::PrintToString(texts(result.usage));
    EXPECT_EQ(result.config.name, "n");
    EXPECT_THAT(result.config.swarms, ElementsAre("a.toml", "b/c.toml"));
    EXPECT_THAT(result.config.plugins, ElementsAre("/p"));
    EXPECT_EQ(result.config.threads, 2u);
    EXPECT_EQ(result.config.io_threads, 5u);
    EXPECT_EQ(result.config.dedicated_bees_max, 9u);
    EXPECT_EQ(result.config.log_level, "error");
    EXPECT_EQ(result.config.log_format, "text");
    EXPECT_EQ(result.config.drain_time_max, std::chrono::seconds(1));
    EXPECT_EQ(result.config.inline_time_max, std::chrono::seconds(0));
    EXPECT_EQ(result.config.callback_time_max, std::chrono::seconds(3));
    EXPECT_EQ(result.config.memory_max, 1u << 30);
    EXPECT_EQ(result.config.heap_free_max, 0u);
    EXPECT_EQ(result.config.payload_bytes_max, 0u);
    EXPECT_EQ(result.config.metrics, "off");
  }
}

TEST(NodeConfigTest, TheCommandLineGoesBeforeTheEnvironmentBeforeTheFile) {
  const std::string file = "name = \"file\"\nthreads = 1\nswarms = [\"file.toml\"]\n[log]\nlevel = \"debug\"\n";
  const auto result = read({.file = file,
                            .variables = {{"SKEP_NAME", "environment"}, {"SKEP_THREADS", "2"}},
                            .arguments = {"--name", "command_line"}});
  EXPECT_EQ(result.config.name, "command_line");
  EXPECT_EQ(result.config.threads, 2u);
  EXPECT_EQ(result.config.log_level, "debug");
  const auto lists = read({.file = file, .variables = {{"SKEP_SWARMS", "environment.toml"}}});
  EXPECT_THAT(lists.config.swarms, ElementsAre("environment.toml"));
}

TEST(NodeConfigTest, EveryMistakeOfAFileHasItsPlace) {
  const auto result = read({.file = R"(nam = "x"
threads = 1000
drain_time_max = "soon"
swarms = "digits.toml"
plugins = [1]
[logs]
level = "info"
[log]
level = "warn"
format = 5
[empty]
[metrics]
port = 9100
)"});
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(texts(result.problems),
              ElementsAre("etc/node.toml:1:1: error: unknown key 'nam' (did you mean 'name'?)",
                          "etc/node.toml:2:11: error: threads: '1000' is no integer from 0 to 256",
                          "etc/node.toml:3:18: error: drain_time_max: 'soon' is no duration such as 15s or 500ms",
                          "etc/node.toml:4:10: error: expected 'swarms' to be a list of paths, got a string",
                          "etc/node.toml:5:12: error: expected a path, got an integer",
                          "etc/node.toml:7:1: error: unknown key 'logs.level' (did you mean 'log.level'?)",
                          HasSubstr("etc/node.toml:9:9: error: log.level: 'warn' is none of its values"),
                          HasSubstr("etc/node.toml:10:10: error: expected 'log.format' to be a string"),
                          HasSubstr("etc/node.toml:11:2: error: unknown key 'empty'"),
                          HasSubstr("etc/node.toml:13:1: error: unknown key 'metrics.port'")));
  EXPECT_THAT(texts(read({.file = "metrics = \"on\"\n"}).problems),
              ElementsAre("etc/node.toml:1:11: error: metrics: 'on' is not an address: expected host:port, such as "
                          "127.0.0.1:9000"));
}

TEST(NodeConfigTest, SizesAreTextsOrNumbers) {
  EXPECT_EQ(read({.file = "memory_max = 1073741824\n"}).config.memory_max, 1u << 30);
  EXPECT_EQ(read({.file = "memory_max = \"1GiB\"\n"}).config.memory_max, 1u << 30);
  EXPECT_THAT(texts(read({.file = "memory_max = \"much\"\npayload_bytes_max = true\n"}).problems),
              ElementsAre("etc/node.toml:1:14: error: memory_max: 'much' is no size such as 256MiB",
                          HasSubstr("expected 'payload_bytes_max' to be a size such as \"256MiB\"")));
}

TEST(NodeConfigTest, ABudgetOfMemoryThatIsNotEnoughIsRefused) {
  const auto given = [](std::uint64_t bytes) { return read({.arguments = {"--memory_max=" + std::to_string(bytes)}}); };
  EXPECT_TRUE(given(limits::node_memory_min).ok());
  EXPECT_TRUE(given(0).ok());
  EXPECT_FALSE(given(limits::node_memory_min - 1).ok());
  EXPECT_THAT(texts(given(1).usage),
              ElementsAre("error: --memory_max: 1B is not enough for a node: at least 64MiB, or 0 "
                          "for no budget"));
}

TEST(NodeConfigTest, WhatAHeapKeepsHasALimit) {
  const auto given = [](std::uint64_t bytes) {
    return read({.arguments = {"--heap_free_max=" + std::to_string(bytes)}});
  };
  EXPECT_TRUE(given(limits::heap_free_most).ok());
  EXPECT_THAT(texts(given(limits::heap_free_most + 1).usage),
              ElementsAre("error: --heap_free_max: 1073741825B is more than 1GiB"));
}

TEST(NodeConfigTest, AMistakeInTheFileShowsEvenWhereAFlagGoesBefore) {
  const auto result = read({.file = "threads = -1\n", .arguments = {"--threads=2"}});
  EXPECT_EQ(result.config.threads, 2u);
  EXPECT_THAT(texts(result.problems), ElementsAre(HasSubstr("'-1' is no integer")));
}

TEST(NodeConfigTest, SyntaxErrorsHaveTheirPlace) {
  const auto result = read({.file = "name = \"x\"\nthreads == 2\n"});
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems[0].position.line, 2u);
}

TEST(NodeConfigTest, MistakesInVariablesNameTheVariable) {
  const auto result = read({.variables = {{"SKEP_THREADS", "two"}, {"SKEP_LOG_LEVEL", "loud"}, {"SKEP_NAME", ""}}});
  EXPECT_THAT(texts(result.problems),
              ElementsAre("environment: error: SKEP_THREADS: 'two' is no integer from 0 to 256",
                          HasSubstr("environment: error: SKEP_LOG_LEVEL: 'loud' is none of its values")));
  EXPECT_EQ(result.config.name, "node");  // an empty variable sets nothing
}

TEST(NodeConfigTest, MistakesOfTheCommandLineAreUsage) {
  const auto result =
      read({.arguments = {"--thread=2", "stray", "--log.level=loud", "--name=a", "--name=b", "--log-format=text"}});
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(
      texts(result.usage),
      ElementsAre("error: unknown option '--thread' (did you mean '--threads'?)", "error: unexpected argument 'stray'",
                  "error: unknown option '--log-format' (did you mean '--log.format'?)",
                  HasSubstr("error: --log.level: 'loud' is none of its values"), HasSubstr("error: --name: ")));
  EXPECT_THAT(texts(read({.arguments = {"--threads"}}).usage), ElementsAre(HasSubstr("--threads")));
}

TEST(NodeConfigTest, LimitsHold) {
  const auto ok = [](const std::string& flag, auto value) {
    return read({.arguments = {flag + "=" + std::to_string(value) + (flag.ends_with("_time_max") ? "s" : "")}}).ok();
  };
  EXPECT_TRUE(ok("--threads", limits::node_threads_max));
  EXPECT_FALSE(ok("--threads", limits::node_threads_max + 1));
  EXPECT_TRUE(ok("--io_threads", limits::io_threads_max));
  EXPECT_FALSE(ok("--io_threads", limits::io_threads_max + 1));
  EXPECT_TRUE(ok("--io_threads", 1));
  EXPECT_FALSE(ok("--io_threads", 0));
  EXPECT_TRUE(ok("--dedicated_bees_max", limits::replicas_max));
  EXPECT_FALSE(ok("--dedicated_bees_max", limits::replicas_max + 1));
  EXPECT_TRUE(ok("--drain_time_max", limits::node_drain_time_max.count()));
  EXPECT_FALSE(ok("--drain_time_max", limits::node_drain_time_max.count() + 1));
  EXPECT_TRUE(read({.arguments = {"--inline_time_max", to_string(limits::node_inline_time_max)}}).ok());
  EXPECT_FALSE(
      read({.arguments = {"--inline_time_max", to_string(limits::node_inline_time_max + std::chrono::nanoseconds(1))}})
          .ok());
  const auto longest = std::chrono::seconds(limits::node_callback_time_max).count();
  EXPECT_TRUE(ok("--callback_time_max", longest));
  EXPECT_FALSE(ok("--callback_time_max", longest + 1));
  EXPECT_LE(10 * limits::bee_look_time, limits::callback_time_max) << "a stuck bee is named in good time";
}

TEST(NodeConfigTest, FilesOverTheLimitAreRefused) {
  EXPECT_THAT(texts(read_node_config("/dev/zero", {}, {}).problems),
              ElementsAre("/dev/zero: error: is over " + std::to_string(limits::node_file_bytes_max) +
                          " bytes, the limit for such a file"));
}

TEST(NodeConfigTest, AMissingFileIsAProblem) {
  EXPECT_THAT(texts(read_node_config("/nowhere/node.toml", {}, {}).problems),
              ElementsAre("/nowhere/node.toml: error: cannot be read: No such file or directory"));
}

TEST(NodeConfigTest, VariablesThatSetNothingAreWarnedOf) {
  EXPECT_THAT(texts(check_variables({"HOME", "SKEP_NAME", "SKEP_LOG_LEVL", "SKEPTIC"})),
              ElementsAre("environment: warning: the variable 'SKEP_LOG_LEVL' sets nothing "
                          "(did you mean 'SKEP_LOG_LEVEL'?)"));
}

TEST(NodeConfigTest, EverySettingHasItsValueAndDefault) {
  std::string all;
  for (const auto& setting : node_settings()) {
    EXPECT_FALSE(setting.value.empty()) << setting.name;
    all += setting.name + ": " + setting.doc + '\n';
  }
  for (const auto* text :
       {"name: ", "swarms: ", "plugins: ", "threads: ", "dedicated_bees_max: ", "log.level: ", "log.format: ",
        "inline_time_max: ", "(default: 20us)", "drain_time_max: ", "(default: 15s)", "callback_time_max: ",
        "(default: 10s)", "memory_max: ", "heap_free_max: ", "payload_bytes_max: ", "(default: 256MiB)", "metrics: "}) {
    EXPECT_THAT(all, HasSubstr(text));
  }
}

TEST(NodeConfigTest, SettingsThatAVerbDoesNotTakeCanBeLeftOut) {
  const auto some = node_settings({"swarms", "metrics"});
  EXPECT_EQ(some.size() + 2, node_settings().size());
  EXPECT_EQ(some[1].name, "plugins");
}

TEST(NodeConfigTest, AnUnknownFlagIsNotReportedTwiceForItsValue) {
  EXPECT_THAT(texts(read_node_config({}, {}, {"--log-level", "debug", "more"}).usage),
              ElementsAre("error: unknown option '--log-level' (did you mean '--log.level'?)",
                          "error: unexpected argument 'more'"));
  EXPECT_THAT(
      texts(read_node_config({}, {}, {"--thread=2", "more"}).usage),
      ElementsAre("error: unknown option '--thread' (did you mean '--threads'?)", "error: unexpected argument 'more'"));
  EXPECT_THAT(texts(read_node_config({}, {}, {"-x"}).usage), ElementsAre(HasSubstr("unknown option '-x'")));
}

TEST(NodeConfigTest, AHintIsNoFlagThatTheVerbDoesNotTake) {
  EXPECT_THAT(texts(read_node_config({}, {}, {"--swarm", "x"}).usage), ElementsAre(HasSubstr("'--swarms'?")));
  EXPECT_THAT(texts(read_node_config({}, {}, {"--swarm", "x"}, {"swarms"}).usage),
              ElementsAre(Not(HasSubstr("--swarms"))));
}

TEST(NodeConfigTest, WhatTheCommandLineDoesNotTakeIsOneMessage) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--swarms", "x.toml"}, {"--swarms=x.toml"}, {"--swarms"}, {"--name", "n", "--swarms", "x.toml"}}) {
    const auto result = read_node_config({}, {}, arguments, {"swarms"});
    EXPECT_THAT(texts(result.usage), ElementsAre("error: '--swarms' is not taken here"));
    EXPECT_THAT(result.config.swarms, IsEmpty());
  }
}

/// What docs/OPERATING.md has between `from` and `to`.
std::string manual_between(const std::string& from, const std::string& to) {
  std::ifstream file(SKEP_DOCUMENTS_DIRECTORY "/OPERATING.md");
  std::ostringstream text;
  text << file.rdbuf();
  const auto begin = text.str().find(from);
  const auto end = text.str().find(to, begin + 1);
  EXPECT_NE(end, std::string::npos) << from;
  return text.str().substr(begin, end - begin);
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  for (const auto& setting : node_settings()) keys.push_back(setting.name);
  return keys;
}

TEST(NodeConfigTest, TheManualHasEveryKeyInItsTableAndInItsExample) {
  const auto table = manual_between("| File | Environment |", "A node file with every key");
  const auto example = manual_between("# /etc/skep/node.toml\n", "```");
  EXPECT_THAT(texts(read({.file = example}).problems), IsEmpty());
  EXPECT_THAT(all_keys(), Contains("log.level"));
  for (const auto& key : all_keys()) {
    EXPECT_THAT(table, HasSubstr("| `" + key + "` |"));
    EXPECT_THAT(example, HasSubstr("\n" + key.substr(key.find('.') + 1) + " ")) << key;
  }
}

TEST(NodeConfigTest, TheShortestTimeOfACallIsSeenWithinTwoSeconds) {
  EXPECT_LE(2 * limits::bee_look_time, std::chrono::seconds(2)) << "what docs/OPERATING.md promises";
}

}  // namespace node_config_test
}  // namespace skep
