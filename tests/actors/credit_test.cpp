#include "skep/actors/credit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace skep {
namespace credit_test {

constexpr CreditPool::Settings small{{20, 2000}, {2, 200}};

/// Wants so many more records of `bytes` each, after what it was granted.
Demand more(const CreditPool& pool, CreditPool::Member member, std::uint64_t records, std::uint64_t bytes) {
  const auto spent = pool.granted(member);
  return {spent, spent + Quantity{records, records * bytes}, spent.bytes + bytes};
}

TEST(CreditPoolTest, GivesASenderItsShareWithoutAsking) {
  CreditPool pool(small);
  const auto member = pool.join();
  EXPECT_EQ(pool.granted(member), (Quantity{2, 200}));
  EXPECT_EQ(pool.held(), (Quantity{2, 200}));
  EXPECT_EQ(pool.take_raised(), std::vector{member});
  EXPECT_TRUE(pool.take_raised().empty());
}

TEST(CreditPoolTest, LaterSendersHaveSmallerSharesAndHalfOfTheBudgetFloats) {
  CreditPool pool({{200, 20'000}, {20, 1000}});
  std::vector<std::uint64_t> records, bytes;
  for (int i = 0; i < 30; ++i) {
    const auto share = pool.share(pool.join());
    records.push_back(share.records);
    bytes.push_back(share.bytes);
  }
  EXPECT_EQ((std::vector(records.begin(), records.begin() + 6)), (std::vector<std::uint64_t>{20, 20, 15, 11, 8, 6}));
  EXPECT_EQ(bytes[6], 1000u) << "of bytes there are more";
  EXPECT_TRUE(std::is_sorted(records.rbegin(), records.rend()));
  EXPECT_EQ(records.back(), 0u);
  EXPECT_EQ(bytes.back(), 0u) << "of bytes alone it could use none";
  EXPECT_LE(pool.held().records, 100u);
  EXPECT_LE(pool.held().bytes, 10'000u);
}

TEST(CreditPoolTest, ASenderThatLeavesMakesRoomForTheShareOfAnother) {
  CreditPool pool({{200, 20'000}, {20, 1000}});
  const auto leaving = pool.join(), retired = pool.join();
  while (pool.share(pool.join()).records != 0) {
  }
  pool.leave(leaving);
  EXPECT_EQ(pool.share(pool.join()).records, 5u);
  pool.retire(retired, {});
  EXPECT_EQ(pool.share(retired), Quantity{});
  EXPECT_EQ(pool.share(pool.join()).records, 9u);
}

TEST(CreditPoolTest, ASmallShareGrowsWhenOthersLeave) {
  CreditPool pool({{200, 20'000}, {20, 1000}});
  std::vector<CreditPool::Member> members;
  for (int i = 0; i < 30; ++i) members.push_back(pool.join());
  const auto first_small = members[5], none = members[29], retired = members[28];
  pool.retire(retired, {});
  for (int i = 0; i < 5; ++i) pool.leave(members[static_cast<std::size_t>(i)]);
  EXPECT_EQ(pool.share(first_small).records, 6u);
  pool.released(first_small, {1, 1});
  EXPECT_EQ(pool.share(first_small).records, 20u);
  EXPECT_EQ(pool.granted(first_small).records, 21u);
  pool.released(none, {});
  EXPECT_GT(pool.share(none).records, 0u);
  pool.released(retired, {});
  EXPECT_EQ(pool.share(retired), Quantity{});
  EXPECT_LE(pool.held().records, 100u);
}

TEST(CreditPoolTest, ALargerBudgetServesThoseThatWaitAndASmallerOneTakesNothingBack) {
  CreditPool pool(small);
  const auto asker = pool.join(), other = pool.join();
  pool.ask(asker, more(pool, asker, 100, 10));
  EXPECT_EQ(pool.held().records, 20u);
  pool.resize({{60, 6000}, {6, 600}});
  EXPECT_EQ(pool.held().records, 60u);
  pool.resize(small);
  EXPECT_EQ(pool.held().records, 60u);
  pool.released(asker, {50, 500});
  EXPECT_EQ(pool.held().records, 20u) << "of what is released, no more than fits is granted anew";
  pool.leave(asker);
  EXPECT_EQ(pool.share(other), small.share);
}

TEST(CreditPoolTest, SharesFollowTheBudgetBothWays) {
  CreditPool pool(small);
  const auto member = pool.join();
  pool.resize({{60, 6000}, {6, 600}});
  pool.released(member, {1, 10});
  EXPECT_EQ(pool.share(member), (Quantity{6, 600}));
  pool.resize(small);
  pool.released(member, {2, 20});
  EXPECT_EQ(pool.share(member), small.share);
  EXPECT_EQ(pool.held().records, 5u) << "what was granted stays granted";
}

TEST(CreditPoolTest, IdleSendersHoldNothingBackFromASmallerBudget) {
  CreditPool pool({{1000, 100'000}, {125, 12'500}});
  std::vector<CreditPool::Member> idle;
  for (int i = 0; i < 20; ++i) idle.push_back(pool.join());
  const auto asker = pool.join();
  pool.ask(asker, more(pool, asker, 1, 10));
  const auto held = pool.held();
  const auto before = pool.granted(asker).records;
  EXPECT_GT(held.records, small.budget.records);
  pool.resize(small);
  EXPECT_EQ(pool.held(), held) << "what was granted stays granted";
  pool.ask(asker, more(pool, asker, 100, 10));
  EXPECT_GE(pool.granted(asker).records, before + small.budget.records / 2);
  EXPECT_LE(pool.granted(asker).records, before + small.budget.records);

  const auto first = idle.front();  // and what it had is its no longer once it asks
  pool.ask(first, {{3, 30}, {4, 40}, 40});
  pool.released(first, {3, 30});
  EXPECT_LE(pool.granted(first).records, 3 + small.budget.records);
  for (const auto member : idle) pool.leave(member);
  pool.released(asker, pool.granted(asker));
  EXPECT_LE(pool.held().records, small.budget.records);
}

TEST(CreditPoolTest, ABudgetThatSwingsMakesNoCredit) {
  const CreditPool::Settings large{{1024, 1u << 20}, {128, 1u << 17}}, half{{512, 1u << 19}, {64, 1u << 16}};
  CreditPool pool(large);
  const auto busy = pool.join(), idle = pool.join();
  pool.ask(busy, more(pool, busy, 1'000'000, 1));
  for (int swing = 0; swing < 100; ++swing) {
    pool.resize(swing % 2 == 0 ? half : large);
    pool.released(busy, pool.granted(busy) - Quantity{100, 100});
    ASSERT_LE(pool.held().records, large.budget.records + 2 * large.share.records);
  }
  EXPECT_LE(pool.granted(idle).records, large.share.records);
}

TEST(CreditPoolTest, ASenderWithoutAShareAsks) {
  CreditPool pool({{20, 2000}, {0, 0}});
  const auto member = pool.join();
  EXPECT_EQ(pool.granted(member), Quantity{});
  pool.ask(member, more(pool, member, 4, 10));
  EXPECT_EQ(pool.granted(member), (Quantity{4, 40}));
}

TEST(CreditPoolTest, ABusySenderGetsWhatIsLeft) {
  CreditPool pool(small);
  static_cast<void>(pool.join());
  const auto busy = pool.join();
  pool.ask(busy, {{2, 20}, {100, 1000}, 30});
  EXPECT_EQ(pool.held().records, 20u);
  EXPECT_EQ(pool.granted(busy).records, 18u);
  EXPECT_TRUE(pool.short_of_credit(busy));
}

TEST(CreditPoolTest, WhatIsReleasedGoesToThoseThatWaitInTheirOrder) {
  CreditPool pool({{10, 1000}, {0, 0}});
  const auto first = pool.join(), second = pool.join(), third = pool.join();
  pool.ask(first, {{}, {10, 10}, 1});
  pool.ask(second, {{}, {10, 10}, 1});
  pool.ask(third, {{}, {10, 10}, 1});
  EXPECT_EQ(pool.granted(first).records, 10u);
  pool.released(first, {4, 4});
  EXPECT_EQ(pool.granted(second).records, 2u) << "two wait: half for each";
  EXPECT_EQ(pool.granted(third).records, 2u);
}

TEST(CreditPoolTest, AnAskerGivesBackWhatItCannotUse) {
  CreditPool pool({{10, 1000}, {0, 0}});
  const auto records = pool.join(), bytes = pool.join();
  pool.ask(bytes, {{}, {10, 10}, 1});  // gets all records
  pool.ask(records, {{}, {1, 1}, 1});  // waits for one of them
  EXPECT_EQ(pool.granted(records), Quantity{});
  pool.ask(bytes, {{1, 1}, {2, 1501}, 1501});  // and its next record is a large one
  EXPECT_EQ(pool.granted(records).records, 1u);
}

TEST(CreditPoolTest, ARecordAboveTheBudgetPassesAlone) {
  CreditPool pool(small);
  const auto member = pool.join(), other = pool.join();
  pool.ask(other, {{}, {5, 500}, 100});
  pool.ask(member, {{}, {1, 5000}, 5000});
  EXPECT_LT(pool.granted(member).bytes, 5000u) << "others' floating bytes are out";
  pool.released(other, {5, 500});
  EXPECT_GE(pool.granted(member).bytes, 5000u);
  EXPECT_GE(pool.granted(member).records, 1u);
}

TEST(CreditPoolTest, ALargeRecordIsNotOvertakenForEver) {
  CreditPool pool({{100, 1000}, {0, 0}});
  const auto large = pool.join(), small_ones = pool.join();
  pool.ask(small_ones, {{}, {9, 900}, 100});
  pool.ask(large, {{}, {1, 950}, 950});
  std::uint64_t released = 0;
  for (int i = 0; i < 9; ++i) {
    pool.released(small_ones, {++released, released * 100});
    pool.ask(small_ones, {pool.granted(small_ones), pool.granted(small_ones) + Quantity{9, 900},
                          pool.granted(small_ones).bytes + 100});
  }
  EXPECT_EQ(pool.granted(large).bytes, 950u);
}

TEST(CreditPoolTest, ASenderThatLeavesGivesEverythingBack) {
  CreditPool pool(small);
  const auto leaving = pool.join(), waiting = pool.join();
  pool.ask(leaving, {{}, {100, 1000}, 10});
  pool.ask(waiting, {{2, 20}, {12, 120}, 30});
  pool.leave(leaving);
  EXPECT_EQ(pool.granted(waiting).records, 12u);
  EXPECT_FALSE(pool.short_of_credit(waiting));
  EXPECT_LE(pool.held().records, 20u);
}

TEST(CreditPoolTest, ARetiredSenderKeepsOnlyWhatWasNotAccepted) {
  CreditPool pool(small);
  const auto member = pool.join();
  pool.ask(member, {{2, 20}, {20, 200}, 30});
  pool.retire(member, {5, 50});
  EXPECT_EQ(pool.held(), (Quantity{5, 50}));
  pool.released(member, {5, 50});
  EXPECT_EQ(pool.held(), Quantity{});
}

/// Senders with queues of records of any size, a receiver that accepts now and then. The budget holds, in every turn of
/// all something moves, and so at the end everything has gone.
RC_GTEST_PROP(CreditPoolTest, StaysWithinItsBudgetAndLeavesNobodyBehind, ()) {
  const CreditPool::Settings settings{
      {static_cast<std::uint64_t>(*rc::gen::inRange(1, 40)), static_cast<std::uint64_t>(*rc::gen::inRange(1, 4000))},
      {2, 100}};
  struct Sender {
    CreditPool::Member member;
    std::vector<std::uint64_t> queue;  // sizes
    std::vector<std::uint64_t> sent;   // and not accepted
    Quantity spent, released, asked{~0u, 0};
  };
  CreditPool pool(settings);
  std::vector<Sender> senders(static_cast<std::size_t>(*rc::gen::inRange(1, 12)));
  for (auto& sender : senders) {
    sender.member = pool.join();
    sender.queue = *rc::gen::container<std::vector<std::uint64_t>>(
        rc::gen::map(rc::gen::inRange(0, 6000), [](int size) { return static_cast<std::uint64_t>(size); }));
  }
  std::uint64_t largest = 0;
  for (const auto& sender : senders) {
    for (const auto size : sender.queue) largest = std::max(largest, size);
  }
  // Every so many rounds, maybe, the budget becomes smaller or larger; others that hold their shares never send.
  const auto swings = static_cast<std::size_t>(*rc::gen::inRange(0, 20));
  const CreditPool::Settings smaller{{settings.budget.records / 8 + 1, settings.budget.bytes / 8 + 1}, {1, 10}};
  for (int i = 0; swings != 0 && i < 3; ++i) static_cast<void>(pool.join());
  int idle = 0;  // rounds since a record moved
  const auto send = [&](Sender& sender) {
    while (!sender.queue.empty() && sender.spent.records < pool.granted(sender.member).records &&
           sender.spent.bytes + sender.queue.front() <= pool.granted(sender.member).bytes) {
      sender.spent = sender.spent + Quantity{1, sender.queue.front()};
      sender.sent.push_back(sender.queue.front());
      sender.queue.erase(sender.queue.begin());
      idle = 0;
    }
    if (sender.queue.empty()) return;
    const auto bytes = std::accumulate(sender.queue.begin(), sender.queue.end(), sender.spent.bytes);
    if (!(std::exchange(sender.asked, sender.spent) == sender.spent)) {
      pool.ask(sender.member, {sender.spent,
                               {sender.spent.records + sender.queue.size(), bytes},
                               sender.spent.bytes + sender.queue.front()});
    }
  };
  const auto accept = [&](Sender& sender) {
    if (sender.sent.empty()) return;
    sender.released = sender.released + Quantity{1, sender.sent.front()};
    sender.sent.erase(sender.sent.begin());
    pool.released(sender.member, sender.released);
    idle = 0;
  };
  const auto within = [&] {
    const auto members = swings != 0 ? senders.size() + 3 : 0;  // each may have a larger share, too
    RC_ASSERT(pool.held().records <= settings.budget.records + members * settings.share.records);
    RC_ASSERT(pool.held().bytes <= settings.budget.bytes + members * settings.share.bytes + largest);
  };
  const auto left = [&] {
    return std::any_of(senders.begin(), senders.end(),
                       [](const Sender& s) { return !s.queue.empty() || !s.sent.empty(); });
  };
  const int turn = 2 * static_cast<int>(senders.size());  // each sends once and accepts once
  for (std::size_t round = 0; left(); ++round) {
    RC_ASSERT(idle++ <= 2 * turn);
    if (swings != 0 && round % swings == 0) pool.resize(round / swings % 2 == 0 ? smaller : settings);
    auto& sender = senders[round * 7919 / 2 % senders.size()];
    if (round % 2 == 0)
      send(sender);
    else
      accept(sender);
    within();
  }
}

}  // namespace credit_test
}  // namespace skep
