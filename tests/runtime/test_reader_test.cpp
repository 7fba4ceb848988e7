// Tests of swarm files as values, and every mistake in them with its place.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/runtime/swarm_file.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {
namespace test_reader_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// One gateway that answers, one that only takes in, one that only sends out, one that does both. 13 lines.
const std::string swarm =
    "name = \"s\"\n"
    "gateways.door = { type = \"tcp\", answers = \"echo\" }\n"
    "gateways.events = { type = \"tcp\" }\n"
    "gateways.alarms = { type = \"file\", from = \"echo\" }\n"
    "gateways.peer = { type = \"tcp\", framing = \"length\", from = \"echo\", answers = \"other\" }\n"
    "gateways.idle = { type = \"tcp\" }\n"
    "bees.echo = { class = \"a.b\", from = [\"door\", \"events\"] }\n"
    "bees.other = { class = \"a.b\", from = \"peer\" }\n";

SwarmFile read(const std::string& tests) {
  return parse_swarm(swarm + tests, "s.toml", [](const std::string& name) {
    return name == "CITY" ? std::optional<std::string>("Bath") : std::nullopt;
  });
}

/// Without the name of the file, and the lines of the swarm.
std::vector<std::string> problems(const std::string& tests) {
  std::vector<std::string> texts;
  for (auto problem : read(tests).problems) {
    problem.file.clear();
    if (problem.position.line > 8) problem.position.line -= 8;
    texts.push_back(problem.to_string().substr(1));
  }
  return texts;
}

std::vector<std::string> problems_of_step(const std::string& step) {
  return problems("[[test]]\nname = \"t\"\nstep = [{ send = { gateway = \"door\", records = [1] } }, { " + step +
                  " }]\n");
}

TEST(TestReaderTest, ReadsEveryKey) {
  const auto file = read(R"([[test]]
name      = "all"
within    = "2s"
starts_at = 1700000000000
[[test.step]]
send         = [{ gateway = "door", session = "ann", records = ["a ${CITY}", { b = [1, 2.5, true, "c"] }, 7] },
                { gateway = "peer", hex = ["00 fF", ""], together = true }]
advance      = "5s"
drain        = true
expect       = [{ gateway = "door", session = "ann", records = ["x"], order = "any", match = "contains", tolerance = 0.5 },
                { gateway = "peer", errors = ["dropped", { code = "rejected", message = "no" }], within = "1s" },
                { gateway = "peer", sent = true, nothing_for = "3s" }]
dead_letters = [{ bee = "echo", code = "bee_failed", reason = "r" }, { bee = "other" }]
)");
  ASSERT_THAT(file.problems, IsEmpty()) << file.problems.front().to_string();
  ASSERT_THAT(file.tests, SizeIs(1));
  const auto& test = file.tests.front();
  EXPECT_EQ(test.name, "all");
  EXPECT_EQ(test.within, std::chrono::seconds(2));
  EXPECT_EQ(test.starts_at, std::chrono::milliseconds(1'700'000'000'000));
  ASSERT_THAT(test.steps, SizeIs(1));
  const auto& step = test.steps.front();
  ASSERT_THAT(step.sends, SizeIs(2));
  EXPECT_EQ(step.sends[0].session, "ann");
  EXPECT_FALSE(step.sends[0].together);
  ASSERT_THAT(step.sends[0].records, SizeIs(3));
  EXPECT_EQ(step.sends[0].records[0].bytes, "a Bath");
  EXPECT_EQ(step.sends[0].records[0].form, TestRecord::Form::text);
  EXPECT_EQ(step.sends[0].records[1].bytes, R"({"b":[1,2.5,true,"c"]})");
  EXPECT_EQ(step.sends[0].records[1].form, TestRecord::Form::json);
  EXPECT_EQ(step.sends[0].records[2].bytes, "7");
  EXPECT_EQ(step.sends[1].records[0].bytes, std::string("\0\xff", 2));
  EXPECT_EQ(step.sends[1].records[1].form, TestRecord::Form::binary);
  EXPECT_TRUE(step.sends[1].together);
  EXPECT_EQ(step.advance, std::chrono::seconds(5));
  EXPECT_TRUE(step.drain);
}

