// Fields of typed records, as ready-made bees read them: each is what the JSON of the whole record says, and nothing
// else of the record is looked at.

#include "../../actors/src/record_field.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <limits>

#include "actors/option_values.hpp"
#include "schema/every.capnp.h"
#include "serialization/random_every.hpp"
#include "skep/actors/bee_registry.hpp"
#include "skep/actors/bee_runner.hpp"
#include "skep/actors/ready_made.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace record_field_test {

using test::Every;
using ::testing::HasSubstr;
using testing::option;
using testing::table;

std::shared_ptr<const PayloadTypes> make_types() {
  SchemaTable schemas;
  EXPECT_TRUE(schemas.add(PayloadType::of<Every>(), "").ok());
  EXPECT_TRUE(schemas.add(PayloadType::of<test::Reading>(), "").ok());
  return *PayloadTypes::of(schemas);
}

class TypedHost final : public BeeHost {
 public:
  std::string_view name() const override { return "tester"; }
  std::uint32_t replica() const override { return 0; }
  std::chrono::steady_clock::time_point now() const override { return {}; }
  EventTime wall_clock() const override { return {}; }
  std::mt19937_64& random() override { return random_; }
  void log(LogLevel, std::string_view) override {}
  TimerId start_timer(std::chrono::nanoseconds) override { return {++timers_}; }
  void cancel_timer(TimerId) override {}
  void cancel_timers() override {}
  const PayloadTypes* payload_types() const override { return types_.get(); }
  void on_loss(const Record&, errc, std::string_view reason) override { losses.emplace_back(reason); }
  void on_held_loss(std::size_t, std::string_view) override {}

  std::vector<std::string> losses;

 private:
  std::shared_ptr<const PayloadTypes> types_ = make_types();
  std::mt19937_64 random_;
  std::uint64_t timers_ = 0;
};

class RecordFieldTest : public ::testing::Test {
 protected:
  Record record(std::string_view json) const {
    return Record({}, *host_.payload_types()->from_json(capnp::typeId<Every>(), json));
  }
  RecordField field(const Record& record, std::string path) const {
    return FieldReader(std::move(path)).read(record, host_);
  }
  /// What a bee of that class makes of one record: "emit", or the reason why it is lost.
  std::string outcome(const char* bee_class, const OptionValue& options, const Record& record) {
    BeeRegistry bees;
    add_ready_made_bees(bees);
    auto bee = bees.find(bee_class)->configure(options, {});
    host_.losses.clear();
    BeeRunner runner(std::move(bee.factory), {}, host_);
    EXPECT_TRUE(runner.start().ok());
    std::vector<Record> one{record};
    EXPECT_EQ(runner.run(one), 1u);
    return host_.losses.empty() ? "passed" : host_.losses.front();
  }

  TypedHost host_;
};

/// One that has no JSON: its `f64` is NaN.
Record with_nan() {
  return Record({}, Payload::build<Every>([](Every::Builder every) {
                  every.setText("a");
                  every.setI64(7);
                  every.setF64(std::numeric_limits<double>::quiet_NaN());
                  every.initNumbers(2).set(1, 5);
                }));
}

TEST_F(RecordFieldTest, NothingElseOfTheRecordMatters) {
  const auto record = with_nan();
  EXPECT_EQ(outcome("skep.filter", table({{"field", option("$.text")}, {"equals", option("a")}}), record), "passed");
  EXPECT_EQ(outcome("skep.route", table({{"field", option("$.text")}, {"ports", testing::list("a")}}), record),
            "passed");
  EXPECT_EQ(outcome("skep.dedup", table({{"by", option("$.numbers[1]")}}), record), "passed");
  EXPECT_EQ(outcome("skep.aggregate", table({{"window", option("1s")}, {"field", option("$.i64")}}), record), "passed");
  EXPECT_EQ(outcome("skep.aggregate", table({{"window", option("1s")}}), record), "passed");
  EXPECT_EQ(outcome("skep.window", table({{"window", option("1s")}, {"field", option("$.numbers")}}), record),
            "passed");
}

