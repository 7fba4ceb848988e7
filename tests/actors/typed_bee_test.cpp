// Bees of payload types in a harness: what describe makes of them, and what becomes of wrong ones.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/every.capnp.h"
#include "skep/actors/described_bee.hpp"
#include "skep/serialization/typed.hpp"
#include "skep/testing/bee_harness.hpp"

namespace skep {
namespace typed_bee_test {

using testing::BeeHarness;
using ::testing::HasSubstr;

class Sense final : public Bee {
 public:
  using Input = test::Reading;
  using Output = test::Alarm;
  static void describe(BeeClass<Sense>& c) {
    c.output<test::Reading>("rest", &Sense::rest_, "all others", {.side = true}).output("any", &Sense::any_);
  }

  void on_record(Record record, Outbox& out) override {
    const auto reading = record.as<test::Reading>();
    if (reading.getValue() == 1) return out.emit(record);  // no Alarm
    if (reading.getValue() == 2) return out.emit(record.with(Payload::json("{}")));
    if (reading.getValue() == 3) return out.emit(rest_, record);
    if (reading.getValue() == 4) return out.emit(any_, record);
    out.emit(record.with(
        Payload::build<test::Alarm>([&](test::Alarm::Builder alarm) { alarm.setSensor(reading.getSensor()); })));
  }

 private:
  Port rest_, any_;
};

TEST(TypedBeeTest, ItsTypesAreTheDescribedOnes) {
  const BeeClass<Sense> bee_class("test.sense");
  const auto& description = bee_class.description();
  EXPECT_EQ(description.input_type.name, "Reading");
  EXPECT_TRUE(description.reads_typed_only());
  EXPECT_EQ(description.outputs[0].type.name, "Alarm");
  EXPECT_EQ(description.outputs[1].type, PayloadType::of<test::Reading>());
  EXPECT_TRUE(description.outputs[1].side);
  EXPECT_FALSE(description.outputs[2].type);
}

TEST(TypedBeeTest, ReadsJsonAndShowsJson) {
  BeeHarness<Sense> bee;
  bee.send(R"({"sensor": "a"})");
  ASSERT_EQ(bee.emitted().size(), 1u);
  EXPECT_STREQ(bee.emitted()[0].as<test::Alarm>().getSensor().cStr(), "a");
  EXPECT_EQ(bee.json(bee.emitted()[0]), R"({"sensor":"a","level":"low"})");
  try {
    bee.send(R"({"senor": "a"})");
    FAIL();
  } catch (const BadRecord& bad) {
    EXPECT_THAT(bad.what(), HasSubstr("did you mean 'sensor'?"));
  }
}

TEST(TypedBeeTest, WhatItSendsOfAnotherTypeIsItsFailure) {
  BeeHarness<Sense> bee;
  bee.send(R"({"value": 1})");
  bee.send(R"({"value": 2})");
  bee.send(R"({"value": 3})");
  bee.send(R"({"value": 4})");
  ASSERT_EQ(bee.failures().size(), 2u);
  EXPECT_THAT(bee.failures()[0].message, HasSubstr("it sent Reading on a port that is described to send Alarm"));
  EXPECT_THAT(bee.failures()[1].message, HasSubstr("it sent json on a port that is described to send Alarm"));
  EXPECT_EQ(bee.failures()[0].code, errc::bee_failed);
  EXPECT_TRUE(bee.emitted().empty());
  EXPECT_EQ(bee.emitted("rest").size(), 1u);
  EXPECT_EQ(bee.emitted("any").size(), 1u);
}

TEST(TypedBeeTest, ARecordWithAPointerThatLeadsNowhereIsBadInWordsForItsSender) {
  const auto whole = Payload::build<test::Reading>([](test::Reading::Builder it) { it.setSensor("a"); });
  auto bytes = Buffer::copy_of(whole.bytes);
  bytes.writable()[8 + 8 + 3 * 8 + 3] = std::byte{0x7F};  // after table, root and data: the pointer to `sensor`
  BeeHarness<Sense> bee;
  bee.send(Payload::share(bytes, whole.content));
  ASSERT_EQ(bee.failures().size(), 1u);
  EXPECT_EQ(bee.failures()[0].code, errc::bad_record);
  EXPECT_EQ(bee.failures()[0].message, "malformed message: a pointer, a size or a text in it is wrong");
}

TEST(TypedBeeTest, ARecordOfAnotherTypeIsBadAndBothAreNamed) {
  BeeHarness<Sense> bee;
  bee.send(Payload::build<test::Alarm>([](test::Alarm::Builder) {}));
  bee.send(testing::make_record(Payload::json("{}")));
  ASSERT_EQ(bee.failures().size(), 2u);
  EXPECT_EQ(bee.failures()[0].message, "the payload is Alarm, not Reading");
  EXPECT_EQ(bee.failures()[1].message, "the payload is json, not Reading (capnp)");
  EXPECT_EQ(bee.rebuilds(), 0u);
}

class TwoTypes final : public Bee {
 public:
  using Input = test::Reading;
  static void describe(BeeClass<TwoTypes>& c) { c.input<test::Alarm>(); }
};

class Anything final : public Bee {
 public:
  using Input = test::Anything;
};

TEST(TypedBeeTest, TypesThatCannotBeAreRefusedWhenTheClassIsRegistered) {
  BeeRegistry registry;
  const auto why = [&](auto add) -> std::string {
    try {
      add();
    } catch (const std::invalid_argument& wrong) {
      return wrong.what();
    }
    return "nothing";
  };
  EXPECT_THAT(why([&] { registry.add<TwoTypes>("test.two"); }), HasSubstr("reads 'Reading', and 'Alarm' too"));
  EXPECT_THAT(why([&] { registry.add<Anything>("test.any"); }),
              HasSubstr("field 'any' of 'Anything' is an AnyPointer"));
  BeeDescription unknown{.name = "test.unknown", .input_type = {7, "Nobody"}, .outputs = {{.name = "default"}}};
  EXPECT_THAT(why([&] { registry.add(*described_bee(unknown)); }), HasSubstr("payload type 'Nobody'"));
}

}  // namespace typed_bee_test
}  // namespace skep