TEST(TestReaderTest, ReadsWhatIsExpected) {
  const auto file = read(R"([[test]]
name   = "all"
within = "2s"
[[test.step]]
send         = [{ gateway = "door", session = "ann", records = [1] }, { gateway = "peer", records = [1] }]
expect       = [{ gateway = "door", session = "ann", records = ["x"], order = "any", match = "contains", tolerance = 0.5 },
                { gateway = "peer", errors = ["dropped", { code = "rejected", message = "no" }], within = "1s" },
                { gateway = "peer", sent = true, nothing_for = "3s" }, { gateway = "alarms", hex = ["61"] }]
dead_letters = [{ bee = "echo", code = "bee_failed", reason = "r" }, { bee = "other" }]
)");
  ASSERT_THAT(file.problems, IsEmpty()) << file.problems.front().to_string();
  const auto& expects = file.tests.at(0).steps.at(0).expects;
  ASSERT_THAT(expects, SizeIs(4));
  EXPECT_EQ(expects[0].what, TestExpect::What::records);
  EXPECT_EQ(expects[0].session, "ann");
  EXPECT_TRUE(expects[0].match.any_order && expects[0].match.contains && expects[0].answers);
  EXPECT_EQ(expects[0].match.tolerance, 0.5);
  EXPECT_EQ(expects[0].within, std::chrono::seconds(2));
  EXPECT_EQ(expects[1].what, TestExpect::What::errors);
  EXPECT_EQ(expects[1].errors.at(1).code, errc::rejected);
  EXPECT_EQ(expects[1].errors.at(1).message_part, "no");
  EXPECT_EQ(expects[1].within, std::chrono::seconds(1));
  EXPECT_EQ(expects[2].what, TestExpect::What::nothing);
  EXPECT_EQ(expects[2].within, std::chrono::seconds(3));
  EXPECT_FALSE(expects[2].answers);
  EXPECT_EQ(expects[3].gateway, "alarms");
  EXPECT_FALSE(expects[3].answers);
  const auto& letters = file.tests.at(0).steps.at(0).dead_letters;
  ASSERT_THAT(letters, SizeIs(2));
  EXPECT_EQ(letters[0].code, errc::bee_failed);
  EXPECT_EQ(letters[0].reason_part, "r");
  EXPECT_EQ(letters[1].code, std::nullopt);
}

TEST(TestReaderTest, AFileWithoutTestsHasNone) {
  EXPECT_THAT(read("").tests, IsEmpty());
  EXPECT_THAT(read("").problems, IsEmpty());
}

TEST(TestReaderTest, WhatIsExpectedComesFromWhereItWasSent) {
  const auto file = read(
      "[[test]]\nname = \"t\"\nstep = [{ send = { gateway = \"door\", session = \"a\", records = [1] },"
      " expect = { records = [1] } }]\n");
  ASSERT_THAT(file.problems, IsEmpty()) << file.problems.front().to_string();
  EXPECT_EQ(file.tests[0].steps[0].expects[0].gateway, "door");
  EXPECT_EQ(file.tests[0].steps[0].expects[0].session, "a");
}

TEST(TestReaderTest, TheOnlyGatewayNeedsNoName) {
  const auto file = parse_swarm(
      "name = \"s\"\ngateways.in = { type = \"tcp\" }\ngateways.out = { type = \"tcp\", from = \"b\" }\n"
      "bees.b = { class = \"a.b\", from = \"in\" }\n"
      "[[test]]\nname = \"t\"\nstep = [{ send = { records = [1] }, expect = { records = [1] } }]\n",
      "s.toml", {});
  ASSERT_THAT(file.problems, IsEmpty()) << file.problems.front().to_string();
  EXPECT_EQ(file.tests[0].steps[0].sends[0].gateway, "in");
  EXPECT_EQ(file.tests[0].steps[0].expects[0].gateway, "out");
}

