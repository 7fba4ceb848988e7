#include "skep/actors/routing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "skep/actors/limits.hpp"

namespace skep {
namespace routing_test {

TEST(RoutingTest, NamesSurviveARoundTrip) {
  for (const auto route : {Route::any, Route::key, Route::all}) EXPECT_EQ(route_from(to_string(route)), route);
  for (const auto overflow : {Overflow::block, Overflow::drop_oldest, Overflow::drop_newest}) {
    EXPECT_EQ(overflow_from(to_string(overflow)), overflow);
  }
  EXPECT_EQ(route_from("some"), std::nullopt);
  EXPECT_EQ(overflow_from("reject"), std::nullopt);
}

TEST(RoutingTest, SlotsOfKeysNeverChange) {  // golden: other nodes and later versions must agree
  EXPECT_EQ(key_slot(""), (0xCBF29CE484222325u ^ (0xCBF29CE484222325u >> 32)) % 1024);
  EXPECT_EQ(key_slot("a"), (0xAF63DC4C8601EC8Cu ^ (0xAF63DC4C8601EC8Cu >> 32)) % 1024);  // FNV-1a of "a"
}

TEST(RoutingTest, KeysSpreadOverTheSlots) {
  std::set<std::uint32_t> slots;
  for (int key = 0; key < 10000; ++key) slots.insert(key_slot("user-" + std::to_string(key)));
  EXPECT_GT(slots.size(), 1000u);
}

TEST(RoutingTest, EverySlotHasAReceiverAndEveryReceiverItsShare) {
  EXPECT_TRUE(rc::check([] {
    const auto receivers = *rc::gen::inRange<std::size_t>(1, 200);
    std::vector<std::size_t> shares(receivers, 0);
    for (std::uint32_t slot = 0; slot < limits::key_slots; ++slot) ++shares.at(receiver_of_slot(slot, receivers));
    const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
    RC_ASSERT(*most - *least <= 1);
  }));
}

TEST(RoutingTest, DrawsTwoDifferentOnesAndAnyOfThem) {
  EXPECT_TRUE(rc::check([](std::uint64_t random) {
    const auto count = *rc::gen::inRange<std::size_t>(2, 50);
    const auto [first, second] = two_of(count, random);
    RC_ASSERT(first < count);
    RC_ASSERT(second < count);
    RC_ASSERT(first != second);
  }));
  EXPECT_EQ(two_of(3, 0), (std::pair<std::size_t, std::size_t>(0, 1)));
  EXPECT_EQ(two_of(3, ~std::uint64_t{0}), (std::pair<std::size_t, std::size_t>(2, 1)));
  EXPECT_EQ(two_of(3, 0xFFFF'FFFFu), (std::pair<std::size_t, std::size_t>(2, 0)));
}

}  // namespace routing_test
}  // namespace skep
