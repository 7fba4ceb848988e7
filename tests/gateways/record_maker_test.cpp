#include "../../gateways/src/record_maker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "schema/every.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace record_maker_test {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

RecordMakerSettings settings() {
  RecordMakerSettings settings;
  settings.node = 3;
  settings.gateway = 4;
  settings.incarnation = 5;
  settings.revision = 6;
  return settings;
}

constexpr EventTime arrived{1700000000s};
const RecordMaker::From from{7, "s7", 8, Deadline(90s), arrived};

TEST(RecordMakerTest, FillsTheHeader) {
  RecordMaker maker(settings());
  const auto record = maker.make(Payload::json("[1]"), from);
  ASSERT_TRUE(record.ok());
  const auto& header = record->header();
  EXPECT_EQ(header.origin, (Origin{3, 4, 5, 7, 8}));
  EXPECT_EQ(header.id, (RecordId{5, 1}));
  EXPECT_EQ(header.root, header.id);
  EXPECT_EQ(header.key, "s7");
  EXPECT_EQ(header.event_time, arrived);
  EXPECT_EQ(header.deadline, Deadline(90s));
  EXPECT_EQ(header.revision, 6u);
  EXPECT_EQ(record->text(), "[1]");
  EXPECT_EQ(maker.make(Payload::json("[1]"), from)->id(), (RecordId{5, 2}));
}

TEST(RecordMakerTest, ReadsTimesInTheirUnitWithoutRounding) {
  auto in_seconds = settings();
  in_seconds.event_time_path = "$.ts";
  in_seconds.event_time_unit = 1s;
  EXPECT_EQ(RecordMaker(in_seconds).make(Payload::json("{\"ts\":1.5}"), from)->header().event_time, EventTime(1500ms));
  auto in_nanoseconds = in_seconds;
  in_nanoseconds.event_time_unit = 1ns;
  EXPECT_EQ(RecordMaker(in_nanoseconds).make(Payload::json("{\"ts\":1700000000123456789}"), from)->header().event_time,
            EventTime(1700000000123456789ns));
}

TEST(RecordMakerTest, ATimeMayBeDigitsInAString) {
  auto timed = settings();
  timed.event_time_path = "$.ts";
  timed.event_time_unit = 1ns;
  EXPECT_EQ(RecordMaker(timed).make(Payload::json(R"({"ts":"1700000000123456789"})"), from)->header().event_time,
            EventTime(1700000000123456789ns));
  for (const auto* bad : {R"({"ts":""})", R"({"ts":"1.5"})", R"({"ts":" 1"})", R"({"ts":"9223372036854775808"})"}) {
    EXPECT_FALSE(RecordMaker(timed).make(Payload::json(bad), from).ok()) << bad;
  }
}

TEST(RecordMakerTest, RefusesTimesThatAreNone) {
  auto timed = settings();
  timed.event_time_path = "$.ts";
  timed.event_time_unit = 1s;
  RecordMaker maker(timed);
  for (const auto* bad : {"{}", "{\"ts\":\"now\"}", "{\"ts\":1e300}", "{\"ts\":9223372036854775807}"}) {
    const auto record = maker.make(Payload::json(bad), from);
    ASSERT_FALSE(record.ok()) << bad;
    EXPECT_EQ(record.error().code, errc::bad_record);
    EXPECT_THAT(record.error().message, HasSubstr("$.ts"));
  }
  EXPECT_EQ(maker.make(Payload::json("{}"), from).error().message, "it has no $.ts, which is its time");
  EXPECT_EQ(maker.make(Payload::json("{\"ts\":\"now\"}"), from).error().message,
            "$.ts is no time: expected a number, in units of 1s, since 1970 (event_time_unit)");
}