TEST(TestReaderTest, ATestIsATableOfAList) {
  EXPECT_THAT(problems("test = 3\n"), ElementsAre("1:8: error: expected 'test' to be a list of tables, got an integer "
                                                  "(each test begins with [[test]])"));
  EXPECT_THAT(problems("[test]\nname = \"x\"\n"),
              ElementsAre(HasSubstr("got a table (each test begins with [[test]])")));
  EXPECT_THAT(problems("test = [1]\n"),
              ElementsAre(HasSubstr("1:9: error: expected a table for a test, got an integer")));
}

TEST(TestReaderTest, TellsUnknownKeysAndMissingOnes) {
  EXPECT_THAT(problems("[[test]]\nnam = \"t\"\nsteps = []\n"),
              ElementsAre("2:1: error: unknown key 'nam' in a test (did you mean 'name'?)",
                          "3:1: error: unknown key 'steps' in a test (did you mean 'step'?)"));
  EXPECT_THAT(problems("[[test]]\n"),
              ElementsAre(HasSubstr("a test has no 'name'"), HasSubstr("a test has no 'step'")));
  EXPECT_THAT(problems_of_step("sned = 1"),
              ElementsAre(HasSubstr("unknown key 'sned' in a step (did you mean 'send'?)")));
  EXPECT_THAT(problems_of_step(""), ElementsAre(HasSubstr("a step that does nothing")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"door\", record = [1] }"),
              ElementsAre(HasSubstr("unknown key 'record' in 'send' (did you mean 'records'?)")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"door\" }"), ElementsAre(HasSubstr("'send' has no 'records'")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\" }"),
              ElementsAre(HasSubstr("'expect' does not say what")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", records = [1], nothing_for = \"1s\" }"),
              ElementsAre(HasSubstr("'expect' says several things")));
  EXPECT_THAT(problems_of_step("dead_letters = { reason = \"x\" }"),
              ElementsAre(HasSubstr("a dead letter has no 'bee'")));
}

TEST(TestReaderTest, TellsWrongTypes) {
  EXPECT_THAT(problems("[[test]]\nname = 1\nwithin = 2\nstarts_at = \"x\"\nstep = 3\n"),
              ElementsAre(HasSubstr("'name' to be a string"), HasSubstr("'within' to be a duration"),
                          HasSubstr("'starts_at' to be an integer"), HasSubstr("'step' to be a list of tables")));
  EXPECT_THAT(problems("[[test]]\nname = \"t\"\nstep = [1]\n"), ElementsAre(HasSubstr("expected a table for a step")));
  EXPECT_THAT(problems_of_step("send = 1"),
              ElementsAre(HasSubstr("expected 'send' to be a table or a list of tables")));
  EXPECT_THAT(problems_of_step("expect = [1]"), ElementsAre(HasSubstr("expected 'expect' to be a table or a list")));
  EXPECT_THAT(problems_of_step("drain = \"yes\""), ElementsAre(HasSubstr("expected 'drain' to be true or false")));
  EXPECT_THAT(problems_of_step("send = { gateway = 1, records = 2, together = 3 }"),
              ElementsAre(HasSubstr("'gateway' to be a string"), HasSubstr("'records' to be a list"),
                          HasSubstr("'together' to be true or false")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", errors = [1, { code = 2 }, \"bad_recrd\"] }"),
              ElementsAre(HasSubstr("expected the code of an error, or a table"), HasSubstr("expected the code of an"),
                          HasSubstr("unknown error 'bad_recrd' (did you mean 'bad_record'?)")));
  EXPECT_THAT(
      problems_of_step("expect = { gateway = \"door\", records = [1], tolerance = \"x\", order = 2, sent = 3 }"),
      ElementsAre(HasSubstr("'tolerance' to be a number"), HasSubstr("'order' to be one of same, any"),
                  HasSubstr("'sent' to be true or false")));
}

