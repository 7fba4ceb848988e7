// Swarms whose records are of payload types: JSON in, Cap'n Proto between, JSON out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/every.capnp.h"
#include "skep/serialization/typed.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep {
namespace typed_swarm_test {

using ::testing::HasSubstr;
using testing::SwarmHarness;

class Sense final : public Bee {
 public:
  using Input = test::Reading;
  using Output = test::Alarm;

  void on_record(Record record, Outbox& out) override {
    const auto reading = record.as<test::Reading>();
    if (reading.getValue() < 0) return out.emit(record);  // of the wrong type
    out.emit(record.with(Payload::build<test::Alarm>([&](test::Alarm::Builder alarm) {
      alarm.setSensor(std::string(record.key()) + "@" +
                      std::to_string(record.header().event_time.time_since_epoch() / std::chrono::milliseconds(1)));
      alarm.setLevel(reading.getLevel());
    })));
  }
};

/// Takes every record for an Alarm, and says nothing of it.
class Misread final : public Bee {
 public:
  void on_record(Record record, Outbox& out) override {
    (void)record.as<test::Alarm>().getLevel();
    out.emit(record);
  }
};

class TypedSwarmTest : public ::testing::Test {
 protected:
  static SwarmHarness start(const std::string& text) {
    BeeRegistry bees;
    bees.add<Sense>("test.sense");
    bees.add<Misread>("test.misread");
    return SwarmHarness("name = \"s\"\n" + text, bees);
  }
  static std::string gateway(const std::string& type, const std::string& more = "") {
    return "[gateways.in]\ntype = \"" + type + "\"\nlisten = \"127.0.0.1:0\"\nanswers = \"last\"\n" + more;
  }
  static std::string bee(const std::string& name, const std::string& bee_class, const std::string& from,
                         const std::string& more = "") {
    return "[bees." + name + "]\nclass = \"" + bee_class + "\"\nfrom = \"" + from + "\"\n" + more;
  }
};

const std::string paths = "key = \"$.place.room\"\nevent_time = \"$.at\"\n";

TEST_F(TypedSwarmTest, KeyAndTimeComeFromTheRecord) {
  auto swarm = start(gateway("tcp", paths) + bee("last", "test.sense", "in"));
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  const auto request = [&](const char* json) { return swarm.gateway("in").request(json); };
  EXPECT_EQ(request(R"({"at": "17", "level": "high", "place": {"room": "hall"}})").text(),
            R"({"sensor":"hall@17","level":"high"})");
  EXPECT_EQ(request("{}").text(), R"({"sensor":"@0","level":"low"})");  // defaults hold
  EXPECT_THAT(request(R"({"at": 1, "at": 2})").failure().message, HasSubstr("$.at: it is there twice"));
}

TEST_F(TypedSwarmTest, RecordsOfTheWrongTypeAreTheirSendersFailure) {
  auto swarm = start(gateway("tcp") + bee("last", "test.sense", "in"));
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  const auto failure = swarm.gateway("in").request(R"({"value": -1})").failure();
  EXPECT_EQ(failure.code, errc::bee_failed);
  EXPECT_THAT(failure.message, HasSubstr("it sent Reading on a port that is described to send Alarm"));
  EXPECT_TRUE(swarm.gateway("in").request("{}").ok());
}

TEST_F(TypedSwarmTest, AReaderOfAnotherTypeIsToldBothNames) {
  auto swarm = start(gateway("tcp") + bee("last", "test.misread", "in") + bee("a", "test.sense", "in") +
                     bee("b", "skep.log", "a"));
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("in").request("{}").failure().message, "the payload is Reading, not Alarm");
}

