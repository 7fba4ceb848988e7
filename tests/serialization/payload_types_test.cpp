#include "skep/serialization/payload_types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

#include "random_every.hpp"
#include "schema/every.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace payload_types_test {

using test::Every;
using ::testing::HasSubstr;

class PayloadTypesTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const PayloadTypes> make() {
    SchemaTable table;
    EXPECT_TRUE(table.add(PayloadType::of<Every>(), "").ok());
    EXPECT_TRUE(table.add(PayloadType::of<test::Reading>(), "").ok());
    EXPECT_TRUE(table.add(PayloadType::of<test::Empties>(), "").ok());
    auto types = PayloadTypes::of(table);
    EXPECT_TRUE(types.ok());
    return *types;
  }
  template <class T = Every>
  Record record(std::string_view json) const {
    const auto payload = types_->from_json(capnp::typeId<T>(), json);
    if (!payload) throw std::runtime_error(payload.error().message);
    return Record({}, *payload);
  }
  template <class T = Every>
  std::string problem(std::string_view json) const {
    const auto payload = types_->from_json(capnp::typeId<T>(), json);
    return payload ? "none" : payload.error().message;
  }
  /// Through a record, less what is always there.
  std::string back(std::string_view json) const {
    const auto text = types_->to_json(record(json));
    return text ? *text : "error: " + text.error().message;
  }

  std::shared_ptr<const PayloadTypes> types_ = make();
};

