#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../../actors/src/seen_values.hpp"
#include "actors/option_values.hpp"
#include "actors/timed_records.hpp"
#include "skep/actors/limits.hpp"

namespace skep::testing {
namespace ready_made_dedup_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

OptionValue by_order() {
  return table({{"by", option("$.order")}, {"within", option("10s")}});
}

BeeHarnessBase start(const OptionValue& options = by_order()) {
  return {ready_made(), "skep.dedup", options};
}

TEST(ReadyMadeDedupTest, PassesOnTheFirstOfEqualRecordsAndTellsTheOthers) {
  auto bee = start();
  bee.send(R"({"order": 7, "try": 1})");
  bee.send(R"({"order": 7, "try": 2})");
  bee.send(R"({"order": "7"})");
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"order": 7, "try": 1})", R"({"order": "7"})"));
  ASSERT_THAT(bee.drops(), SizeIs(1));
  EXPECT_EQ(bee.drops().front().code, errc::dropped);
  EXPECT_EQ(bee.drops().front().message, "a duplicate: another with its field $.order came within 10s");
}

TEST(ReadyMadeDedupTest, ForgetsAfterItsTimeFromTheFirstOn) {
  auto bee = start();
  bee.send(R"({"order": 7})");
  bee.advance(9s);
  bee.send(R"({"order": 7})");
  bee.advance(1s);
  bee.send(R"({"order": 7})");
  EXPECT_THAT(bee.emitted(), SizeIs(2)) << "the duplicate does not prolong it";
}

TEST(ReadyMadeDedupTest, ForgetsTheOldestWhereThereAreTooMany) {
  auto bee = start(with(by_order(), "entries_max", option(2)));
  for (const auto* order : {"1", "2", "3", "2", "1"}) bee.send(R"({"order": )" + std::string(order) + "}");
  EXPECT_THAT(bee.emitted(), SizeIs(4));
  EXPECT_THAT(bee.drops(), SizeIs(1));
}

TEST(ReadyMadeDedupTest, ComparesKeysOrIdsOfAnyKindOfRecord) {
  auto keys = start(table({{"by", option("key")}}));
  keys.send(make_record(Payload::raw("a")).with_key("k"));
  keys.send(make_record(Payload::raw("b")).with_key("k"));
  keys.send(make_record(Payload::raw("c")).with_key("l"));
  EXPECT_THAT(texts(keys.emitted()), ElementsAre("a", "c"));
  auto ids = start(table({{"by", option("id")}}));
  const auto record = make_record(Payload::raw("a"));
  ids.send(record);
  ids.send(record);
  ids.send(make_record(Payload::raw("a")));
  EXPECT_THAT(ids.emitted(), SizeIs(2));
}

TEST(ReadyMadeDedupTest, SendsDuplicatesToAPortWhereAsked) {
  auto bee = start(with(by_order(), "otherwise", option("rejected")));
  bee.send(R"({"order": 7})");
  bee.send(R"({"order": 7})");
  EXPECT_THAT(bee.emitted("rejected"), SizeIs(1));
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::rejected);
}

TEST(ReadyMadeDedupTest, WhatHasNoSuchValueIsABadRecord) {
  auto bee = start();
  bee.send(R"({"other": 7})");
  bee.send(make_record(Payload::json("{")));
  bee.send(R"({"order": ")" + std::string(limits::dedup_value_bytes_max - 1, 'x') + "\"}");
  bee.send(R"({"order": ")" + std::string(limits::dedup_value_bytes_max - 2, 'x') + "\"}");
  EXPECT_THAT(bee.failures(), SizeIs(3));
  for (const auto& failure : bee.failures()) EXPECT_EQ(failure.code, errc::bad_record);
  EXPECT_THAT(bee.emitted(), SizeIs(1));
  EXPECT_EQ(bee.rebuilds(), 0u);
}

TEST(ReadyMadeDedupTest, FindsMistakesInItsOptionsAtTheirPlace) {
  const auto found =
      ready_made().find("skep.dedup")->configure(table({{"within", option("0s")}, {"by", option("order")}}), {9, 1});
  ASSERT_THAT(found.problems, SizeIs(2));
  EXPECT_THAT(found.problems[0].message, HasSubstr("0s is below the minimum 1ms"));
  EXPECT_THAT(found.problems[1].message, HasSubstr("'order' is none of these"));
  EXPECT_EQ(found.problems[1].position.line, 11u);
}

TEST(SeenValuesTest, SaysWhatAListOfAllSays) {
  EXPECT_TRUE(rc::check("any values", [] {
    const auto most = *rc::gen::inRange<std::size_t>(1, 8);
    SeenValues seen(10s, most);
    std::vector<std::pair<std::string, SeenValues::Time>> all;  // of the new ones, in order
    SeenValues::Time now{1h};
    const auto count = *rc::gen::inRange(0, 200);
    for (int i = 0; i < count; ++i) {
      now += std::chrono::seconds(*rc::gen::inRange(0, 4));
      const auto value = std::to_string(*rc::gen::inRange(0, 12));
      std::erase_if(all, [&](const auto& each) { return now - each.second >= 10s; });
      const bool is_new = std::none_of(all.begin(), all.end(), [&](const auto& each) { return each.first == value; });
      RC_ASSERT(seen.is_new(value, now) == is_new);
      if (is_new) all.emplace_back(value, now);
      if (all.size() > most) all.erase(all.begin());
      RC_ASSERT(seen.size() == all.size());
    }
  }));
}

}  // namespace ready_made_dedup_test
}  // namespace skep::testing
