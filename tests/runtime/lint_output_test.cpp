// What lint makes of side outputs, and of bees that never emit.

#include <gmock/gmock.h>

#include "lint_fixture.hpp"

namespace skep {
namespace lint_output_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LintOutputTest : public LintTest {};

/// `in` feeds `a` of a class, and takes answers from `answers`.
std::string swarm(const std::string& bee_class, const std::string& answers, const std::string& more = "") {
  return "[gateways.in]\ntype = \"memory\"\nanswers = \"" + answers + "\"\n[bees.a]\nclass = \"" + bee_class +
         "\"\nfrom = \"in\"\n" + more;
}

std::string reader(const std::string& name, const std::string& from, const std::string& bee_class = "test.plain") {
  return "[bees." + name + "]\nclass = \"" + bee_class + "\"\nfrom = \"" + from + "\"\n";
}

TEST_F(LintOutputTest, WhatNeverEmitsCannotAnswer) {
  EXPECT_THAT(problems(swarm("test.sink", "a")), ElementsAre("s.toml:4:11: error: 'a' never emits: it cannot answer"));
}

TEST_F(LintOutputTest, NothingReadsWhatNeverEmits) {
  EXPECT_THAT(problems(swarm("test.plain", "a", reader("end", "a", "test.sink") + reader("b", "end"))),
              ElementsAre("s.toml:13:8: error: 'end' never emits: nothing comes from it"));
}

TEST_F(LintOutputTest, APortThatNeverEmitsNamesThoseThatDo) {
  EXPECT_THAT(problems(swarm("test.splitter", "a")),
              ElementsAre("s.toml:4:11: error: 'a' never emits on its default port: it cannot answer "
                          "(its ports: good, bad)"));
  EXPECT_THAT(problems(swarm("test.splitter", "a.good")), IsEmpty());
}

TEST_F(LintOutputTest, ADefaultPortThatNeverEmitsNeedsNoReader) {
  EXPECT_THAT(problems(swarm("test.splitter", "b", reader("b", "a.good"))), IsEmpty());
  EXPECT_THAT(problems("[gateways.in]\ntype = \"memory\"\n" + reader("a", "in", "test.sink")), IsEmpty());
}

TEST_F(LintOutputTest, ASideOutputNeedsNeitherAnAnswerNorAReader) {
  EXPECT_THAT(problems(swarm("test.splitter", "b", reader("b", "a.good") + reader("audit", "a.bad"))), IsEmpty());
}

TEST_F(LintOutputTest, AnotherOutputNeedsBoth) {
  EXPECT_THAT(problems(swarm("test.sorter", "a", reader("audit", "a.rejected"))),
              ElementsAre(HasSubstr("no answer comes back from what 'a.rejected' sends")));
  EXPECT_THAT(problems(swarm("test.sorter", "a")), ElementsAre(HasSubstr("nothing reads 'a.rejected'")));
}

}  // namespace lint_output_test
}  // namespace skep