TEST(TestReaderTest, TellsValuesThatCannotBe) {
  EXPECT_THAT(problems_of_step("send = { gateway = \"door\", records = [nan, [inf], 1979-05-27] }"),
              ElementsAre(HasSubstr("JSON has no NaN"), HasSubstr("no infinity"), HasSubstr("dates and times")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"peer\", hex = [\"abc\", \"xy\", 1] }"),
              ElementsAre(HasSubstr("ends in half a byte"), HasSubstr("hex digits and blanks only"),
                          HasSubstr("expected hex digits in quotes")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", records = [1], tolerance = -1 }"),
              ElementsAre(HasSubstr("'tolerance' is out of range")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", records = [1], match = \"contain\" }"),
              ElementsAre(HasSubstr("unknown match 'contain' (did you mean 'contains'?)")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", errors = [\"dropped\"], tolerance = 1 }"),
              ElementsAre(HasSubstr("'tolerance' is for records")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", nothing_for = \"1s\", within = \"1s\" }"),
              ElementsAre(HasSubstr("'within' is for what comes")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"door\", records = [1], hex = [\"00\"] }"),
              ElementsAre(HasSubstr("'records' and 'hex' in one table")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"door\", records = [] }"),
              ElementsAre(HasSubstr("has nothing in it")));
  EXPECT_THAT(problems("[[test]]\nname = \"\"\nstarts_at = -1\nstep = []\n"),
              ElementsAre(HasSubstr("a test's name is empty"), HasSubstr("'starts_at' is -1, out of range"),
                          HasSubstr("a test without a step shows nothing")));
  EXPECT_THAT(problems("[[test]]\nname = \"t\"\nstarts_at = 9223372036854775807\nstep = [{ drain = true }]\n"),
              ElementsAre(HasSubstr("out of range")));
}

TEST(TestReaderTest, RecordsMayHaveAnyCharacter) {
  const auto file = read(
      "[[test]]\nname = \"t\"\nstep = [{ send = { gateway = \"peer\", records = [\"a\\u0000b\", { a = \"\\u0000\" }] } "
      "}]\n");
  ASSERT_THAT(file.problems, IsEmpty()) << file.problems.front().to_string();
  const auto& records = file.tests[0].steps[0].sends[0].records;
  EXPECT_EQ(records.at(0).bytes, std::string("a\0b", 3));
  EXPECT_EQ(records.at(1).bytes, R"({"a":"\u0000"})");
}

TEST(TestReaderTest, ALineThatIsNoTomlIsOneMistake) {
  EXPECT_THAT(problems("[[test]]\nname = \"t\"\n[[test.step]]\nsend = { gateway = \"door\", records = [null] }\n"),
              ElementsAre(HasSubstr("TOML has no 'null'")));
}

TEST(TestReaderTest, TensorsAreBytesToSendAndJsonToExpect) {
  const auto file = read(
      "[[test]]\nname = \"t\"\nstep = [{ send = { gateway = \"peer\", tensors = [{ values = [[1, 2.5]] }, { dtype = "
      "\"u8\", "
      "values = [7] }] }, expect = { tensors = [{ dtype = \"i64\", values = [[1], [2]] }] } }]\n");
  ASSERT_THAT(file.problems, IsEmpty()) << file.problems.front().to_string();
  const auto& step = file.tests[0].steps[0];
  ASSERT_THAT(step.sends[0].records, SizeIs(2));
  EXPECT_EQ(step.sends[0].records[0].form, TestRecord::Form::binary);
  const std::vector<std::int64_t> shape{1, 2};
  const std::vector<float> values{1, 2.5};
  const auto wanted = tensor_payload<float>(shape, values);
  EXPECT_EQ(step.sends[0].records[0].bytes,
            std::string(reinterpret_cast<const char*>(wanted.bytes.data()), wanted.bytes.size()));
  EXPECT_EQ(step.expects[0].records.at(0).bytes, R"({"dtype":"i64","shape":[2,1],"data":[[1],[2]]})");
}

