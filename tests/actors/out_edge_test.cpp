#include "skep/actors/out_edge.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <map>

namespace skep {
namespace {

Record record(std::uint64_t number, std::string_view key = "k") {
  RecordHeader header;
  header.id = {0, number};
  header.key = key;
  return Record(header, Payload::raw(""));
}

std::vector<std::uint64_t> numbers(const std::vector<Record>& records) {
  std::vector<std::uint64_t> all;
  for (const auto& each : records) all.push_back(each.id().low);
  return all;
}

std::vector<std::uint64_t> push(OutEdge& edge, std::uint64_t number) {
  std::vector<Record> dropped;
  edge.push(record(number), dropped);
  return numbers(dropped);
}

using Numbers = std::vector<std::uint64_t>;

TEST(OutEdgeTest, SendsUpToItsWindowAndTheRestAsCreditComesBack) {
  OutEdge edge({.window = 3}, 1, 1);
  for (std::uint64_t i = 1; i <= 5; ++i) push(edge, i);
  EXPECT_TRUE(edge.blocked());
  EXPECT_EQ(numbers(edge.take(0)), (Numbers{1, 2, 3}));
  EXPECT_EQ(edge.waiting(), 2u);
  EXPECT_TRUE(edge.take(0).empty());
  EXPECT_FALSE(edge.sendable());
  edge.grant(0, 1);
  EXPECT_TRUE(edge.sendable());
  EXPECT_EQ(numbers(edge.take(0)), (Numbers{4}));
  edge.grant(0, 3);
  EXPECT_FALSE(edge.blocked());
  EXPECT_EQ(numbers(edge.take(0)), (Numbers{5}));
  edge.grant(0, 1);
  EXPECT_TRUE(edge.idle());
}

TEST(OutEdgeTest, TheSlowestReceiverPacesAnAllEdge) {
  OutEdge edge({.route = Route::all, .window = 2}, 2, 1);
  for (std::uint64_t i = 1; i <= 2; ++i) push(edge, i);
  EXPECT_EQ(edge.take(0).size(), 2u);
  EXPECT_EQ(edge.take(1).size(), 2u);
  edge.grant(0, 2);
  EXPECT_FALSE(edge.blocked());
  push(edge, 3);
  EXPECT_TRUE(edge.blocked()) << "receiver 1 has no credit";
  EXPECT_EQ(numbers(edge.take(0)), (Numbers{3}));
  edge.grant(1, 1);
  EXPECT_FALSE(edge.blocked());
}

TEST(OutEdgeTest, DropOldestKeepsTheNewest) {
  OutEdge edge({.overflow = Overflow::drop_oldest, .window = 2}, 1, 1);
  push(edge, 1), push(edge, 2);
  EXPECT_EQ(edge.take(0).size(), 2u);
  EXPECT_TRUE(push(edge, 3).empty());
  EXPECT_TRUE(push(edge, 4).empty());
  EXPECT_EQ(push(edge, 5), (Numbers{3}));
  EXPECT_FALSE(edge.blocked());
  edge.grant(0, 2);
  EXPECT_EQ(numbers(edge.take(0)), (Numbers{4, 5}));
}

TEST(OutEdgeTest, DropNewestKeepsTheOldest) {
  OutEdge edge({.overflow = Overflow::drop_newest, .window = 2}, 1, 1);
  push(edge, 1), push(edge, 2);
  EXPECT_EQ(edge.take(0).size(), 2u);
  push(edge, 3), push(edge, 4);
  EXPECT_EQ(push(edge, 5), (Numbers{5}));
  edge.grant(0, 2);
  EXPECT_EQ(numbers(edge.take(0)), (Numbers{3, 4}));
}

TEST(OutEdgeTest, ASlowReceiverGetsLess) {
  OutEdge edge({.window = 1000}, 4, 7);
  for (std::uint64_t i = 0; i < 900; ++i) {
    push(edge, i);
    for (std::size_t receiver = 0; receiver < 4; ++receiver) {
      const auto sent = static_cast<std::uint32_t>(edge.take(receiver).size());
      if (receiver != 2) edge.grant(receiver, sent);  // 2 never answers
    }
  }
  EXPECT_LT(edge.in_flight(), 20u);
}

TEST(OutEdgeDeathTest, MoreCreditThanIsInFlightIsAsserted) {
  OutEdge edge({.window = 3}, 1, 1);
  push(edge, 1);
  EXPECT_EQ(edge.take(0).size(), 1u);
  EXPECT_DEATH(edge.grant(0, 2), "in_flight");
}

TEST(OutEdgeTest, AnySequenceKeepsTheWindowLosesNothingAndKeepsOrder) {
  rc::check([] {
    OutEdgeSettings settings;
    settings.route = *rc::gen::element(Route::any, Route::key, Route::all);
    settings.overflow = *rc::gen::element(Overflow::block, Overflow::drop_oldest, Overflow::drop_newest);
    settings.window = *rc::gen::inRange(1u, 9u);
    const auto receivers = *rc::gen::inRange<std::size_t>(1, 5);
    OutEdge edge(settings, receivers, *rc::gen::arbitrary<std::uint64_t>());

    std::uint64_t pushed = 0, taken = 0, dropped = 0;
    std::vector<std::uint32_t> in_flight(receivers, 0);
    std::vector<std::uint64_t> last(receivers, 0);
    std::map<std::string, std::size_t> receiver_of_key;
    std::map<std::uint64_t, std::string> key_of;
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3))) {
      const auto receiver = *rc::gen::inRange<std::size_t>(0, receivers);
      if (step == 0) {
        std::vector<Record> overflow;
        const auto key = std::to_string(*rc::gen::inRange(0, 6));
        key_of[++pushed] = key;
        edge.push(record(pushed, key), overflow);
        dropped += overflow.size();
        if (settings.overflow == Overflow::block) RC_ASSERT(overflow.empty());
      } else if (step == 1) {
        const auto records = edge.take(receiver);
        taken += records.size();
        in_flight[receiver] += static_cast<std::uint32_t>(records.size());
        RC_ASSERT(in_flight[receiver] <= settings.window);
        for (const auto& each : records) {
          RC_ASSERT(each.id().low > last[receiver]);
          last[receiver] = each.id().low;
          if (settings.route != Route::key) continue;
          const auto [known, added] = receiver_of_key.emplace(key_of[each.id().low], receiver);
          RC_ASSERT(known->second == receiver);
        }
      } else {
        const auto count = *rc::gen::inRange(0u, in_flight[receiver] + 1);
        edge.grant(receiver, count);
        in_flight[receiver] -= count;
      }
    }
    for (std::size_t receiver = 0; receiver < receivers; ++receiver) {  // all that was pushed comes out
      for (auto records = edge.take(receiver);; records = edge.take(receiver)) {
        taken += records.size();
        in_flight[receiver] += static_cast<std::uint32_t>(records.size());
        if (in_flight[receiver] == 0) break;
        edge.grant(receiver, std::exchange(in_flight[receiver], 0));
      }
    }
    const auto copies = settings.route == Route::all ? receivers : 1;
    RC_ASSERT(taken + dropped == pushed * copies);
    RC_ASSERT(edge.idle());
  });
}

}  // namespace
}  // namespace skep
