// Payload types on edges: who sends which, who reads which.

#include <gmock/gmock.h>

#include <chrono>

#include "lint_fixture.hpp"
#include "schema/every.capnp.h"
#include "skep/actors/ready_made.hpp"
#include "skep/runtime/graph.hpp"

namespace skep {
namespace lint_types_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Sense final : public Bee {
 public:
  using Input = test::Reading;
  using Output = test::Alarm;
};

class Answer final : public Bee {
 public:
  using Input = test::Alarm;
  static void describe(BeeClass<Answer>& c) {
    c.output<test::Reading>("readings", &Answer::readings_, "", {.side = true});
  }

 private:
  Port readings_;
};

class Forward final : public Bee {
 public:
  static void describe(BeeClass<Forward>& c) { c.forwards_records(); }
};

class ReadsBoth final : public Bee {
 public:
  static void describe(BeeClass<ReadsBoth>& c) { c.input<test::Reading>().input(ContentKind::json); }
};

ConfiguredGateway with_kinds(const OptionValue& options, SourcePosition) {
  ConfiguredGateway gateway;
  const auto* content = options.find("content");
  const auto kind = content == nullptr ? "json" : std::get<std::string>(content->value);
  for (const auto each : {ContentKind::json, ContentKind::raw, ContentKind::tensor, ContentKind::capnp}) {
    if (to_string(each) == kind) gateway.kinds = {each};
  }
  return gateway;
}

class LintTypesTest : public LintTest {
 protected:
  LintTypesTest() {
    bees_.add<Sense>("test.sense");
    bees_.add<Answer>("test.answer");
    bees_.add<Forward>("test.forward");
    bees_.add<ReadsBoth>("test.both");
    gateways_.add({{"wire", "", {}}, with_kinds});
  }

