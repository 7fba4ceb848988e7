#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "../../actors/src/window/sums.hpp"
#include "actors/option_values.hpp"
#include "actors/timed_records.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/ready_made.hpp"
#include "skep/serialization/json.hpp"
#include "skep/testing/bee_harness.hpp"

namespace skep::testing {
namespace ready_made_aggregate_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

OptionValue ten_seconds() {
  return table({{"window", option("10s")}, {"field", option("$.v")}});
}

BeeHarnessBase start(const OptionValue& options = ten_seconds()) {
  return {ready_made(), "skep.aggregate", options};
}

TEST(ReadyMadeAggregateTest, SumsUpAFieldOfEachKeyAndWindow) {
  auto bee = start();
  bee.send(timed("a", 1s, R"({"v": 1})"));
  bee.send(timed("b", 2s, R"({"v": 2.5})"));
  bee.send(timed("a", 9s, R"({"v": 4})"));
  EXPECT_THAT(bee.emitted(), IsEmpty());
  bee.send(timed("a", 10s, R"({"v": 100})"));
  EXPECT_THAT(texts(bee.emitted()),
              ElementsAre(R"({"key":"a","begin":3600000,"end":3610000,"count":2,"sum":5,"min":1,"max":4,"mean":2.5})",
                          R"({"key":"b","begin":3600000,"end":3610000,"count":1,"sum":2.5,"min":2.5,"max":2.5,)"
                          R"("mean":2.5})"));
}

TEST(ReadyMadeAggregateTest, WhatItEmitsIsOfTheWindowAndOfNoClient) {
  auto bee = start();
  bee.send(timed("a", 1s, R"({"v": 1})"));
  bee.stop();
  const auto& record = bee.emitted().at(0);
  EXPECT_EQ(record.key(), "a");
  EXPECT_EQ(record.header().event_time, time_of(0s));
  EXPECT_EQ(record.origin(), Origin{});
  EXPECT_EQ(record.deadline(), no_deadline);
}

TEST(ReadyMadeAggregateTest, AnotherRunGivesTheSameIdsInWhateverOrderRecordsCome) {
  auto one = start(), other = start();
  one.send(timed("a", 1s, R"({"v": 1})"));
  one.send(timed("b", 2s, R"({"v": 2})"));
  other.send(timed("b", 2s, R"({"v": 2})"));
  other.send(timed("a", 1s, R"({"v": 1})"));
  one.stop();
  other.stop();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.emitted().at(i).id(), other.emitted().at(i).id());
    EXPECT_EQ(one.emitted().at(i).root(), other.emitted().at(i).root());
  }
  EXPECT_NE(one.emitted()[0].id(), one.emitted()[1].id());
}

TEST(ReadyMadeAggregateTest, CountsOnlyWhereNoFieldIsNamed) {
  auto bee = start(table({{"window", option("10s")}}));
  bee.send(timed("a", 1s, R"("anything")"));
  bee.stop();
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"key":"a","begin":3600000,"end":3610000,"count":1})"));
}

TEST(ReadyMadeAggregateTest, WhatIsNoJsonIsABadRecordAlsoWhereNoFieldIsNamed) {
  auto bee = start(table({{"window", option("10s")}}));
  bee.send(timed("a", 1s, "1").with(Payload::raw("no JSON")));
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::bad_record);
}

TEST(ReadyMadeAggregateTest, ALateRecordGoesToItsPortAndItsClientIsTold) {
  auto bee = start();
  bee.send(timed("a", 11s, R"({"v": 1})"));
  bee.send(timed("a", 9s, R"({"v": 2})"));
  EXPECT_THAT(texts(bee.emitted("late")), ElementsAre(R"({"v": 2})"));
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::rejected);
  EXPECT_THAT(bee.failures().front().message, HasSubstr("lateness"));
}

TEST(ReadyMadeAggregateTest, TellsAWindowAgainForALateRecordWithinItsLateness) {
  auto bee = start(with(ten_seconds(), "lateness", option("5s")));
  bee.send(timed("a", 1s, R"({"v": 1})"));
  bee.send(timed("a", 11s, R"({"v": 1})"));
  bee.send(timed("a", 9s, R"({"v": 2})"));
  ASSERT_THAT(bee.emitted(), SizeIs(2));
  EXPECT_THAT(std::string(bee.emitted()[1].text()), HasSubstr(R"("revision":1,"count":2,"sum":3)"));
  EXPECT_EQ(bee.emitted()[0].root(), bee.emitted()[1].root());
  EXPECT_NE(bee.emitted()[0].id(), bee.emitted()[1].id());
}

