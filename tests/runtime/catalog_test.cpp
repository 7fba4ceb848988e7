// One run of lint tells every mistake, and each of them once: what only follows from another is not said.

#include "skep/runtime/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "skep/runtime/limits.hpp"

namespace skep {
namespace catalog_test {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What is wrong with a file: "3: error: ...", with the line.
std::vector<std::string> problems(const std::string& text) {
  Catalog catalog({SKEP_TEST_PLUGIN_DIRECTORY});
  const auto unset = [](const std::string&) { return std::optional<std::string>(); };
  std::vector<std::string> texts;
  for (auto& problem : catalog.check(parse_swarm("name = \"s\"\n" + text, "s.toml", unset)).problems) {
    const auto line = std::to_string(problem.position.line);
    problem.file = "";
    problem.position = {};
    texts.push_back(line + ": " + problem.to_string());
  }
  return texts;
}

const std::string front = "[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\n";

std::string bee(const std::string& name, const std::string& bee_class, const std::string& more = "") {
  return "[bees." + name + "]\nfrom = \"front\"\nclass = \"" + bee_class + "\"\n" + more;
}

TEST(CatalogTest, ARightFileHasNoProblems) {
  EXPECT_THAT(problems("plugins = [\"test_bees\"]\n" + front + bee("echo", "test.echo")), IsEmpty());
}

TEST(CatalogTest, EveryDefaultThatIsShownMayBeWritten) {
  Catalog catalog({});
  const auto check = [](const std::string& of, const std::vector<OptionDescription>& options) {
    for (const auto& option : options) {
      if (option.rules.one_of.empty() || option.rules.required) continue;
      std::vector<std::string> words;
      for (const auto& word : option.rules.one_of) words.push_back("\"" + word + "\"");
      EXPECT_THAT(words, Contains(option.default_value)) << of << ", " << option.name;
    }
  };
  for (const auto& name : catalog.bees().names()) check(name, catalog.bees().find(name)->description.options);
  for (const auto& type : catalog.gateways().types()) check(type, catalog.gateways().find(type)->description.options);
  EXPECT_THAT(problems(front + "overflow = \"auto\"\n" + bee("log", "skep.log")), IsEmpty());
}

TEST(CatalogTest, AMissingPluginIsOneMessageForAllItsBees) {
  EXPECT_THAT(problems("plugins = [\"absent\"]\n" + front + bee("one", "absent.one") + bee("two", "other.two")),
              ElementsAre(AllOf(HasSubstr("2: "), HasSubstr("error: no plug-in 'absent.so' in "),
                                HasSubstr("(not checked without it: bees 'one', 'two')"))));
}

TEST(CatalogTest, AClassOfALibraryThatIsHereIsNoMissingPlugins) {
  EXPECT_THAT(problems("plugins = [\"absent\"]\n" + front + bee("log", "skep.lgo")),
              ElementsAre(HasSubstr("no plug-in 'absent.so'"),
                          HasSubstr("8: error: unknown class 'skep.lgo' (did you mean 'skep.log'?)")));
}

TEST(CatalogTest, WithEveryPluginThereAnUnknownClassIsAMistake) {
  EXPECT_THAT(problems("plugins = [\"test_bees\"]\n" + front + bee("one", "absent.one")),
              ElementsAre(HasSubstr("unknown class 'absent.one'")));
}

TEST(CatalogTest, APluginThatCannotBeNamedIsAMissingOne) {
  for (const auto* plugins : {"plugins = \"absent\"\n", "plugins = [5]\n", "plugins = [\"No\"]\n", "plugin = []\n",
                              "plugins = [\"${NOT_SET}\"]\n"}) {
    EXPECT_THAT(problems(plugins + front + bee("one", "absent.one")), ElementsAre(HasSubstr("2: error: "))) << plugins;
  }
}

TEST(CatalogTest, AnUnsetVariableIsOneMessageWhereverItStands) {
  const std::string unset = "error: the environment variable 'X' is not set";
  EXPECT_THAT(problems("[gateways.front]\ntype = \"tcp\"\nlisten = \"${X}\"\n" + bee("a", "skep.log")),
              ElementsAre(HasSubstr("4: " + unset)));
  EXPECT_THAT(problems("[gateways.front]\ntype = \"${X}\"\nlisten = \"127.0.0.1:0\"\n" + bee("a", "skep.log")),
              ElementsAre(HasSubstr("3: " + unset)));
  EXPECT_THAT(problems(front + "answers = \"${X}\"\n" + bee("a", "skep.log")), ElementsAre(HasSubstr("5: " + unset)));
  EXPECT_THAT(problems(front + bee("a", "${X}")), ElementsAre(HasSubstr("7: " + unset)));
  EXPECT_THAT(problems(front + "[bees.a]\nclass = \"skep.log\"\nfrom = \"${X}\"\n"),
              ElementsAre(HasSubstr("7: " + unset)));
  EXPECT_THAT(problems(front + bee("a", "skep.log", "restart = \"${X}\"\n")), ElementsAre(HasSubstr("8: " + unset)));
  EXPECT_THAT(problems(front + bee("a", "skep.filter", "options = { field = \"${X}\" }\n")),
              ElementsAre(HasSubstr("8: " + unset)));
  EXPECT_THAT(problems(front + bee("a", "skep.route", "options = { field = \"$.x\", ports = [\"${X}\"] }\n")),
              ElementsAre(HasSubstr("8: " + unset)));
  EXPECT_THAT(problems(front + bee("a", "skep.filter", "options = \"${X}\"\n")), ElementsAre(HasSubstr("8: " + unset)));
}

TEST(CatalogTest, AMisspeltKeyIsNotMissedToo) {
  EXPECT_THAT(problems("[gateways.front]\ntyp = \"tcp\"\nlisten = \"127.0.0.1:0\"\n" + bee("a", "skep.log")),
              ElementsAre("3: error: unknown key 'typ' in gateway 'front' (did you mean 'type'?)"));
  EXPECT_THAT(
      problems("[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nanswer = \"a\"\n" + bee("a", "skep.log")),
      ElementsAre("5: error: unknown key 'answer' in gateway 'front' (did you mean 'answers'?)"));
  EXPECT_THAT(problems("[gateways.front]\ntype = \"tcp\"\nlisten_ = \"127.0.0.1:0\"\n" + bee("a", "skep.log")),
              ElementsAre(HasSubstr("4: error: unknown option 'listen_' (did you mean 'listen'?)")));
  EXPECT_THAT(problems(front + "[bees.a]\nclas = \"skep.log\"\nform = \"front\"\n"),
              ElementsAre(HasSubstr("6: error: unknown key 'clas'"), HasSubstr("7: error: unknown key 'form'")));
  EXPECT_THAT(problems(front + bee("a", "skep.filter", "options = { feild = \"$.x\" }\n")),
              ElementsAre("8: error: unknown option 'feild' (did you mean 'field'?)"));
  EXPECT_THAT(problems("[gateway.front]\ntype = \"tcp\"\n"), ElementsAre(HasSubstr("2: error: unknown key 'gateway'")));
}

TEST(CatalogTest, AFilterThatNoNumberPassesIsAMistake) {
  EXPECT_THAT(problems(front + bee("a", "skep.filter", "options = { field = \"$.x\", at_least = 5, at_most = 1.5 }\n")),
              ElementsAre(HasSubstr("8: error: 'at_most' is 1.5, 'at_least' is 5: no number passes")));
  EXPECT_THAT(problems(front + bee("a", "skep.filter", "options = { field = \"$.x\", at_least = 5, at_most = 5 }\n")),
              IsEmpty());
}

TEST(CatalogTest, OptionsThatAreNoTableAreOneMessage) {
  EXPECT_THAT(problems(front + bee("a", "skep.filter", "options = [1]\n")),
              ElementsAre(HasSubstr("8: error: expected 'options' to be a table, got a list")));
}

TEST(CatalogTest, ReadingGoesOnBehindSyntaxErrors) {
  EXPECT_THAT(problems(front + R"([bees.a]
class = skep.log
from = "frnt"
replicas = 0
[bees.b
class = "skep.log"
from = "front"
[bees.c]
class = "skep.lgo"
from = ["front", "b"]
from = "a"
)"),
              ElementsAre(HasSubstr("6: error: "), HasSubstr("7: error: no bee or gateway is named 'frnt'"),
                          HasSubstr("8: error: 'replicas' is 0"), HasSubstr("9: error: "),
                          HasSubstr("13: error: unknown class 'skep.lgo'"), HasSubstr("15: error: ")));
}

TEST(CatalogTest, WhatALostLineMayHaveSaidIsNotMissed) {
  const std::string wrong = "name = \"s\"\n";  // the second one
  EXPECT_THAT(problems(front + "answers = end\n" + bee("end", "skep.log")), ElementsAre(HasSubstr("5: error: ")));
  EXPECT_THAT(problems("[gateways.front]\ntype = \"tcp\"\nlisten = x\n" + bee("end", "skep.log")),
              ElementsAre(HasSubstr("4: error: ")));
  EXPECT_THAT(problems(front + bee("a", "skep.filter", "options = { field = x }\n")),
              ElementsAre(HasSubstr("8: error: ")));
  EXPECT_THAT(problems("plugins = [x]\n" + front + bee("a", "x.y")), ElementsAre(HasSubstr("2: error: ")));
  EXPECT_THAT(problems(wrong), ElementsAre(HasSubstr("2: error: ")));
  EXPECT_THAT(problems("[gateways.front\n" + bee("a", "skep.log")), ElementsAre(HasSubstr("2: error: ")));
}

TEST(CatalogTest, ReadingEndsAtAListThatDoesNot) {
  EXPECT_THAT(problems(front + "[bees.a]\nfrom = [\"front\"\n" + bee("b", "skep.lgo")), ::testing::SizeIs(1));
}

TEST(CatalogTest, ReadingGoesOnBehindAFewSyntaxErrorsOnly) {
  std::string text;
  for (std::size_t i = 0; i < 2 * limits::file_syntax_errors_max; ++i) text += "a" + std::to_string(i) + " = x\n";
  EXPECT_THAT(problems(text), ::testing::SizeIs(limits::file_syntax_errors_max + 1));
}

TEST(CatalogTest, MistakesOfEveryKindAreToldTogether) {
  EXPECT_THAT(
      problems(R"(plugins = ["absent"]
[gateways.front]
type = "tcp"
listen = "0.0.0.0:1"
deadline = 5
answers = "end"
[bees.one]
class = "absent.one"
from = "frnt"
replicas = 0
[bees.loop]
class = "skep.filter"
from = ["front", "loop"]
options = { feild = "$.x", at_least = "1" }
[bees.end]
class = "skep.log"
from = "loop.rejected"
)"),
      ElementsAre(HasSubstr("2: error: no plug-in 'absent.so'"), HasSubstr("5: error: listening on 0.0.0.0:1"),
                  HasSubstr("6: error: option 'deadline'"), HasSubstr("7: error: 'end' never emits"),
                  HasSubstr("10: error: no bee or gateway is named 'frnt'"), HasSubstr("11: error: 'replicas' is 0"),
                  HasSubstr("14: error: a cycle: loop -> loop"), HasSubstr("15: error: unknown option 'feild'"),
                  HasSubstr("15: error: option 'at_least': expected a number")));
}

}  // namespace catalog_test
}  // namespace skep