TEST_F(PayloadTypesTest, ReadsEveryKindOfField) {
  const auto record = this->record(R"({
    "truth": true, "i8": -128, "i16": -32768, "i32": -2147483648, "i64": -9223372036854775808,
    "u8": 255, "u16": 65535, "u32": 4294967295, "u64": 18446744073709551615,
    "f32": 0.5, "f64": 1e300, "text": "grün \u0000", "data": "AAH/", "nothing": null, "level": "high",
    "point": {"x": 1, "y": -2.5}, "numbers": [1, -2, 3], "flags": [true, false], "texts": ["a", ""],
    "datas": ["AQ==", ""], "points": [{"x": 1}, {}], "matrix": [[1, 2], [], [3]], "levels": ["low", "high"],
    "voids": [null, null], "limits": {"low": -1}, "label": "it", "shape": {"box": {"width": 3, "height": 4}}})");
  const auto every = record.as<Every>();
  EXPECT_TRUE(every.getTruth());
  EXPECT_EQ(every.getI8(), -128);
  EXPECT_EQ(every.getI16(), -32768);
  EXPECT_EQ(every.getI32(), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(every.getI64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(every.getU8(), 255);
  EXPECT_EQ(every.getU16(), 65535);
  EXPECT_EQ(every.getU32(), 4294967295u);
  EXPECT_EQ(every.getU64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(every.getF32(), 0.5f);
  EXPECT_EQ(every.getF64(), 1e300);
  EXPECT_EQ(every.getText().size(), 7u);
  EXPECT_EQ(every.getData().size(), 3u);
  EXPECT_EQ(every.getData()[2], 255);
  EXPECT_EQ(every.getLevel(), test::Level::HIGH);
  EXPECT_EQ(every.getPoint().getY(), -2.5);
  ASSERT_EQ(every.getNumbers().size(), 3u);
  EXPECT_EQ(every.getNumbers()[1], -2);
  EXPECT_TRUE(every.getFlags()[0]);
  EXPECT_STREQ(every.getTexts()[0].cStr(), "a");
  EXPECT_EQ(every.getDatas()[0][0], 1);
  EXPECT_EQ(every.getPoints()[0].getX(), 1);
  EXPECT_EQ(every.getMatrix()[0][1], 2);
  EXPECT_EQ(every.getMatrix()[1].size(), 0u);
  EXPECT_EQ(every.getLevels()[1], test::Level::HIGH);
  EXPECT_EQ(every.getVoids().size(), 2u);
  EXPECT_EQ(every.getLimits().getLow(), -1);
  EXPECT_EQ(every.getLimits().getHigh(), 100);
  EXPECT_TRUE(every.isLabel());
  EXPECT_TRUE(every.getShape().isBox());
  EXPECT_EQ(every.getShape().getBox().getHeight(), 4);
  EXPECT_STREQ(every.getNamed().cStr(), "unnamed");
  EXPECT_FALSE(every.hasSelf());
}

TEST_F(PayloadTypesTest, WhatIsLeftOutHasItsDefaultAndIsWrittenBut) {
  EXPECT_EQ(back("{}"),
            R"({"truth":false,"i8":0,"i16":0,"i32":0,"i64":0,"u8":0,"u16":0,"u32":0,"u64":0,"f32":0,"f64":0,)"
            R"("nothing":null,"level":"low","limits":{"low":0,"high":100},"none":null,"shape":{"circle":0}})");
}

TEST_F(PayloadTypesTest, IntegersOf64BitsAreExactAndMayBeDigits) {
  EXPECT_EQ(record(R"({"i64": 9007199254740993})").as<Every>().getI64(), 9007199254740993);
  EXPECT_EQ(record(R"({"i64": "-9223372036854775808"})").as<Every>().getI64(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(record(R"({"u64": "18446744073709551615"})").as<Every>().getU64(),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(record(R"({"i32": 3.0})").as<Every>().getI32(), 3);
  EXPECT_THAT(back(R"({"u64": 18446744073709551615})"), HasSubstr(R"("u64":18446744073709551615)"));
}

TEST_F(PayloadTypesTest, AMemberOfAUnionThatIsNotSetCanBeTold) {
  EXPECT_THAT(back(R"({"inner": null})"), HasSubstr(R"("inner":null)"));
  EXPECT_THAT(back(R"({"label": null})"), HasSubstr(R"("label":null)"));
  EXPECT_THAT(back(R"({"label": ""})"), HasSubstr(R"("label":"")"));
  EXPECT_THAT(back(R"({"shape": {"line": []}})"), HasSubstr(R"("shape":{"line":[]})"));
  EXPECT_THAT(back(R"({"inner": {"count": 1}})"), HasSubstr(R"("count":1)"));
}

struct Wrong {
  const char* json;
  const char* message;
};

class PayloadTypesWrongTest : public PayloadTypesTest, public ::testing::WithParamInterface<Wrong> {};

TEST_P(PayloadTypesWrongTest, IsToldWithItsPathAndWhatWasExpected) {
  EXPECT_THAT(problem(GetParam().json), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, PayloadTypesWrongTest,
    ::testing::Values(
        Wrong{"[]", "$: expected an object (Every), got a list"}, Wrong{"{", "byte 1"},
        Wrong{R"({"txet": ""})", "$.txet: no such field in Every (did you mean 'text'?)"},
        Wrong{R"({"point": {"z": 1}})", "$.point.z: no such field in Point (known: x, y)"},
        Wrong{R"({"text": 1})", "$.text: expected a string (Text), got 1"},
        Wrong{R"({"truth": 0})", "$.truth: expected true or false (Bool), got 0"},
        Wrong{R"({"u8": 256})", "$.u8: 256 is out of range: 0 to 255 (UInt8)"},
        Wrong{R"({"u8": -1})", "$.u8: -1 is out of range: 0 to 255 (UInt8)"},
        Wrong{R"({"i8": -129})", "$.i8: -129 is out of range: -128 to 127 (Int8)"},
        Wrong{R"({"i64": 1e18})",
              "$.i64: 1e+18 may have been rounded: beyond 2^53 an integer (Int64) is written with "
              "all its digits"},
        Wrong{R"({"u64": 9007199254740994.0})", "may have been rounded"},
        Wrong{R"({"i64": 0.5})", "expected an integer"},
        Wrong{R"({"i8": 1e18})", "expected an integer of -128 to 127 (Int8), got 1e+18"},
        Wrong{R"({"i64": 9223372036854775808})", "$.i64: 9223372036854775808 is out of range"},
        Wrong{R"({"u64": "18446744073709551616"})", "$.u64: expected an integer of 0 to 18446744073709551615"},
        Wrong{R"({"u32": "1"})", "$.u32: expected an integer of 0 to 4294967295 (UInt32), got the string \"1\""},
        Wrong{R"({"i32": 1.5})", "$.i32: expected an integer"}, Wrong{R"({"i32": null})", "got null"},
        Wrong{R"({"f64": "NaN"})", "$.f64: expected a number (Float64), got the string \"NaN\""},
        Wrong{R"({"f32": 1e39})", "out of range of a Float32"},
        Wrong{R"({"level": "hihg"})", "$.level: no value \"hihg\" (did you mean 'high'?)"},
        Wrong{R"({"level": 1})", "$.level: expected a name of the enum (known: low, middle, high), got 1"},
        Wrong{R"({"nothing": 0})", "$.nothing: expected null (Void), got 0"},
        Wrong{R"({"data": "%"})", "$.data: expected base64 (Data)"},
        Wrong{R"({"data": [1]})", "$.data: expected base64 in a string (Data), got a list"},
        Wrong{R"({"points": [{}, {"x": "1"}]})", "$.points[1].x: expected a number"},
        Wrong{R"({"matrix": [[1], 2]})", "$.matrix[1]: expected a list, got 2"},
        Wrong{R"({"points": [null]})", "$.points[0]: expected an object (Point), got null"},
        Wrong{R"({"i8": 1, "i8": 2})", "$.i8: it is there twice"},
        Wrong{R"({"count": 1, "label": ""})", "$.label: 'count' is set too, and of their union one may be"},
        Wrong{R"({"shape": {"circle": 1, "box": {}}})", "$.shape.box: 'circle' is set too"},
        Wrong{R"({"limits": null})", "$.limits: expected an object"}));

TEST_F(PayloadTypesTest, DepthIsThatWhichAReaderFollows) {
  const auto nested = [](std::size_t depth) {
    std::string json;
    for (std::size_t i = 1; i < depth; ++i) json += R"({"self":)";
    json += "{}";
    return json + std::string(depth - 1, '}');
  };
  const auto whole = record(nested(limits::capnp_nesting_max)).as<Every>();
  auto at = whole.getSelf();
  for (std::size_t depth = 2; depth < limits::capnp_nesting_max; ++depth) at = at.getSelf();
  EXPECT_FALSE(at.hasSelf());
  EXPECT_TRUE(types_->to_json(record(nested(limits::capnp_nesting_max))).ok());
  EXPECT_THAT(problem(nested(limits::capnp_nesting_max + 1)), HasSubstr("nested deeper than capnp_nesting_max"));
}

TEST_F(PayloadTypesTest, ElementsWithoutBytesAreLimited) {
  const auto json = [](std::size_t count, const char* name, const char* element) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += (i == 0 ? "" : ",") + std::string(element);
    return "{\"" + std::string(name) + "\":[" + all + "]}";
  };
  EXPECT_THAT(problem(json(100'000, "voids", "null")), HasSubstr("more elements without a value"));
  EXPECT_THAT(problem<test::Empties>(json(100'000, "all", "{}")), HasSubstr("more elements without a value"));
  EXPECT_EQ(record<test::Empties>(json(30, "all", "{}")).as<test::Empties>().getAll().size(), 30u);
}

TEST_F(PayloadTypesTest, SmallJsonDoesNotBecomeALargeRecord) {
  std::string all;
  all.reserve(13u << 20);
  for (int i = 0; i < 4'300'000; ++i) all += all.empty() ? "{}" : ",{}";  // two words each
  EXPECT_THAT(problem("{\"points\":[" + all + "]}"), HasSubstr("larger than payload_bytes_max"));
}

TEST_F(PayloadTypesTest, ManySegmentsBecomeOne) {
  const auto text = std::string(3u << 20, 'x');
  const auto record = this->record("{\"texts\":[\"" + text + "\",\"" + text + "\",\"" + text + "\"]}");
  EXPECT_EQ(record.as<Every>().getTexts()[2].size(), text.size());
}

TEST_F(PayloadTypesTest, NumbersWithoutJsonAreRefused) {
  const auto nan = Payload::build<test::Reading>(
      [](test::Reading::Builder reading) { reading.setValue(std::numeric_limits<double>::quiet_NaN()); });
  const auto json = types_->to_json(Record({}, nan));
  ASSERT_FALSE(json.ok());
  EXPECT_EQ(json.error().message, "$.value: it is NaN, which has no JSON");
}

TEST_F(PayloadTypesTest, ARecordOfAnotherKindIsNotShown) {
  EXPECT_FALSE(types_->to_json(Record({}, Payload::raw("x"))).ok());
  const auto unknown = Payload::build<test::Alarm>([](test::Alarm::Builder) {});
  EXPECT_THAT(types_->to_json(Record({}, unknown)).error().message, HasSubstr("a type that is not known here"));
}

TEST_F(PayloadTypesTest, AMessageFromOutsideIsCheckedWhole) {
  const auto type = capnp::typeId<Every>();
  const auto whole = record(R"({"text": "abc", "points": [{"x": 1}], "inner": {"data": "AAAA"}})");
  EXPECT_TRUE(types_->check(type, whole).ok());
  const auto bytes = whole.bytes();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::vector<std::byte> broken(bytes.begin(), bytes.end());
    broken[at] ^= std::byte{0xFF};
    const Record changed({}, Payload::borrow(broken, whole.content()));
    const auto checked = types_->check(type, changed);
    const auto shown = types_->to_json(changed);  // NaN apart, what is checked can be shown
    EXPECT_TRUE(!checked || shown.ok() || shown.error().message.find("no JSON") != std::string::npos) << at;
    if (!checked && checked.error().message.find("UTF-8") == std::string::npos) {
      EXPECT_THAT(checked.error().message, HasSubstr("valid Every")) << at;
    }
  }
}

TEST_F(PayloadTypesTest, FieldsAreFoundByPath) {
  const auto type = capnp::typeId<test::Reading>();
  const auto record = this->record<test::Reading>(
      R"({"sensor": "a", "value": 1.5, "at": 7, "level": "high", "place": {"room": "hall", "floor": -1}})");
  const auto value = [&](std::string_view path) {
    const auto field = types_->field(type, path);
    EXPECT_TRUE(field.ok()) << path;
    return *types_->read(record, *field);
  };
  EXPECT_EQ(value("$.sensor"), FieldValue(std::string("a")));
  EXPECT_EQ(value("$.value"), FieldValue(1.5));
  EXPECT_EQ(value("$.at"), FieldValue(std::int64_t{7}));
  EXPECT_EQ(value("$.level"), FieldValue(std::string("high")));
  EXPECT_EQ(value("$.place.room"), FieldValue(std::string("hall")));
  EXPECT_EQ(value("$.place.floor"), FieldValue(std::int64_t{-1}));
  EXPECT_THAT(types_->field(type, "$.sensro").error().message,
              HasSubstr("Reading has no field 'sensro' (did you mean 'sensor'?)"));
  EXPECT_FALSE(types_->field(type, "$.sensor.x").ok());
  EXPECT_EQ(types_->field(77, "$.sensor").error().message, "it is a type that is not known here (capnp)");
  EXPECT_FALSE(types_->field(capnp::typeId<Every>(), "$.points[0]").ok());
  EXPECT_EQ(types_->field(type, "$.place")->kind, FieldPath::Kind::other);
}

TEST_F(PayloadTypesTest, ShowsOneFieldAsJsonWhateverTheOthersHold) {
  const Record record({}, Payload::build<Every>([](Every::Builder every) {
                        every.setF32(std::numeric_limits<float>::infinity());
                        every.getLimits().setLow(-1);
                        every.initMatrix(1).init(0, 1).set(0, std::numeric_limits<double>::quiet_NaN());
                      }));
  const auto shown = [&](std::string_view path) -> std::string {
    const auto field = types_->field(capnp::typeId<Every>(), path);
    const auto json = types_->to_json(record, *field);
    if (!json) return json.error().message;
    EXPECT_TRUE(json->has_value() || !*types_->is_set(record, *field));
    return json->value_or("absent");
  };
  EXPECT_EQ(shown("$.limits"), R"({"low":-1,"high":100})");
  EXPECT_EQ(shown("$.limits.low"), "-1");
  EXPECT_EQ(shown("$.none"), "null");
  EXPECT_EQ(shown("$.count"), "absent");
  EXPECT_EQ(shown("$.text"), "absent");
  EXPECT_EQ(shown("$.point.x"), "absent");
  EXPECT_EQ(shown("$.f32"), "$.f32: it is infinite, which has no JSON");
  EXPECT_EQ(shown("$.matrix"), "$.matrix[0][0]: it is NaN, which has no JSON");
  EXPECT_EQ(shown("$"), "$.f32: it is infinite, which has no JSON");
}

TEST_F(PayloadTypesTest, JsonOfARecordBecomesTheSameRecord) {
  EXPECT_TRUE(rc::check([&](const test::RandomEvery& random) {
    const auto first = types_->from_json(capnp::typeId<Every>(), random.json);
    if (!first) RC_FAIL(first.error().message + " in " + random.json);
    const auto text = types_->to_json(Record({}, *first));
    RC_ASSERT(text.ok());
    const auto second = types_->from_json(capnp::typeId<Every>(), *text);
    if (!second) RC_FAIL(second.error().message + " in " + *text);
    RC_ASSERT(*types_->to_json(Record({}, *second)) == *text);
    RC_ASSERT(random.is_in(*text));
  }));
}

}  // namespace payload_types_test
}  // namespace skep
