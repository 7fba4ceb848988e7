#include "skep/actors/edge_session.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "edge_session_fixture.hpp"

namespace skep {
namespace edge_session_test {

using namespace std::chrono_literals;
using Time = EdgeSender::Time;

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (auto number = first; number <= last; ++number) all.push_back(number);
  return all;
}

TEST(EdgeSessionTest, AsksBeforeItsFirstRecordAndSendsInOrder) {
  Wire wire(Delivery::at_most_once);
  wire.push(1, 5);
  const auto first = wire.packets();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].records.empty());
  EXPECT_EQ(first[0].asks, 1u);
  EXPECT_FALSE(wire.sender_.sendable()) << "asked once is enough";
  wire.deliver(first[0]);
  wire.acknowledge();
  wire.settle();
  EXPECT_EQ(wire.got_, numbers(1, 5));
  wire.sender_.hurry();
  wire.settle();
  EXPECT_TRUE(wire.sender_.idle());
}

TEST(EdgeSessionTest, NeverSendsBeyondItsCredit) {
  Wire wire(Delivery::at_most_once, {{10, 1000}, {2, 100}});
  wire.push(1, 100);
  for (int round = 0; round < 4; ++round) {
    wire.deliver_all();
    wire.acknowledge();
    EXPECT_LE(wire.receiver_.queued().records, 10u);
  }
  EXPECT_EQ(wire.receiver_.queued().records, 10u);
  wire.settle();
  EXPECT_EQ(wire.got_, numbers(1, 100));
}

TEST(EdgeSessionTest, ARecordAboveTheByteBudgetPasses) {
  Wire wire(Delivery::at_most_once, {{10, 1000}, {2, 100}});
  wire.push(1, 3, 5000);
  wire.settle();
  EXPECT_EQ(wire.got_, numbers(1, 3));
}

TEST(EdgeSessionTest, ALargerRecordAfterTheOneItHasAskedForIsAskedForAnew) {
  Wire wire(Delivery::at_most_once, {{8, 100}, {}});
  wire.push(1, 1, 10);
  wire.deliver_all();  // asks for it
  wire.push(2, 2, 90);
  EXPECT_EQ(wire.sender_.drop_oldest().id().low, 1u);
  wire.settle();
  EXPECT_EQ(wire.got_, std::vector<std::uint64_t>{2});
}

TEST(EdgeSessionTest, WhatWasGrantedForARecordThatWasDroppedIsGivenBack) {
  Wire wire(Delivery::at_most_once, {{8, 100}, {}});
  wire.push(1, 1, 90);
  wire.deliver_all();
  wire.acknowledge();
  static_cast<void>(wire.sender_.drop_oldest());
  wire.push(2, 2, 10);
  wire.settle();
  EXPECT_EQ(wire.got_, std::vector<std::uint64_t>{2});
  EXPECT_EQ(wire.receiver_.credit().held(), Quantity{}) << "another sender may need it";
  wire.push(3, 3, 50);
  wire.settle();
  EXPECT_EQ(wire.got_.back(), 3u);
}

TEST(EdgeSessionTest, WhatWasGrantedForARecordThatWasHandedOverIsGivenBack) {
  for (const std::size_t bytes : {10, 90}) {
    Wire wire(Delivery::at_least_once, {{8, 100}, {}});
    wire.push(1, 1, bytes);
    wire.deliver_all();  // asks for it
    EXPECT_EQ(wire.sender_.hand_over_unsent().size(), 1u);
    wire.acknowledge();  // has it, and nothing waits
    wire.push(2, 2, 100 - bytes);
    wire.settle();
    EXPECT_EQ(wire.got_, std::vector<std::uint64_t>{2}) << "a larger one is asked for anew";
    EXPECT_EQ(wire.receiver_.credit().held(), Quantity{}) << "another sender may need it";
  }
}

TEST(EdgeSessionTest, UnderAtLeastOnceTheSendersWindowBoundsWhatIsNotDone) {
  Wire wire(Delivery::at_least_once, {}, {}, 4);
  wire.push(1, 10);
  for (int round = 0; round < 3; ++round) {
    wire.deliver_all();
    for (const auto& each : std::exchange(wire.waiting_, {})) wire.receiver_.accepted(each.session, {1, each.bytes});
    wire.acknowledge();
  }
  EXPECT_EQ(wire.got_, numbers(1, 4)) << "accepted, not done";
  EXPECT_TRUE(wire.causes_.empty());
}