TEST(RecordMakerTest, RefusesAKeyOverTheLimit) {
  auto keyed = settings();
  keyed.key_path = "$.k";
  RecordMaker maker(keyed);
  const auto json = [](std::size_t bytes) { return "{\"k\":\"" + std::string(bytes, 'k') + "\"}"; };
  EXPECT_TRUE(maker.make(Payload::json(json(limits::key_bytes_max)), from).ok());
  const auto record = maker.make(Payload::json(json(limits::key_bytes_max + 1)), from);
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.error().code, errc::too_large);
  EXPECT_THAT(record.error().message, HasSubstr("key_bytes_max = 1024"));
}

TEST(RecordMakerTest, RefusesWhatCannotHaveTheKeyOrTheTimeAskedFor) {
  auto keyed = settings();
  keyed.key_path = "$.k";
  auto timed = settings();
  timed.event_time_path = "$.ts";
  const auto raw = Payload::raw(R"({"k":1,"ts":1})");
  for (const auto& [wanted, path] : {std::pair(keyed, "$.k"), std::pair(timed, "$.ts")}) {
    const auto record = RecordMaker(wanted).make(raw, from);
    ASSERT_FALSE(record.ok());
    EXPECT_EQ(record.error().code, errc::bad_record);
    EXPECT_THAT(record.error().message, HasSubstr(path));
  }
}

TEST(RecordMakerTest, RefusesWhatIsNotWhatItSaysItIs) {
  RecordMaker maker(settings());
  EXPECT_EQ(maker.make(Payload::json("{"), from).error().code, errc::bad_record);
  const std::string noise(64, '\x7f');
  const auto tensor = Payload::borrow(std::as_bytes(std::span(noise)), {ContentKind::tensor});
  EXPECT_EQ(maker.make(tensor, from).error().code, errc::bad_record);
  EXPECT_TRUE(maker.make(Payload::raw("{"), from).ok());
}

class TypedRecordMakerTest : public ::testing::Test {
 protected:
  static RecordMakerSettings typed_settings() {
    SchemaTable schemas;
    EXPECT_TRUE(schemas.add(PayloadType::of<test::Reading>(), "").ok());
    auto made = settings();
    made.payload_types = *PayloadTypes::of(schemas);
    made.input_type = capnp::typeId<test::Reading>();
    made.key_path = "$.sensor";
    made.event_time_path = "$.at";
    return made;
  }
  static void expect_reading(const Result<Record>& record) {
    ASSERT_TRUE(record.ok()) << record.error().message;
    EXPECT_EQ(record->key(), "attic");
    EXPECT_EQ(record->header().event_time, EventTime(7ms));
    EXPECT_EQ(record->as<test::Reading>().getValue(), 21.5);
  }

  const Payload sent_ = Payload::build<test::Reading>([](test::Reading::Builder it) {
    it.setSensor("attic");
    it.setValue(21.5);
    it.setAt(7);
  });
  RecordMaker maker_{typed_settings()};
};

TEST_F(TypedRecordMakerTest, CopiesNoBytesThatArePayloadsAlready) {
  auto sent = sent_;
  sent.content.schema = 0;  // as clients send it
  const auto record = maker_.make(sent, from);
  expect_reading(record);
  EXPECT_EQ(record->bytes().data(), sent_.bytes.data());
}

TEST_F(TypedRecordMakerTest, CopiesBytesOfItsCallerAndThoseAtAnOddAddress) {
  std::vector<std::byte> odd(sent_.bytes.size() + 1);
  std::ranges::copy(sent_.bytes, odd.begin() + 1);
  const auto part = std::span<const std::byte>(odd).subspan(1);
  const auto borrowed = maker_.make(Payload::borrow(part, {ContentKind::capnp}), from);
  const auto shared = Buffer::copy_of(odd);
  const auto sliced = maker_.make(Payload::share(shared, shared.bytes().subspan(1), {ContentKind::capnp}), from);
  std::ranges::fill(odd, std::byte{0xFF});
  expect_reading(borrowed);
  expect_reading(sliced);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(sliced->bytes().data()) % sizeof(capnp::word), 0u);
}

}  // namespace record_maker_test
}  // namespace skep