TEST_F(TypedSwarmTest, MessagesThatAreCapnpAreCheckedAndAnsweredAsCapnp) {
  auto swarm =
      start(gateway("tcp", "content = \"capnp\"\nframing = \"length\"\n" + paths) + bee("last", "test.sense", "in"));
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto client = swarm.gateway("in").connect();
  const auto reading = Payload::build<test::Reading>([](test::Reading::Builder it) {
    it.setAt(5);
    it.initPlace().setRoom("cellar");
  });
  const auto reply = client.request(reading);
  ASSERT_TRUE(reply.ok());
  const auto bytes = reply.text();
  const Record answer({}, Payload::borrow(std::as_bytes(std::span(bytes)), {ContentKind::capnp, 0}));
  EXPECT_STREQ(answer.as<test::Alarm>().getSensor().cStr(), "cellar@5");
  for (std::size_t size = 0; size < reading.bytes.size(); ++size) {
    const auto cut = client.request(Payload::borrow(reading.bytes.first(size), reading.content));
    ASSERT_FALSE(cut.ok()) << size;
    EXPECT_THAT(cut.failure().message, HasSubstr("valid Reading"));
  }
  std::vector<std::byte> broken(reading.bytes.begin(), reading.bytes.end());
  broken[8] = std::byte{0xF0};
  const auto failure = client.request(Payload::borrow(broken, reading.content)).failure();
  EXPECT_EQ(failure.message, "it is no valid Reading: a pointer, a size or a text in it is wrong");
}

TEST_F(TypedSwarmTest, AWebSocketTakesBothJsonAndCapnp) {
  auto swarm = start(gateway("websocket", "binary = \"capnp\"\n") + bee("last", "test.sense", "in"));
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_THAT(swarm.gateway("in").request(Payload::json(R"({"level": "high"})")).text(),
              HasSubstr(R"("level":"high"})"));
  const auto high = Payload::build<test::Reading>([](test::Reading::Builder it) { it.setLevel(test::Level::HIGH); });
  const auto reply = swarm.gateway("in").request(high).text();
  const Record answer({}, Payload::borrow(std::as_bytes(std::span(reply)), {ContentKind::capnp, 0}));
  EXPECT_EQ(answer.as<test::Alarm>().getLevel(), test::Level::HIGH);
  auto plain = start(gateway("websocket") + bee("last", "test.sense", "in"));
  ASSERT_TRUE(plain.started()) << plain.problems();
  EXPECT_THAT(plain.gateway("in").request(Payload::json(R"({"level": "high"})")).text(),
              HasSubstr(R"("level":"high"})"));
  EXPECT_THAT(plain.gateway("in").request(Payload::raw("x")).failure().message,
              HasSubstr("it is raw, and its reader takes Reading"));
}

TEST_F(TypedSwarmTest, ReadyMadeBeesReadFieldsOfTypedRecords) {
  auto swarm =
      start(gateway("tcp") + bee("hot", "skep.filter", "in", "options = { field = \"$.value\", at_least = 30 }\n") +
            bee("once", "skep.dedup", "hot", "options = { by = \"$.sensor\" }\n") +
            bee("way", "skep.route", "once", "options = { field = \"$.level\", ports = [\"high\"] }\n") +
            bee("last", "test.sense", "way.high") + bee("rest", "skep.log", "way"));
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto client = swarm.gateway("in").connect();
  EXPECT_TRUE(client.request(R"({"sensor": "a", "value": 31, "level": "high"})").ok());
  EXPECT_THAT(client.request(R"({"sensor": "a", "value": 32, "level": "high"})").failure().message,
              HasSubstr("a duplicate"));
  EXPECT_THAT(client.request(R"({"sensor": "b", "value": 1})").failure().message, HasSubstr("filtered out"));
  client.send(R"({"sensor": "c", "value": 33})");
  EXPECT_THAT(swarm.log().back().text, HasSubstr(R"({"sensor":"c","value":33)"));
}

TEST_F(TypedSwarmTest, RecordsThatGoOutAreJson) {
  auto swarm = start("[gateways.in]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\n" + bee("last", "test.sense", "in") +
                     "[gateways.out]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nfrom = \"last\"\n");
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  swarm.gateway("in").send(R"({"level": "middle"})");
  ASSERT_EQ(swarm.gateway("out").sent().size(), 1u);
  EXPECT_THAT(std::string(swarm.gateway("out").sent()[0].text()), HasSubstr(R"("level":"middle"})"));
}

}  // namespace typed_swarm_test
}  // namespace skep