TEST(EdgeSessionTest, UnderAtLeastOnceWhatIsLostGoesAgain) {
  Wire wire(Delivery::at_least_once);
  wire.push(1, 3);
  wire.settle();
  wire.push(4, 6);
  EXPECT_EQ(wire.packets().size(), 1u) << "and is lost";
  wire.wait(limits::resend_after);
  wire.settle();
  EXPECT_EQ(wire.got_, numbers(1, 6));
  EXPECT_EQ(wire.causes_.size(), 6u);
  EXPECT_TRUE(wire.sender_.idle());
}

TEST(EdgeSessionTest, PacketsThatGoAgainAreBounded) {
  constexpr auto count = limits::resend_records_max + 1;
  Wire wire(Delivery::at_least_once, {{count, 1u << 20}, {0, 0}});
  wire.push(1, count);
  for (int i = 0; i < 2; ++i) {
    for (auto& packet : wire.packets()) {
      packet.records.clear();  // lost, but for what they ask
      packet.bytes = 0;
      packet.first = {};
      wire.deliver(packet);
    }
    wire.acknowledge();
  }
  wire.wait(limits::resend_after);
  const auto packets = wire.packets();
  ASSERT_GE(packets.size(), 2u);
  EXPECT_EQ(packets[0].records.size(), limits::resend_records_max);
  EXPECT_EQ(packets[1].records.size(), 1u);
}

TEST(EdgeSessionTest, UnderAtLeastOnceWhatComesTooEarlyIsLeftToComeAgain) {
  Wire wire(Delivery::at_least_once);
  wire.push(1, 3);
  wire.settle();
  wire.push(4, 4);
  const auto first = wire.packets();
  wire.push(5, 5);
  const auto second = wire.packets();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(wire.deliver(second[0]), InEdges::Verdict::early);
  EXPECT_EQ(wire.deliver(first[0]), InEdges::Verdict::in_order);
  wire.wait(limits::resend_after);
  wire.settle();
  EXPECT_EQ(wire.got_, numbers(1, 5));
}

TEST(EdgeSessionTest, UnderAtMostOnceWhatIsLostIsCountedAndTheCreditComesBack) {
  Wire wire(Delivery::at_most_once, {{4, 1000}, {0, 0}});
  wire.push(1, 20);
  wire.deliver_all();
  wire.acknowledge();
  ASSERT_EQ(wire.packets()[0].records.size(), 4u) << "and they are lost";
  for (int i = 0; i < 3; ++i) {
    wire.wait(limits::resend_after_max);
    wire.settle();
  }
  EXPECT_EQ(wire.got_, numbers(5, 20));
  EXPECT_EQ(wire.lost_, 4u);
}

TEST(EdgeSessionTest, WhatComesTwiceIsTakenOnce) {
  Wire wire(Delivery::at_most_once);
  wire.push(1, 3);
  auto packets = wire.packets();
  wire.deliver(packets[0]);
  wire.acknowledge();
  packets = wire.packets();
  EXPECT_EQ(wire.deliver(packets[0]), InEdges::Verdict::in_order);
  EXPECT_EQ(wire.deliver(packets[0]), InEdges::Verdict::repeated);
  EXPECT_EQ(wire.got_, numbers(1, 3));
}

TEST(EdgeSessionTest, WithoutDeduplicationItIsTakenTwice) {
  Wire wire(Delivery::at_most_once, {}, {.no_dedup = true});
  wire.push(1, 3);
  wire.deliver(wire.packets()[0]);
  wire.acknowledge();
  const auto packets = wire.packets();
  wire.deliver(packets[0]);
  wire.deliver(packets[0]);
  EXPECT_EQ(wire.got_.size(), 6u);
}

TEST(EdgeSessionTest, AnEarlierPlacementOfTheSenderIsStale) {
  Wire wire(Delivery::at_least_once);
  wire.push(1, 1);
  const auto old = wire.packets();
  EdgeSender later({.delivery = Delivery::at_least_once}, {2, 1}, {1, 2});
  later.push(record(2));
  wire.deliver(*later.take(wire.now_));
  EXPECT_EQ(wire.deliver(old[0]), InEdges::Verdict::stale);
}

TEST(EdgeSessionTest, WhatIsMeantForAnotherPlacementOfTheReceiverIsStale) {
  Wire wire(Delivery::at_least_once);
  wire.receiver_ = InEdges(wire.settings({2, 2}));
  wire.push(1, 1);
  EXPECT_EQ(wire.deliver(wire.packets()[0]), InEdges::Verdict::stale);
}

TEST(EdgeSessionTest, AReceiverPlacedAnewGetsWhatIsNotDone) {
  Wire wire(Delivery::at_least_once);
  wire.push(1, 3);
  wire.settle();
  wire.push(4, 8);
  wire.deliver_all();
  wire.acknowledge();
  wire.place_anew();
  EXPECT_EQ(wire.got_, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 4, 5, 6, 7, 8}));
  EXPECT_EQ(wire.causes_.size(), 8u) << "each is done once";
  EXPECT_TRUE(wire.sender_.idle());
}

