#include <gmock/gmock.h>

#include "actors/option_values.hpp"
#include "skep/actors/ready_made.hpp"
#include "skep/serialization/failure.hpp"
#include "skep/testing/bee_harness.hpp"

namespace skep::testing {
namespace ready_made_filter_test {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

BeeRegistry registry() {
  BeeRegistry bees;
  add_ready_made_bees(bees);
  return bees;
}

/// Whether a filter with these conditions on `$.x` passes `json`.
bool passes(const OptionValue& conditions, std::string_view json) {
  BeeHarnessBase bee(registry(), "skep.filter", with(conditions, "field", option("$.x")));
  bee.send(json);
  return bee.emitted().size() == 1;
}

TEST(ReadyMadeFilterTest, ComparesStrings) {
  EXPECT_TRUE(passes(table({{"equals", option("a")}}), R"({"x": "a"})"));
  EXPECT_FALSE(passes(table({{"equals", option("a")}}), R"({"x": "b"})"));
  EXPECT_FALSE(passes(table({{"equals", option("1")}}), R"({"x": 1})"));
  EXPECT_TRUE(passes(table({{"not_equals", option("a")}}), R"({"x": "b"})"));
  EXPECT_FALSE(passes(table({{"not_equals", option("a")}}), R"({"x": "a"})"));
}

TEST(ReadyMadeFilterTest, ComparesNumbersWhateverTheirForm) {
  EXPECT_TRUE(passes(table({{"equals", option(1)}}), R"({"x": 1.0})"));
  EXPECT_TRUE(passes(table({{"equals", option(1.5)}}), R"({"x": 15e-1})"));
  EXPECT_FALSE(passes(table({{"equals", option(1)}}), R"({"x": 1.5})"));
  EXPECT_FALSE(passes(table({{"equals", option(1)}}), R"({"x": true})"));
}

TEST(ReadyMadeFilterTest, KeepsLargeIntegersApart) {
  const OptionValue large{std::int64_t{9007199254740993}, {1, 1}};  // 2^53 + 1, which no double holds
  EXPECT_TRUE(passes(table({{"equals", large}}), R"({"x": 9007199254740993})"));
  EXPECT_FALSE(passes(table({{"equals", large}}), R"({"x": 9007199254740992})"));
}

TEST(ReadyMadeFilterTest, ComparesBools) {
  EXPECT_TRUE(passes(table({{"equals", option(true)}}), R"({"x": true})"));
  EXPECT_FALSE(passes(table({{"equals", option(true)}}), R"({"x": false})"));
}

TEST(ReadyMadeFilterTest, TakesBothEndsOfARangeAsInside) {
  const auto range = table({{"at_least", option(2)}, {"at_most", option(4)}});
  EXPECT_FALSE(passes(range, R"({"x": 1.9})"));
  EXPECT_TRUE(passes(range, R"({"x": 2})"));
  EXPECT_TRUE(passes(range, R"({"x": 4})"));
  EXPECT_FALSE(passes(range, R"({"x": 4.1})"));
  EXPECT_FALSE(passes(range, R"({"x": "3"})"));
}

TEST(ReadyMadeFilterTest, WithoutConditionsAsksForTheField) {
  EXPECT_TRUE(passes(table({}), R"({"x": null})"));
  EXPECT_FALSE(passes(table({}), R"({"y": 1})"));
}

TEST(ReadyMadeFilterTest, CanAskForTheFieldToBeAbsent) {
  EXPECT_FALSE(passes(table({{"exists", option(false)}}), R"({"x": 1})"));
  EXPECT_TRUE(passes(table({{"exists", option(false)}}), R"({"y": 1})"));
}

TEST(ReadyMadeFilterTest, NeverPassesARecordWithoutTheFieldThatItCompares) {
  EXPECT_FALSE(passes(table({{"not_equals", option("a")}}), R"({"y": 1})"));
}

TEST(ReadyMadeFilterTest, TellsClientsOfDroppedRecordsWhy) {
  BeeHarnessBase bee(registry(), "skep.filter", table({{"field", option("$.x")}, {"equals", option(1)}}));
  bee.send(R"({"x": 2})");
  ASSERT_THAT(bee.drops(), SizeIs(1));
  EXPECT_THAT(bee.drops().front().message, HasSubstr("$.x"));
}

TEST(ReadyMadeFilterTest, SendsTheOthersToAPortWhereAsked) {
  BeeHarnessBase bee(registry(), "skep.filter",
                     table({{"field", option("$.x")}, {"equals", option(1)}, {"otherwise", option("rejected")}}));
  bee.send(R"({"x": 2})");
  EXPECT_THAT(bee.emitted("rejected"), SizeIs(1));
  EXPECT_THAT(bee.drops(), IsEmpty());
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::rejected);
}

TEST(ReadyMadeFilterTest, HasThatPortOnlyWhereAsked) {
  const auto bees = registry();
  const auto options = table({{"field", option("$.x")}});
  const auto* filter = bees.find("skep.filter");
  EXPECT_THAT(filter->configure(options, {9, 1}).outputs, SizeIs(1));
  EXPECT_THAT(filter->configure(with(options, "otherwise", option("rejected")), {9, 1}).outputs, SizeIs(2));
}

TEST(ReadyMadeFilterTest, TakesMalformedJsonForABadRecord) {
  BeeHarnessBase bee(registry(), "skep.filter", table({{"field", option("$.x")}}));
  bee.send(make_record(Payload::json("{")));
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::bad_record);
  EXPECT_EQ(bee.rebuilds(), 0u);
}

TEST(ReadyMadeFilterTest, FindsMistakesInItsOptionsAtTheirPlace) {
  const auto bees = registry();
  const auto found =
      bees.find("skep.filter")->configure(table({{"field", option("x")}, {"equals", list(1)}}), {9, 1}).problems;
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0].message, HasSubstr("'x' is no JSON path"));
  EXPECT_EQ(found[0].position.line, 10u);
  EXPECT_THAT(found[1].message, HasSubstr("'equals' is a string, a number or a bool"));
}

}  // namespace ready_made_filter_test
}  // namespace skep::testing