TEST(TestReaderTest, TellsWhatIsNoTensor) {
  const auto said = [](const std::string& tensor) {
    return problems_of_step("send = { gateway = \"peer\", tensors = [" + tensor + "] }");
  };
  EXPECT_THAT(said("1"), ElementsAre(HasSubstr("expected a tensor such as")));
  EXPECT_THAT(said("{ dtype = \"f33\", values = [1] }"),
              ElementsAre(HasSubstr("unknown dtype 'f33' (did you mean 'f32'?)")));
  EXPECT_THAT(said("{ dtyp = \"f32\", values = [1] }"), ElementsAre(HasSubstr("did you mean 'dtype'?")));
  EXPECT_THAT(said("{}"), ElementsAre(HasSubstr("a tensor has no 'values'")));
  for (const auto* values : {"3", "\"x\"", "[\"x\"]", "[[1], [1, 2]]", "[1, [2]]", "[1e300]", "{ a = 1 }", "[nan]",
                             "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"}) {
    EXPECT_THAT(said("{ values = " + std::string(values) + " }"), ::testing::Not(IsEmpty())) << values;
  }
  EXPECT_THAT(said("{ dtype = \"u8\", values = [256] }"), SizeIs(1));
  EXPECT_THAT(said("{ values = [nan, 1] }"), ElementsAre(HasSubstr("JSON has no NaN")));
  EXPECT_THAT(said("{ values = [1, 1979-05-27] }"), ElementsAre(HasSubstr("dates and times")));
}

TEST(TestReaderTest, TellsPlacesThatAreNotThere) {
  EXPECT_THAT(problems_of_step("send = { gateway = \"dor\", records = [1] }"),
              ElementsAre("3:78: error: unknown gateway 'dor' (did you mean 'door'?)"));
  EXPECT_THAT(problems_of_step("send = { records = [1] }"),
              ElementsAre(HasSubstr("which gateway? 3 of this swarm could be meant (gateway = \"...\", one of: door, "
                                    "events, peer)")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"alarms\", records = [1] }"),
              ElementsAre(HasSubstr("nothing reads gateway 'alarms', so nothing can be sent to it")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"idle\", records = [1] }"),
              ElementsAre(HasSubstr("nothing reads")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"events\", records = [1] }"),
              ElementsAre(HasSubstr("gateway 'events' gives no records")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", session = \"bob\", records = [1] }"),
              ElementsAre(HasSubstr("nothing was sent to gateway 'door' on session 'bob' before")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"alarms\", session = \"bob\", records = [1] }"),
              ElementsAre(HasSubstr("what goes out at a gateway is of no session")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"alarms\", errors = [\"dropped\"] }"),
              ElementsAre(HasSubstr("what goes out at gateway 'alarms' is records, no errors")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", sent = true, records = [1] }"),
              ElementsAre(HasSubstr("gateway 'door' sends nothing out")));
  EXPECT_THAT(problems_of_step("dead_letters = { bee = \"\" }"), ElementsAre(HasSubstr("unknown bee ''")));
  EXPECT_THAT(problems_of_step("dead_letters = { bee = 1 }"), ElementsAre(HasSubstr("'bee' to be a string")));
  EXPECT_THAT(problems_of_step("dead_letters = { bee = \"ecko\" }"),
              ElementsAre(HasSubstr("unknown bee 'ecko' (did you mean 'echo'?)")));
  EXPECT_THAT(problems_of_step("drain = true }, { send = { gateway = \"door\", records = [1] }"),
              ElementsAre(HasSubstr("nothing can be sent after 'drain'")));
}

TEST(TestReaderTest, ASessionOfAnotherTestIsNotKnown) {
  EXPECT_THAT(problems("[[test]]\nname = \"a\"\nstep = [{ send = { gateway = \"door\", records = [1] } }]\n"
                       "[[test]]\nname = \"b\"\nstep = [{ expect = { gateway = \"door\", records = [1] } }]\n"),
              ElementsAre(HasSubstr("nothing was sent to gateway 'door' on a session without a name before")));
}

TEST(TestReaderTest, ALineEndIsRefusedWhereRecordsAreLines) {
  EXPECT_THAT(problems_of_step("send = { gateway = \"door\", records = [\"a\\nb\"] }"),
              ElementsAre(HasSubstr("a record with a line end in it, sent to gateway 'door'")));
  EXPECT_THAT(problems_of_step("send = { gateway = \"peer\", records = [\"a\\nb\"] }"), IsEmpty());
}

TEST(TestReaderTest, WhatMayStandInALineThatCannotBeReadIsNotMissed) {
  const auto file = parse_swarm(
      "name = \"s\"\n[gateways.a b]\ntype = \"tcp\"\n[[test]]\nname = \"t\"\n"
      "step = [{ send = { gateway = \"a\", records = [1] } }]\n",
      "s.toml", {});
  ASSERT_THAT(file.problems, SizeIs(1)) << file.problems.back().to_string();
}

