#include "skep/runtime/swarm_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "every_key.hpp"
#include "known_keys.hpp"
#include "same_swarm.hpp"
#include "skep/runtime/swarm_writer.hpp"
#include "skep/schema/record.capnp.h"
#include "skep/testing/swarm_harness.hpp"

namespace skep {
namespace swarm_builder_test {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PassOn : public Bee {
 public:
  void on_record(Record record, Outbox& out) override { out.emit(std::move(record)); }
};

using Reading = wire::NamedValue;
using Alarm = wire::Trace;

class First final : public PassOn {
 public:
  using Output = Reading;
  static constexpr PortOf<First, Reading> other{"other"};
  static void describe(BeeClass<First>& c) { c.output(other.text(), &First::other_); }

 private:
  Port other_;
};

class Second final : public PassOn {
 public:
  using Input = Reading;
  using Output = Alarm;
  struct Options {
    std::string text;
    OptionValue list{};
    double weight = 0;
    double most = 0;
  };
  static constexpr PortOf<Second, Alarm> kept{"kept"};
  static void describe(BeeClass<Second>& c) {
    c.output(kept.text(), &Second::kept_, "", {.side = true})
        .holds_records()
        .option("text", &Options::text)
        .option("list", &Options::list)
        .option("weight", &Options::weight)
        .option("most", &Options::most);
  }
  explicit Second(Options) {}

 private:
  Port kept_;
};

class Third final : public PassOn {
 public:
  using Input = Alarm;
};

class Costly final : public PassOn {
 public:
  explicit Costly(int) {}
};

const std::string sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What the file with every key says, in code.
SwarmSpec every_key_in_code() {
  BeeRegistry bees;
  bees.add<First>("test.first");
  bees.add<Second>("test.second");
  bees.add<Third>("test.third");
  SwarmBuilder swarm("all", bees);
  swarm.plugin("one").plugin("two", sha256).delivery(Delivery::at_least_once);
  swarm.supervision({.strategy = Strategy::rest_for_one, .intensity = 0, .period = 24h});
  swarm.dead_letters({.records_max = 0, .bytes_max = 1024});
  const auto door = swarm.duplex("door", "tcp")
                        .set("listen", "127.0.0.1:0")
                        .option_values(option_table({{"content", "raw"}, {"requests_max", 16}, {"deadline", 1500ms}}))
                        .set("reply_bytes_max", ByteSize{64 << 10})
                        .set("public", true)
                        .nodes({"edge"});
  const auto first = swarm.bee<First>("first").from(door);
  const auto second =
      swarm.bee<Second>("second")
          .from(door,
                edge(first.port(First::other),
                     {.route = Route::key, .window = 3, .window_bytes = {1 << 20}, .overflow = Overflow::drop_newest}))
          .replicas(4)
          .batch({.size_max = 32, .delay_max = 2ms})
          .execution(Execution::dedicated)
          .restart(Restart::transient)
          .held({.records_max = 7, .bytes_max = 2 << 20})
          .callback_time_max(0s)
          .nodes({"gpu", "big"})
          .options({.text = "a \"b\" ${x}",
                    .list = OptionLiteral{1, 2.5, "x", option_table({{"deep", {true}}})}.value(),
                    .weight = 1,
                    .most = std::numeric_limits<double>::infinity()});
  const auto third = swarm.bee<Third>("third").from(edge(second, {.route = Route::all}));
  door.answers(second.port(Second::kept)).from(third);
  return swarm.spec();
}

TEST(SwarmBuilderTest, SaysWhatAFileSays) {
  const auto file = parse_swarm(every_key, "all.toml", {});
  ASSERT_THAT(file.problems, IsEmpty());
  const auto spec = every_key_in_code();
  EXPECT_TRUE(same_swarm(spec, file.spec)) << to_toml(spec);
  EXPECT_EQ(to_toml(spec), to_toml(file.spec));
}

/// A key that a reader learns has to come into that file, and so into the builder.
TEST(SwarmBuilderTest, SaysEveryKeyThatTheReadersKnow) {
  const std::string bee = "name = \"s\"\n[bees.b]\nclass = \"c.c\"\nfrom = ";
  for (const auto& text : {
           std::string("name = \"s\"\nzzzzzzzzz = 1\n[bees]\n"),
           bee + "\"g\"\nzzzzzzzzz = 1\n",
           bee + "{ bee = \"g\", zzzzzzzzz = 1 }\n",
           bee + "\"g\"\nbatch = { zzzzzzzzz = 1 }\n",
           std::string("name = \"s\"\nplugins = [{ name = \"a\", zzzzzzzzz = 1 }]\n[bees]\n"),
           std::string("name = \"s\"\n[bees]\n[supervision]\nzzzzzzzzz = 1\n"),
           std::string("name = \"s\"\n[bees]\n[dead_letters]\nzzzzzzzzz = 1\n"),
       }) {
    const auto keys = known_keys(text);
    EXPECT_FALSE(keys.empty()) << text;
    for (const auto& key : keys) {
      if (key == "test") continue;  // tests are of a file, not of its swarm
      if (key == "gateways" || key == "bees" || key == "supervision" || key == "dead_letters") {
        EXPECT_THAT(std::string(every_key), HasSubstr("\n[" + key));
      } else {
        EXPECT_THAT(std::string(every_key), HasSubstr(key + " = "));
      }
    }
  }
}

class BuilderTest : public ::testing::Test {
 protected:
  std::vector<std::string> problems() {
    std::vector<std::string> texts;
    for (const auto& problem : swarm_.build(catalog_).problems) texts.push_back(problem.to_string());
    return texts;
  }
  static std::string at(int line) { return std::string(__FILE__) + ":" + std::to_string(line) + ": "; }
  SourceGateway door() { return swarm_.source("door", "tcp").set("listen", "127.0.0.1:0"); }