  static std::string gateway(const std::string& more = "") { return "[gateways.in]\ntype = \"wire\"\n" + more; }
  static std::string bee(const std::string& name, const std::string& bee_class, const std::string& from) {
    return "[bees." + name + "]\nclass = \"test." + bee_class + "\"\nfrom = \"" + from + "\"\n";
  }
};

TEST_F(LintTypesTest, WhatFitsIsNoProblem) {
  EXPECT_THAT(problems(gateway("answers = \"b\"\n") + bee("a", "sense", "in") + bee("b", "answer", "a") +
                       bee("c", "sink", "b.readings")),
              IsEmpty());
}

TEST_F(LintTypesTest, AnEdgeBetweenTwoTypesIsAnErrorAtItsPlace) {
  EXPECT_THAT(problems(gateway() + bee("a", "sense", "in") + bee("b", "sense", "a")),
              ElementsAre("s.toml:9:8: error: 'b' reads Reading, and 'a.default' sends Alarm"));
}

TEST_F(LintTypesTest, OfAPlugInItIsNamed) {
  auto entry = *bees_.find("test.sense");
  entry.description.name = "other.sense";
  entry.description.plugin = "other";
  bees_.add(entry);
  const auto found =
      problems(gateway() + bee("a", "sense", "in") + "[bees.b]\nclass = \"other.sense\"\nfrom = \"a\"\n");
  EXPECT_THAT(found, ElementsAre(HasSubstr("'b' reads Reading of plug-in 'other', and 'a.default' sends Alarm")));
}

TEST_F(LintTypesTest, AReaderOfJsonDoesNotGetTypedRecords) {
  EXPECT_THAT(problems(gateway() + bee("a", "sense", "in") + bee("b", "json", "a")),
              ElementsAre(HasSubstr("'b' reads json, and 'a.default' sends Alarm")));
  EXPECT_THAT(problems(gateway() + bee("a", "sense", "in") + bee("b", "json", "in")),
              ElementsAre(HasSubstr("'b' reads json, and 'in' sends Reading, as 'a' reads it")));
  EXPECT_THAT(problems(gateway() + bee("a", "sense", "in") + bee("b", "both", "in")), IsEmpty());
  EXPECT_THAT(problems(gateway() + bee("b", "both", "in")), IsEmpty());
}

TEST_F(LintTypesTest, ReadersOfOneGatewayAgree) {
  EXPECT_THAT(problems(gateway() + bee("a", "sense", "in") + bee("b", "answer", "in")),
              ElementsAre(HasSubstr("'b' reads Alarm, and 'a' reads Reading, both from gateway 'in'")));
}

TEST_F(LintTypesTest, TypesPassThroughBeesThatForward) {
  const auto through = gateway() + bee("f", "forward", "in");
  EXPECT_EQ(run(through + bee("a", "sense", "f")).plan.gateways[0].input_type, PayloadType::of<test::Reading>());
  EXPECT_THAT(problems(through + bee("a", "sense", "f") + bee("b", "answer", "in")),
              ElementsAre(HasSubstr("both from gateway 'in'")));
  EXPECT_THAT(problems(gateway() + bee("a", "sense", "in") + bee("f", "forward", "a") + bee("b", "sense", "f")),
              ElementsAre(HasSubstr("'b' reads Reading, and 'f.default' sends Alarm")));
}

TEST_F(LintTypesTest, BytesThatAreNoJsonCannotBecomeATypedRecord) {
  EXPECT_THAT(problems(gateway("content = \"raw\"\n") + bee("a", "sense", "in")),
              ElementsAre("s.toml:4:11: error: gateway 'in' brings raw, and 'a' reads Reading "
                          "(content = \"json\" or \"capnp\")"));
  EXPECT_THAT(problems(gateway("content = \"tensor\"\n") + bee("a", "sense", "in")),
              ElementsAre(HasSubstr("brings tensor")));
  EXPECT_THAT(problems(gateway("content = \"capnp\"\n") + bee("a", "sense", "in")), IsEmpty());
  EXPECT_THAT(problems(gateway("content = \"capnp\"\n") + bee("a", "plain", "in")),
              ElementsAre(HasSubstr("no bee that reads it says of which type")));
}

TEST_F(LintTypesTest, ClientsThatReadOtherBytesCannotReadTypedAnswers) {
  EXPECT_THAT(problems("[gateways.out]\ntype = \"wire\"\ncontent = \"raw\"\nfrom = \"a\"\n" + gateway() +
                       bee("a", "sense", "in")),
              ElementsAre(HasSubstr("clients of gateway 'out' read raw, and 'a.default' sends Alarm")));
}

TEST_F(LintTypesTest, KeyAndTimeAreFieldsOfTheType) {
  const auto with = [&](const std::string& options) { return problems(gateway(options) + bee("a", "sense", "in")); };
  EXPECT_THAT(with("key = \"$.sensor\"\nevent_time = \"$.at\"\n"), IsEmpty());
  EXPECT_THAT(with("key = \"$.place.room\"\nevent_time = \"$.value\"\n"), IsEmpty());
  EXPECT_THAT(with("key = \"session\"\nevent_time = \"arrival\"\n"), IsEmpty());
  EXPECT_THAT(with("key = \"$.sensr\"\n"),
              ElementsAre("s.toml:4:7: error: 'key' of gateway 'in': Reading has no field 'sensr' (did you mean "
                          "'sensor'?)"));
  EXPECT_THAT(with("key = \"$.value\"\n"), ElementsAre(HasSubstr("$.value of Reading is no key")));
  EXPECT_THAT(with("event_time = \"$.level\"\n"), ElementsAre(HasSubstr("$.level of Reading is no time")));
  EXPECT_THAT(with("key = \"$.place\"\n"), ElementsAre(HasSubstr("$.place of Reading is no key")));
  EXPECT_THAT(with("key = \"$.sensor.x\"\n"), ElementsAre(HasSubstr("no struct")));
}

TEST_F(LintTypesTest, ReadyMadeBeesLookForFieldsThatAreThere) {
  add_ready_made_bees(bees_);
  const auto with = [&](const std::string& bee_class, const std::string& options) {
    return problems(gateway() + bee("a", "sense", "in") + "[bees.f]\nclass = \"" + bee_class +
                    "\"\nfrom = \"in\"\noptions = { " + options + " }\n");
  };
  EXPECT_THAT(with("skep.filter", "field = \"$.place.room\""), IsEmpty());
  EXPECT_THAT(
      with("skep.filter", "field = \"$.place.roon\""),
      ElementsAre("s.toml:10:21: error: 'field' of bee 'f': Reading.place has no field 'roon' (did you mean 'room'?)"));
  EXPECT_THAT(with("skep.dedup", "by = \"$.sensr\""), ElementsAre(HasSubstr("did you mean 'sensor'?")));
  EXPECT_THAT(with("skep.dedup", "by = \"key\""), IsEmpty());
}

TEST_F(LintTypesTest, GraphsShowTheTypesOfEdges) {
  const auto result = run(gateway("answers = \"b\"\n") + bee("f", "forward", "in") + bee("a", "sense", "f") +
                          bee("b", "answer", "a") + bee("c", "sink", "b.readings"));
  const auto types = port_types(result.plan);
  EXPECT_EQ(types.at("in"), "Reading");
  EXPECT_EQ(types.at("f.default"), "Reading");
  EXPECT_EQ(types.at("a.default"), "Alarm");
  EXPECT_EQ(types.at("b.readings"), "Reading");
  EXPECT_FALSE(types.contains("b.default"));
  const auto spec = parse_swarm("name = \"s\"\n" + gateway() + bee("a", "sense", "in"), "s.toml", {}).spec;
  EXPECT_THAT(draw(spec, GraphForm::dot, types), HasSubstr("\"in\" -> \"a\" [label=\"Reading\"]"));
  EXPECT_THAT(draw(spec, GraphForm::mermaid, types), HasSubstr("Reading"));
  EXPECT_THAT(draw(spec, GraphForm::text, types), HasSubstr("test.sense   Reading"));
}

TEST_F(LintTypesTest, AThousandTypedBeesAreLintedAtOnce) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    const auto name = "a" + std::to_string(i);
    text += bee(name, i % 2 == 0 ? "sense" : "answer", i == 0 ? "in" : "a" + std::to_string(i - 1));
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run(gateway() + text + bee("last", "sense", "a0"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));  // no square of it
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_THAT(result.problems[0].message, HasSubstr("'last' reads Reading, and 'a0.default' sends Alarm"));
}

}  // namespace lint_types_test
}  // namespace skep