TEST_F(RecordFieldTest, WhatHasNoJsonIsABadRecordWhereItIsAskedFor) {
  const auto nan = "$.f64: it is NaN, which has no JSON";
  EXPECT_THAT(outcome("skep.filter", table({{"field", option("$.f64")}, {"at_least", option(1)}}), with_nan()),
              HasSubstr(nan));
  EXPECT_THAT(outcome("skep.window", table({{"window", option("1s")}}), with_nan()), HasSubstr(nan));
  const Record shape({}, Payload::build<Every>([](Every::Builder every) {
                       every.getShape().initBox().setWidth(std::numeric_limits<double>::infinity());
                     }));
  EXPECT_THAT(outcome("skep.dedup", table({{"by", option("$.shape.box")}}), shape),
              HasSubstr("$.shape.box.width: it is infinite, which has no JSON"));
}

TEST_F(RecordFieldTest, SaysWhatTheJsonOfTheWholeRecordSays) {
  const std::vector<std::string> paths = {"$",
                                          "$.truth",
                                          "$.i8",
                                          "$.i64",
                                          "$.u8",
                                          "$.u64",
                                          "$.f32",
                                          "$.f64",
                                          "$.text",
                                          "$.data",
                                          "$.nothing",
                                          "$.level",
                                          "$.point",
                                          "$.point.x",
                                          "$.numbers",
                                          "$.numbers[1]",
                                          "$.points[0]",
                                          "$.points[1].y",
                                          "$.matrix[1]",
                                          "$.limits",
                                          "$.limits.high",
                                          "$.none",
                                          "$.count",
                                          "$.label",
                                          "$.inner",
                                          "$.shape",
                                          "$.shape.circle",
                                          "$.shape.box.width",
                                          "$.named",
                                          "$.self",
                                          "$.self.i64",
                                          "$.self.label",
                                          "$.self.self.text",
                                          "$.no",
                                          "$.text.no",
                                          "$.i8[0]"};
  EXPECT_TRUE(rc::check([&](const test::RandomEvery& random) {
    const auto record = this->record(random.json);
    const auto whole = *JsonDocument::parse(*host_.payload_types()->to_json(record));
    for (const auto& path : paths) {
      const auto field = this->field(record, path);
      RC_ASSERT(field.exists() == whole.has(path));
      RC_ASSERT(field.boolean() == whole.boolean(path));
      RC_ASSERT(field.number() == whole.number(path));
      RC_ASSERT(field.string() == whole.string(path));
      RC_ASSERT(field.text() == whole.text(path));
      if (whole.text(path) == field.text() && path.find("i8") != std::string::npos) {
        RC_ASSERT(field.integer() == whole.integer(path));
      }
    }
  }));
}

TEST_F(RecordFieldTest, KeepsIntegersExact) {
  const auto large = record(R"({"i64": 9007199254740993, "u64": 18446744073709551615})");
  EXPECT_EQ(field(large, "$.i64").integer(), 9007199254740993);
  EXPECT_EQ(field(large, "$.u64").integer(), std::nullopt);
  EXPECT_EQ(field(large, "$.u64").text(), "18446744073709551615");
}

TEST_F(RecordFieldTest, AFloatIsTheNumberThatItsJsonHas) {
  EXPECT_EQ(field(record(R"({"f32": 0.1})"), "$.f32").number(), 0.1);
}

TEST_F(RecordFieldTest, OneReaderReadsRecordsOfSeveralTypes) {
  const FieldReader reader("$.level");
  const Record reading({}, *host_.payload_types()->from_json(capnp::typeId<test::Reading>(), R"({"level": "high"})"));
  EXPECT_EQ(reader.read(record(R"({"level": "middle"})"), host_).string(), "middle");
  EXPECT_EQ(reader.read(reading, host_).string(), "high");
  EXPECT_EQ(reader.read(Record({}, Payload::json(R"({"level": "low"})")), host_).string(), "low");
}

TEST_F(RecordFieldTest, RefusesTypesThatNobodyKnows) {
  const Record unknown({}, Payload::borrow(with_nan().bytes(), {ContentKind::capnp, 77}));
  EXPECT_EQ(outcome("skep.filter", table({{"field", option("$.text")}}), unknown),
            "it is a type that is not known here (capnp)");
}

}  // namespace record_field_test
}  // namespace skep