TEST(ReadyMadeAggregateTest, ARecordAheadOfTheClockIsDropped) {
  auto bee = start();
  bee.send(timed("a", 1s, R"({"v": 1})"));
  bee.send(timed("a", 61s, R"({"v": 1})"));
  EXPECT_THAT(bee.emitted(), IsEmpty());
  ASSERT_THAT(bee.drops(), SizeIs(1));
  EXPECT_THAT(bee.drops().front().message, HasSubstr("1m ahead of the clock (ahead_max)"));
}

TEST(ReadyMadeAggregateTest, ASilentStreamsWindowsEndByTheClock) {
  auto bee = start(with(ten_seconds(), "idle", option("2s")));
  bee.send(timed("a", 4s, R"({"v": 1})"));
  bee.advance(7s);
  bee.send(timed("b", 4s, R"({"v": 1})"));
  bee.advance(7s);
  EXPECT_THAT(bee.emitted(), IsEmpty()) << "8 s after the last record";
  bee.advance(1s);
  EXPECT_THAT(bee.emitted(), SizeIs(2));
}

TEST(ReadyMadeAggregateTest, ATimerIsThereForAnEarlierWindowThatComesLater) {
  auto bee = start(with(with(ten_seconds(), "idle", option("1s")), "out_of_order", option("30s")));
  bee.send(timed("a", 35s, R"({"v": 1})"));
  bee.send(timed("a", 7s, R"({"v": 1})"));
  bee.advance(5s);
  EXPECT_THAT(bee.emitted(), IsEmpty()) << "the watermark is at 9 s";
  bee.advance(1s);
  EXPECT_THAT(bee.emitted(), SizeIs(1));
}

TEST(ReadyMadeAggregateTest, ARecordWithoutEventTimeHasThatOfItsArrival) {
  auto bee = start();
  bee.send(R"({"v": 1})");
  bee.stop();
  EXPECT_EQ(bee.emitted().at(0).header().event_time, time_of(0s));
}

TEST(ReadyMadeAggregateTest, WhatIsNoNumberIsABadRecordAndChangesNothing) {
  auto bee = start();
  for (const auto* text : {R"({"v": "1"})", R"({"w": 1})", R"({"v": 1)", "[]"}) bee.send(timed("a", 30s, text));
  bee.send(timed("a", 1s, R"({"v": 1})"));
  EXPECT_THAT(bee.failures(), SizeIs(4));
  for (const auto& failure : bee.failures()) EXPECT_EQ(failure.code, errc::bad_record);
  EXPECT_EQ(bee.rebuilds(), 0u);
  bee.stop();
  EXPECT_THAT(bee.emitted(), SizeIs(1));
}

TEST(ReadyMadeAggregateTest, BoundsItsKeysAndWindows) {
  auto bee = start(with(with(ten_seconds(), "keys_max", option(1)), "windows_max", option(1)));
  bee.send(timed("a", 1s, R"({"v": 1})"));
  bee.send(timed("b", 1s, R"({"v": 1})"));
  bee.send(timed("a", 11s, R"({"v": 1})"));
  ASSERT_THAT(bee.drops(), SizeIs(2));
  EXPECT_THAT(bee.drops()[0].message, HasSubstr("keys_max"));
  EXPECT_THAT(bee.drops()[1].message, HasSubstr("windows_max"));
}

TEST(ReadyMadeAggregateTest, AsManyWindowsAsThereMayBeEndInOneCall) {
  const auto most = static_cast<int>(limits::windows_most);
  auto bee = start(with(with(ten_seconds(), "keys_max", option(most)), "windows_max", option(most)));
  for (int i = 0; i < most; ++i) bee.send(timed("k" + std::to_string(i), 1s, R"({"v": 1})"));
  bee.stop();
  EXPECT_EQ(bee.emitted().size(), limits::windows_most);
}

TEST(ReadyMadeAggregateTest, WritesNullForWhatIsBeyondADouble) {
  auto bee = start();
  for (int i = 0; i < 3; ++i) bee.send(timed("a", 1s, R"({"v": 1.7e308})"));
  bee.stop();
  ASSERT_THAT(bee.emitted(), SizeIs(1));
  EXPECT_THAT(std::string(bee.emitted().front().text()), HasSubstr(R"("sum":null,"min":1.7e+308,"max":1.7e+308,)"));
  EXPECT_EQ(bee.rebuilds(), 0u);
}

