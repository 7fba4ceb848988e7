#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <map>
#include <string>

#include "actors/option_values.hpp"
#include "actors/timed_records.hpp"
#include "skep/actors/limits.hpp"
#include "skep/serialization/json.hpp"

namespace skep::testing {
namespace ready_made_window_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

OptionValue ten_seconds() {
  return table({{"window", option("10s")}});
}

BeeHarnessBase start(const OptionValue& options = ten_seconds()) {
  return {ready_made(), "skep.window", options};
}

TEST(ReadyMadeWindowTest, GathersTheRecordsOfEachKeyAndWindow) {
  auto bee = start();
  bee.send(timed("a", 1s, R"({"v": 1})"));
  bee.send(timed("b", 2s, R"([])"));
  bee.send(timed("a", 9s, R"("x")"));
  bee.send(timed("a", 10s, "null"));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"key":"a","begin":3600000,"end":3610000,"records":[{"v":1},"x"]})",
                                                R"({"key":"b","begin":3600000,"end":3610000,"records":[[]]})"));
  EXPECT_EQ(bee.emitted()[1].key(), "b");
  EXPECT_EQ(bee.emitted()[1].header().event_time, time_of(0s));
}

TEST(ReadyMadeWindowTest, GathersOnlyAFieldWhereAsked) {
  auto bee = start(with(ten_seconds(), "field", option("$.v")));
  bee.send(timed("a", 1s, R"({"v": 9007199254740993, "w": 1})"));
  bee.send(timed("a", 1s, R"({"w": 1})"));
  bee.stop();
  EXPECT_THAT(texts(bee.emitted()),
              ElementsAre(R"({"key":"a","begin":3600000,"end":3610000,"records":[9007199254740993]})"));
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::bad_record);
}

TEST(ReadyMadeWindowTest, SlidingWindowsShareTheirRecords) {
  auto bee = start(with(ten_seconds(), "slide", option("5s")));
  bee.send(timed("a", 7s, "1"));
  bee.send(timed("a", 12s, "2"));
  bee.stop();
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"key":"a","begin":3600000,"end":3610000,"records":[1]})",
                                                R"({"key":"a","begin":3605000,"end":3615000,"records":[1,2]})",
                                                R"({"key":"a","begin":3610000,"end":3620000,"records":[2]})"));
}

TEST(ReadyMadeWindowTest, TellsWhatItHasLeftOut) {
  auto bee = start(with(ten_seconds(), "records_max", option(2)));
  for (const auto* text : {"1", "2", "3", "4"}) bee.send(timed("a", 1s, text));
  ASSERT_THAT(bee.drops(), SizeIs(2));
  EXPECT_THAT(bee.drops().front().message, HasSubstr("(records_max)"));
  bee.stop();
  EXPECT_THAT(texts(bee.emitted()),
              ElementsAre(R"({"key":"a","begin":3600000,"end":3610000,"left_out":2,"records":[1,2]})"));
}

TEST(ReadyMadeWindowTest, BoundsTheBytesOfAWindowAndOfAll) {
  auto bee = start(with(with(ten_seconds(), "bytes_max", option("5B")), "all_bytes_max", option("8B")));
  bee.send(timed("a", 1s, "123"));
  bee.send(timed("a", 1s, "12"));
  bee.send(timed("a", 1s, "1"));
  bee.send(timed("b", 1s, "123"));
  bee.send(timed("b", 1s, "1"));
  ASSERT_THAT(bee.drops(), SizeIs(2));
  EXPECT_THAT(bee.drops()[0].message, HasSubstr("(bytes_max)"));
  EXPECT_THAT(bee.drops()[1].message, HasSubstr("(all_bytes_max)"));
  bee.clear();
  bee.send(timed("a", 20s, "1234"));
  EXPECT_THAT(bee.drops(), SizeIs(1)) << "the windows before it are still open when it comes";
  bee.send(timed("a", 20s, "1234"));
  bee.send(timed("b", 20s, "1234"));
  EXPECT_THAT(bee.drops(), SizeIs(1)) << "what is over has made room";
}

TEST(ReadyMadeWindowTest, ALateRecordGoesToItsPortOrComesInARevision) {
  auto bee = start(with(ten_seconds(), "lateness", option("5s")));
  bee.send(timed("a", 1s, "1"));
  bee.send(timed("a", 14s, "2"));
  bee.send(timed("a", 2s, "3"));
  bee.send(timed("a", 15s, "4"));
  bee.send(timed("a", 3s, "5"));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"key":"a","begin":3600000,"end":3610000,"records":[1]})",
                                                R"({"key":"a","begin":3600000,"end":3610000,"revision":1,)"
                                                R"("records":[1,3]})"));
  EXPECT_THAT(texts(bee.emitted("late")), ElementsAre("5"));
}

TEST(ReadyMadeWindowTest, TakesMalformedJsonForABadRecord) {
  auto bee = start();
  bee.send(timed("a", 1s, "{"));
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::bad_record);
  EXPECT_EQ(bee.rebuilds(), 0u);
}

TEST(ReadyMadeWindowTest, FindsMistakesInItsOptionsAtTheirPlace) {
  const auto options = table({{"window", option("10s")},
                              {"field", option("v")},
                              {"bytes_max", option("2MiB")},
                              {"all_bytes_max", option("1MiB")}});
  const auto found = ready_made().find("skep.window")->configure(options, {9, 1}).problems;
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0].message, HasSubstr("'v' is no JSON path"));
  EXPECT_EQ(found[1].message, "'all_bytes_max' is 1MiB, 'bytes_max' of one window is 2MiB");
  EXPECT_EQ(found[1].position.line, 13u);
}

/// What goes in comes out, once in each of its windows, or is counted as left out, and no window is above its bounds.
TEST(ReadyMadeWindowTest, LosesNothingSilently) {
  EXPECT_TRUE(rc::check("any stream without late records", [] {
    const auto records_max = *rc::gen::inRange(1, 6);
    const auto slide = *rc::gen::inRange(1, 11);
    auto bee = start(with(with(with(ten_seconds(), "out_of_order", option("1h")), "records_max", option(records_max)),
                          "slide", option(std::to_string(slide) + "s")));
    std::map<std::pair<std::int64_t, std::string>, int> wanted;
    const auto count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i) {
      const int time = *rc::gen::inRange(0, 50);
      const std::string key(1, static_cast<char>('a' + *rc::gen::inRange(0, 3)));
      bee.send(timed(key, std::chrono::seconds(time), std::to_string(i)));
      for (std::int64_t begin = 0; begin <= 3600 + time; begin += slide) {
        if (3600 + time < begin + 10) ++wanted[{begin * 1000, key}];
      }
    }
    bee.stop();
    RC_ASSERT(bee.emitted().size() == wanted.size());
    auto record = bee.emitted().begin();
    for (const auto& [window, number] : wanted) {
      const auto json = JsonDocument::parse((record++)->text());
      RC_ASSERT(json->integer("$.begin") == window.first);
      RC_ASSERT(json->string("$.key") == window.second);
      const auto kept = std::min(number, records_max);
      RC_ASSERT(json->has("$.records[" + std::to_string(kept - 1) + "]"));
      RC_ASSERT(!json->has("$.records[" + std::to_string(kept) + "]"));
      RC_ASSERT(json->integer("$.left_out").value_or(0) == number - kept);
    }
  }));
}

}  // namespace ready_made_window_test
}  // namespace skep::testing