TEST(TestReaderTest, NamesAreUniqueAndShort) {
  const std::string step = "step = [{ drain = true }]\n";
  EXPECT_THAT(problems("[[test]]\nname = \"a\"\n" + step + "[[test]]\nname = \"a\"\n" + step),
              ElementsAre(HasSubstr("5:8: error: a test before this one is called 'a' too")));
  const std::string name(limits::test_name_bytes_max, 'x');
  EXPECT_THAT(problems("[[test]]\nname = \"" + name + "\"\n" + step), IsEmpty());
  EXPECT_THAT(problems("[[test]]\nname = \"" + name + "x\"\n" + step), ElementsAre(HasSubstr("more than 200 bytes")));
}

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(TestReaderTest, ThereAreSoManyOfEachAtMost) {
  std::string tests;
  for (std::size_t i = 0; i <= limits::swarm_tests_max; ++i) {
    tests += "[[test]]\nname = \"" + std::to_string(i) + "\"\nstep = [{ drain = true }]\n";
  }
  EXPECT_THAT(problems(tests), ElementsAre(HasSubstr("more than 1000 tests in one file")));
  EXPECT_THAT(problems("[[test]]\nname = \"t\"\nstep = [" + times(limits::test_steps_max, "{ drain = true },") + "]\n"),
              IsEmpty());
  EXPECT_THAT(
      problems("[[test]]\nname = \"t\"\nstep = [" + times(limits::test_steps_max + 1, "{ drain = true },") + "]\n"),
      ElementsAre(HasSubstr("more than 1000 steps in a test")));
  const std::string letter = "{ bee = \"echo\" },";
  EXPECT_THAT(problems_of_step("dead_letters = [" + times(limits::test_parts_max, letter) + "]"), IsEmpty());
  EXPECT_THAT(problems_of_step("dead_letters = [" + times(limits::test_parts_max + 1, letter) + "]"),
              ElementsAre(HasSubstr("more than 100 tables in 'dead_letters'")));
}

TEST(TestReaderTest, AStepHasSoManyRecordsAtMost) {
  const auto records = "records = [" + times(limits::test_records_max, "1,") + "]";
  EXPECT_THAT(problems_of_step("send = { gateway = \"door\", " + records + " }"), IsEmpty());
  EXPECT_THAT(
      problems_of_step("send = [{ gateway = \"door\", " + records + " }, { gateway = \"door\", records = [1] }]"),
      ElementsAre(HasSubstr("more than 10000 records sent, or expected, by one step")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", order = \"any\", " + records + " }"), IsEmpty());
  const auto errors = "errors = [" + times(limits::test_records_max + 1, "\"dropped\",") + "]";
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", " + errors + " }"),
              ElementsAre(HasSubstr("more than 10000 errors expected by one step")));
  const auto loose = "records = [" + times(limits::test_loose_records_max + 1, "1,") + "]";
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", order = \"any\", tolerance = 1, " + loose + " }"),
              ElementsAre(HasSubstr("more than 500 records in any order that need not be exact")));
  EXPECT_THAT(problems_of_step("expect = { gateway = \"door\", tolerance = 1, " + loose + " }"), IsEmpty());
}

TEST(TestReaderTest, ATestTakesSoMuchTimeAtMost) {
  EXPECT_EQ(limits::test_time_most, std::chrono::hours(8760));
  EXPECT_EQ(SwarmTest{}.within, limits::test_within);
  EXPECT_THAT(problems_of_step("advance = \"8760h\""), IsEmpty());
  EXPECT_THAT(problems_of_step("advance = \"8761h\""), ElementsAre(HasSubstr("'advance' is 8761h, out of range")));
  EXPECT_THAT(problems_of_step("advance = \"8760h\" }, { advance = \"1ns\""),
              ElementsAre(HasSubstr("a test that takes more than 8760h")));
  EXPECT_THAT(problems_of_step("advance = \"-1s\""), ElementsAre(HasSubstr("'-1s' is no duration")));
}

}  // namespace test_reader_test
}  // namespace skep