TEST(EdgeSessionTest, WhatWasLostWithAReceiverGoesOneByOneWhereEndsAreCounted) {
  Wire wire(Delivery::at_least_once, {}, {}, 1024, limits::deaths_alone_max);
  wire.push(1, 4);
  wire.settle();
  wire.push(5, 7);
  for (auto& packet : wire.packets()) wire.deliver(packet);
  wire.die();
  wire.push(8, 9);
  wire.got_.clear();
  for (std::uint64_t number = 5; number <= 7; ++number) {
    wire.work_until(number);
    EXPECT_EQ(wire.got_.size(), number - 4) << "nothing came with it";
    wire.receiver_.done({0, 1}, number - 1, 1);
    wire.acknowledge();
  }
  wire.settle();
  EXPECT_EQ(wire.got_, numbers(5, 9));
  EXPECT_EQ(wire.causes_.size(), 9u);
  EXPECT_TRUE(wire.sender_.idle());
}

TEST(EdgeSessionTest, ARecordThatEndsItsReceiverAloneSoOftenIsTakenOut) {
  Wire wire(Delivery::at_least_once, {}, {}, 1024, limits::deaths_alone_max);
  wire.push(1, 6);
  for (auto& packet : wire.packets()) wire.deliver(packet);
  wire.acknowledge();
  for (auto& packet : wire.packets()) wire.deliver(packet);  // all six are in its hands when 3 ends it
  wire.die();
  EXPECT_FALSE(wire.sender_.take_dangerous()) << "it was in company";
  for (std::uint32_t death = 1; death <= limits::deaths_alone_max; ++death) {
    wire.got_.clear();
    wire.work_until(3);
    wire.die();
    const auto dangerous = wire.sender_.take_dangerous();
    ASSERT_EQ(dangerous.has_value(), death == limits::deaths_alone_max) << death;
    if (!dangerous) continue;
    EXPECT_EQ(dangerous->record.id().low, 3u);
    EXPECT_EQ(dangerous->cause, Cause{3});
  }
  wire.got_.clear();
  wire.settle();
  EXPECT_EQ(wire.got_, numbers(4, 6));
  EXPECT_EQ(wire.causes_, (std::vector<Cause>{Cause{1}, Cause{2}, Cause{4}, Cause{5}, Cause{6}}));
  EXPECT_TRUE(wire.sender_.idle());
}

TEST(EdgeSessionTest, ARecordThatWasNotSentAloneIsNotToBlame) {
  Wire wire(Delivery::at_least_once, {}, {}, 1024, 1);
  wire.push(1, 1);
  wire.sender_.hurry();
  wire.work_until(1);
  wire.die();
  EXPECT_FALSE(wire.sender_.take_dangerous()) << "the receiver may have had others in hand, of other senders";
  wire.got_.clear();
  wire.work_until(1);
  wire.die();
  EXPECT_TRUE(wire.sender_.take_dangerous());
}

TEST(EdgeSessionTest, ARecordThatItsReceiverHadNotTakenUpIsNotToBlame) {
  Wire wire(Delivery::at_least_once, {}, {}, 1024, 1);
  wire.push(1, 1);
  for (int death = 0; death < 5; ++death) {
    for (int way = 0; way < 2; ++way) {
      for (auto& packet : wire.packets()) wire.deliver(packet);
      wire.acknowledge();
    }
    ASSERT_EQ(wire.waiting_.size(), 1u) << "it is in the queue";
    wire.die();
    EXPECT_FALSE(wire.sender_.take_dangerous());
  }
  wire.settle();
  EXPECT_EQ(wire.causes_, std::vector<Cause>{Cause{1}});
}

TEST(EdgeSessionTest, WhatIsNotDoneIsHandedBackWithItsCausesWhenTheReceiverIsGoneForGood) {
  Wire wire(Delivery::at_least_once);
  wire.push(1, 3);
  wire.settle();
  wire.push(4, 5);
  for (auto& packet : wire.packets()) wire.deliver(packet);
  wire.push(6, 6);
  const auto undone = wire.sender_.give_up();
  ASSERT_EQ(undone.size(), 3u);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(undone[i].record.id().low, 4 + i);
    EXPECT_EQ(undone[i].cause, Cause{4 + i});
  }
  EXPECT_TRUE(wire.sender_.idle());
  wire.push(7, 8);  // it comes back after all, as it was
  wire.settle();
  EXPECT_EQ(wire.got_, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 7, 8})) << "none is taken for a repeated one";
}