TEST(ReadyMadeAggregateTest, FindsMistakesInItsOptionsAtTheirPlace) {
  const auto options =
      table({{"window", option("10s")}, {"slide", option("11s")}, {"field", option("v")}, {"windows_max", option(0)}});
  const auto found = ready_made().find("skep.aggregate")->configure(options, {9, 1}).problems;
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_THAT(found[0].message, HasSubstr("windows_max"));
  EXPECT_THAT(found[1].message, HasSubstr("'slide' is 11s, 'window' is 10s: records between"));
  EXPECT_EQ(found[1].position.line, 11u);
  EXPECT_THAT(found[2].message, HasSubstr("'v' is no JSON path"));
}

TEST(ReadyMadeAggregateTest, RefusesWindowsThatCannotBe) {
  const auto problem_of = [](const OptionValue& options) {
    const auto found = ready_made().find("skep.aggregate")->configure(options, {9, 1}).problems;
    return found.size() == 1 ? found.front().message : std::to_string(found.size()) + " problems";
  };
  EXPECT_THAT(problem_of(table({})), HasSubstr("'window'"));
  EXPECT_THAT(problem_of(table({{"window", option("1500us")}})), HasSubstr("'window' is 1.5ms: it is whole"));
  EXPECT_THAT(problem_of(with(ten_seconds(), "slide", option("1ms"))), HasSubstr("10000 windows; at most 100"));
  EXPECT_THAT(problem_of(with(with(ten_seconds(), "slide", option("1s")), "windows_max", option(9))),
              HasSubstr("each record is in 10 windows"));
  EXPECT_EQ(problem_of(with(ten_seconds(), "slide", option("100ms"))), "0 problems");
}

/// However records are ordered, as long as none is late: the same results as of all of them at once.
TEST(ReadyMadeAggregateTest, TheOrderOfRecordsDoesNotMatter) {
  EXPECT_TRUE(rc::check("any records within out_of_order", [] {
    const auto times = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 50));
    auto bee = start(with(ten_seconds(), "out_of_order", option("50s")));
    std::map<int, std::pair<int, int>> wanted;
    for (const auto time : times) {
      bee.send(timed("a", std::chrono::seconds(time), R"({"v": )" + std::to_string(time) + "}"));
      wanted[time / 10].first += 1;
      wanted[time / 10].second += time;
    }
    bee.stop();
    RC_ASSERT(bee.emitted().size() == wanted.size());
    auto record = bee.emitted().begin();
    for (const auto& [window, sums] : wanted) {
      const auto json = JsonDocument::parse((record++)->text());
      RC_ASSERT(json->integer("$.begin") == 3'600'000 + window * 10'000);
      RC_ASSERT(json->integer("$.count") == sums.first);
      RC_ASSERT(json->integer("$.sum") == sums.second);
    }
  }));
}

TEST(SumsTest, IntegersStayExactHoweverLarge) {
  Sums sums;
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  sums.add(most);
  sums.add(most);
  EXPECT_DOUBLE_EQ(std::get<double>(*sums.sum()), 2.0 * 9223372036854775807.0);
  sums.add(-most);
  EXPECT_EQ(*sums.sum(), Number(most));
}

TEST(SumsTest, TellsNumbersApartThatADoubleDoesNot) {
  Sums sums;
  sums.add(std::int64_t{9007199254740993});
  sums.add(9007199254740992.0);
  EXPECT_EQ(sums.min(), Number(9007199254740992.0));
  EXPECT_EQ(sums.max(), Number(std::int64_t{9007199254740993}));
}

TEST(SumsTest, KeepsWhatRoundingLoses) {
  Sums sums;
  for (const auto value : {1.0, 1e100, 1.0, -1e100}) sums.add(value);
  EXPECT_EQ(*sums.sum(), Number(2.0));
}

TEST(SumsTest, AddsAsAWiderTypeDoes) {
  EXPECT_TRUE(rc::check("any integers", [](const std::vector<std::int64_t>& values) {
    Sums sums;
    __extension__ __int128 sum = 0;
    for (const auto value : values) sums.add(value), sum += value;
    RC_ASSERT(sums.count() == values.size());
    if (sum >= std::numeric_limits<std::int64_t>::min() && sum <= std::numeric_limits<std::int64_t>::max()) {
      RC_ASSERT(*sums.sum() == Number(static_cast<std::int64_t>(sum)));
    } else {
      RC_ASSERT(*sums.sum() == Number(static_cast<double>(sum)));
    }
    if (!values.empty()) RC_ASSERT(sums.min() == Number(*std::min_element(values.begin(), values.end())));
  }));
}

TEST(SumsTest, OfNothingHasNoMean) {
  EXPECT_EQ(Sums().mean(), std::nullopt);
  EXPECT_EQ(Sums().sum(), Number(std::int64_t{0}));
}

}  // namespace ready_made_aggregate_test
}  // namespace skep::testing