  Catalog catalog_{{}};
  SwarmBuilder swarm_{"test", catalog_.bees()};
};

TEST_F(BuilderTest, WhatIsRightCanBeStarted) {
  const auto in = door();
  const auto first = swarm_.bee<First>("first").from(in);
  in.answers(swarm_.bee<Second>("second").from(first, first.port("other")).set("list", {1, "x"}));
  const auto built = swarm_.build(catalog_);
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_TRUE(built.ok());
  EXPECT_EQ(built.plan.bees.size(), 2u);
  EXPECT_EQ(built.plan.edges.size(), 3u);
  EXPECT_TRUE(same_swarm(built.spec, swarm_.spec())) << "the builder still has it";
}

TEST_F(BuilderTest, ProblemsStandAtTheLineOfTheCall) {
  const auto in = door();
  const auto first = swarm_.bee<First>("first").from(in);
  in.answers(first);
  // clang-format off
  const auto port = first.port("othre"); const int port_line = __LINE__;
  swarm_.bee("filter", "skep.filter").from(port).set("field", "$.a").set("at_lest", 1); const int option_line = __LINE__;
  swarm_.bee("last", "skep.lgo").from(first); const int class_line = __LINE__;
  // clang-format on
  EXPECT_THAT(problems(), ElementsAre(at(port_line) + "error: bee 'first' has no port 'othre' (did you mean 'other'?)",
                                      at(option_line) + "error: unknown option 'at_lest' (did you mean 'at_least'?)",
                                      at(class_line) + "error: unknown class 'skep.lgo' (did you mean 'skep.log'?)"));
}

TEST_F(BuilderTest, PositionsOfTheSpecAreLines) {
  const auto in = door();
  const std::uint32_t line = __LINE__ + 1;
  in.answers(swarm_.bee<First>("first").from(in));
  const auto spec = swarm_.spec();
  EXPECT_EQ(spec.bees[0].position, (SourcePosition{line, 0}));
  EXPECT_EQ(spec.bees[0].from[0].position, (SourcePosition{line, 0}));
  EXPECT_EQ(spec.gateways[0].answers_position, (SourcePosition{line, 0}));
  const auto built = swarm_.build(catalog_);
  EXPECT_EQ(built.spec.bees[0].position, (SourcePosition{line, 0}));
  EXPECT_EQ(built.plan.bees[0].spec.position, (SourcePosition{line, 0}));
}

TEST_F(BuilderTest, HandlesStayGoodWhileTheSwarmGrowsAndItsBuilderMoves) {
  auto builder = std::make_optional<SwarmBuilder>("moved", catalog_.bees());
  const auto in = builder->source("door", "tcp").set("listen", "127.0.0.1:0").set("content", "raw");
  const auto first = builder->bee<First>("first").from(in);
  std::vector<Edge<AnyRecord>> all;
  for (int i = 0; i < 200; ++i) {
    const auto name = "bee" + std::to_string(i);
    all.push_back(builder->bee(name, "skep.filter").from(in).set("field", "$.a").as_edge());
  }
  SwarmBuilder moved(std::move(*builder));
  builder.reset();
  auto again = std::move(moved);
  const auto last = again.bee<PassOn>("last").from(all, first);
  in.answers(last);
  first.replicas(3);
  const auto spec = again.spec();
  EXPECT_EQ(spec.bee("first")->replicas, 3u);
  EXPECT_EQ(spec.bee("last")->from.size(), 201u);
  EXPECT_EQ(spec.bee("last")->from[199].from, "bee199");
  EXPECT_TRUE(again.build(catalog_).ok());
  EXPECT_THROW(static_cast<void>(moved.spec()), std::logic_error);  // NOLINT(bugprone-use-after-move)
}

TEST_F(BuilderTest, ClassesAreKnownByTheNameTheyAreRegisteredUnder) {
  catalog_.bees().add<First>("known.first");
  const auto in = door();
  const auto one = swarm_.bee<First>("one").from(in);
  const auto two = swarm_.bee<PassOn>("two").from(one);
  swarm_.bee<PassOn>("three").from(two);
  const auto spec = swarm_.spec();
  EXPECT_EQ(spec.bee("one")->bee_class, "known.first");
  EXPECT_EQ(spec.bee("two")->bee_class, "test.two");
  EXPECT_EQ(spec.bee("three")->bee_class, "test.two");
  EXPECT_NE(catalog_.bees().find("test.two"), nullptr);
}

TEST_F(BuilderTest, AClassThatNeedsMoreThanItsOptionsIsRegisteredBefore) {
  const auto in = door();
  swarm_.bee<Costly>("costly").from(in);
  EXPECT_THAT(problems(), Contains(HasSubstr("the class of bee 'costly' is not registered")));
  catalog_.bees().add<Costly>("test.costly", [](const auto&) { return std::make_unique<Costly>(1); });
  SwarmBuilder other("other", catalog_.bees());
  const auto door = other.source("door", "tcp").set("listen", "127.0.0.1:0");
  door.answers(other.bee<Costly>("costly").from(door));
  EXPECT_TRUE(other.build(catalog_).ok());
}

TEST_F(BuilderTest, ANameThatAnotherClassHasIsRefused) {
  catalog_.bees().add<First>("test.second");
  const auto in = door();
  const auto line = __LINE__ + 1;
  swarm_.bee<Third>("second").from(in);
  EXPECT_THAT(problems(), Contains(HasSubstr(at(line) + "error: bee class 'test.second' is registered already")));
}

TEST_F(BuilderTest, PartsOfAnotherSwarmAreRefused) {
  SwarmBuilder other("other", catalog_.bees());
  const auto there = other.source("there", "tcp");
  const auto bee = other.bee<First>("bee").from(there);
  const auto in = door();
  in.answers(bee);
  swarm_.bee<First>("first").from(there, in);
  swarm_.sink("out", "tcp").from(bee.port("other")).set("listen", "127.0.0.1:0");
  EXPECT_THAT(problems(), Contains(HasSubstr("error: 'there' is of another swarm")));
  EXPECT_THAT(problems(), Contains(HasSubstr("error: 'bee' is of another swarm (it cannot answer here)")));
  EXPECT_THAT(problems(), Contains(HasSubstr("error: 'bee' is of another swarm (records cross")));
}

TEST_F(BuilderTest, WhatNoFileCanSayIsRefused) {
  const auto in = door();
  const auto first = swarm_.bee<First>("first").from(in).callback_time_max(-1ns).batch({.delay_max = 1h});
  in.answers(first).answers(first);
  in.set("type", "tcp").set("restart", "permanent").set("content", "raw").set("content", "raw");
  in.set("key", std::string("a\0b", 3)).set("event_time", "\xff");
  OptionValue deep;
  for (int i = 0; i < 40; ++i) deep = OptionLiteral({OptionLiteral(deep)}).value();
  const auto filter = swarm_.bee("filter", "skep.filter").from(first).set("field", "$.a").set("equals", deep);
  swarm_.sink("out", "tcp").from(edge(filter, {.window = 0, .window_bytes = {0}})).set("listen", "127.0.0.1:0");
  swarm_.plugin("No", "abc").supervision({.intensity = 1001, .period = 0s}).dead_letters({.records_max = 1'000'001});
  const auto texts = problems();
  for (const auto* wanted :
       {"bee 'first': callback_time_max is -1ns (from 0s to 24h)", "batch.delay_max is 1h",
        "has its answers from 'first'", "'type' among its options", "a gateway has no 'restart'", "'content' twice",
        "U+0000", "not UTF-8", "lists in each other", "edge from 'filter': window is 0", "window_bytes is 0",
        "'No' cannot name a plug-in", "'sha256' is 64 hex digits", "supervision.intensity is 1001",
        "supervision.period is 0s", "dead_letters.records_max is 1000001"}) {
    EXPECT_THAT(texts, Contains(HasSubstr(wanted)));
  }
}

TEST_F(BuilderTest, NamesAndPluginsAreCheckedAsThoseOfAFile) {
  const auto in = door();
  swarm_.bee<First>("First").from(in);
  swarm_.bee<Third>("door").from(in);
  const int line = __LINE__ + 1;
  swarm_.plugin("nowhere");
  const auto texts = problems();
  EXPECT_THAT(texts, Contains(HasSubstr("'First' cannot name a bee")));
  EXPECT_THAT(texts, Contains(HasSubstr("'door' is there twice")));
  EXPECT_THAT(texts, Contains(HasSubstr(at(line) + "error: no plug-in 'nowhere.so'")));
}

TEST_F(BuilderTest, AnEmptyVectorOfSourcesIsToldOf) {
  const std::vector<Edge<AnyRecord>> none;
  swarm_.bee<First>("first").from(none);
  door();
  swarm_.sink("out", "tcp").from(none).set("listen", "127.0.0.1:0");
  EXPECT_THAT(problems(), Contains(HasSubstr("nothing reaches bee 'first'")));
  EXPECT_THAT(problems(), Contains(HasSubstr("nothing is sent to gateway 'out'")));
}

TEST(SwarmBuilderHarnessTest, ASwarmInCodeRunsInATest) {
  class Double final : public Bee {
   public:
    void on_record(Record record, Outbox& out) override {
      const std::string text(record.text());
      out.emit(record.with(Payload::raw(text + text)));
    }
  };
  BeeRegistry bees;
  SwarmBuilder builder("double", bees);
  const auto door = builder.source("door", "tcp").set("listen", "127.0.0.1:0").set("content", "raw");
  door.answers(builder.bee<Double>("double").from(door));
  testing::SwarmHarness swarm(builder, {.bees = bees});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("door").request("ab").text(), "abab");
}

TEST(SwarmBuilderHarnessTest, WhatIsWrongIsToldWithItsLine) {
  BeeRegistry bees;
  SwarmBuilder builder("wrong", bees);
  const auto line = __LINE__ + 1;
  const auto door = builder.source("door", "tcp").set("lsten", "127.0.0.1:0");
  door.answers(builder.bee<PassOn>("bee").from(door));
  testing::SwarmHarness swarm(builder, {.bees = bees});
  EXPECT_FALSE(swarm.started());
  EXPECT_THAT(swarm.problems(), HasSubstr(std::string(__FILE__) + ":" + std::to_string(line) + ": error: unknown"));
}

}  // namespace swarm_builder_test
}  // namespace skep