TEST(EdgeSessionTest, AReceiverThatIsGoneForGoodLeavesNoCauseOpen) {
  Wire wire(Delivery::at_least_once);
  wire.push(1, 3);
  wire.settle();
  wire.push(4, 5);
  wire.deliver_all();
  wire.push(6, 7);
  wire.sender_.abandon(wire.causes_);
  EXPECT_EQ(wire.causes_.size(), 7u) << "done, sent and not done, and never sent: each once";
  EXPECT_EQ(wire.sender_.lost(), 4u);
  EXPECT_TRUE(wire.sender_.idle());
  EXPECT_FALSE(wire.sender_.due());
  EXPECT_FALSE(wire.sender_.sendable());
}

TEST(EdgeSessionTest, UnderAtMostOnceAReceiverThatIsGoneForGoodCostsWhatItHadNotAccepted) {
  Wire wire(Delivery::at_most_once);
  wire.push(1, 3);
  wire.settle();
  wire.sender_.hurry();
  wire.settle();
  wire.push(4, 6);
  wire.sender_.abandon(wire.causes_);
  EXPECT_EQ(wire.sender_.lost(), 3u);
  EXPECT_TRUE(wire.causes_.empty());
  EXPECT_TRUE(wire.sender_.idle());
}

TEST(EdgeSessionTest, UnderAtMostOnceAReceiverThatIsGoneCostsWhatItHadNotAccepted) {
  Wire wire(Delivery::at_most_once);
  wire.push(1, 3);
  wire.settle();
  wire.push(4, 8);
  wire.deliver_all();
  wire.push(9, 10);
  wire.place_anew();
  EXPECT_GE(wire.sender_.lost(), 5u);
  EXPECT_EQ(wire.got_.back(), 10u);
}

TEST(EdgeSessionTest, EarlyAcknowledgementsForgetWhatIsNotDone) {
  Wire wire(Delivery::at_least_once, {}, {.early_ack = true});
  wire.push(1, 3);
  for (int i = 0; i < 3; ++i) {
    wire.deliver_all();
    wire.acknowledge();
  }
  wire.wait(limits::resend_after);
  wire.deliver_all();
  wire.acknowledge();
  EXPECT_EQ(wire.causes_.size(), 3u) << "although nothing is done";
}

/// A wire that loses, repeats and reorders in both directions. Everything comes in order and, in the end, once.
RC_GTEST_PROP(EdgeSessionTest, AtLeastOnceSurvivesAnyWire, (std::uint32_t seed)) {
  std::mt19937 random(seed);
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  Wire wire(Delivery::at_least_once, {{1 + random() % 20, 1 + random() % 200}, {random() % 3, random() % 40}}, {},
            1 + random() % 30);
  std::vector<EdgePacket> forth;
  std::vector<EdgeAck> back;
  std::uint64_t pushed = 0;
  for (int step = 0; step < 2000; ++step) {
    const bool bad = step < 1000;
    if (step < 900 && chance(30)) {
      ++pushed;
      wire.sender_.push(record(pushed, random() % 60), Cause{pushed});
    }
    for (auto& packet : wire.packets()) {
      if (bad && chance(20)) continue;
      if (bad && chance(20)) forth.push_back(packet);
      forth.push_back(std::move(packet));
    }
    if (!forth.empty() && chance(70)) {
      const auto at = bad && chance(30) ? random() % forth.size() : 0;
      wire.deliver(forth[at]);
      forth.erase(forth.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (chance(50)) wire.accept_all();
    for (auto& due : wire.receiver_.take_acks()) {
      if (!(bad && chance(20))) back.push_back(due.ack);
      if (bad && chance(20)) back.push_back(due.ack);
    }
    if (!back.empty() && chance(70)) {
      const auto at = bad && chance(30) ? random() % back.size() : 0;
      wire.sender_.on_ack(back[at], wire.now_, wire.causes_);
      back.erase(back.begin() + static_cast<std::ptrdiff_t>(at));
    }
    wire.wait(50ms);
  }
  for (int i = 0; i < 200 && !wire.sender_.idle(); ++i) {
    for (auto& packet : std::exchange(forth, {})) wire.deliver(packet);
    for (auto& ack : std::exchange(back, {})) wire.sender_.on_ack(ack, wire.now_, wire.causes_);
    wire.settle();
    wire.wait(1s);
  }
  RC_ASSERT(wire.sender_.idle());
  RC_ASSERT(wire.got_ == numbers(1, pushed));
  RC_ASSERT(wire.causes_.size() == pushed);
}

}  // namespace edge_session_test
}  // namespace skep
