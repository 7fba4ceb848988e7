#include "net/handover.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <iostream>
#include <random>
#include <thread>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace handover_test {

using namespace std::chrono_literals;

constexpr auto never = 1h;

constexpr auto nothing = [] {};

bool stand_by(Handover& handover) {
  return handover.stand_by(nothing, nothing);
}

/// Runs until its owner has stopped it.
std::future<bool> stands_by(Handover& handover) {
  return std::async(std::launch::async, [&handover] { return stand_by(handover); });
}

/// Once somebody stands by.
Handover::Absence leave(Handover& handover) {
  for (;;) {
    if (const auto absence = handover.leave(); absence != Handover::none) return absence;
    std::this_thread::yield();
  }
}

TEST(HandoverTest, AnOwnerWithoutAnybodyToStandByStays) {
  Handover handover(1ms);
  EXPECT_EQ(handover.leave(), Handover::none);
}

TEST(HandoverTest, AnOwnerThatComesBackInTimeIsTheOwner) {
  Handover handover(never);
  auto other = stands_by(handover);
  for (int absence = 0; absence < 1000; ++absence) EXPECT_TRUE(handover.come_back(leave(handover)));
  handover.stop();
  EXPECT_FALSE(other.get());
}

TEST(HandoverTest, AnOwnerThatIsAwayForTooLongIsOneNoLonger) {
  Handover handover(limits::inline_run_time_max);
  auto other = stands_by(handover);
  const auto begun = std::chrono::steady_clock::now();
  const auto absence = leave(handover);
  EXPECT_TRUE(other.get());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, limits::inline_run_time_max);
  EXPECT_FALSE(handover.come_back(absence));
}

TEST(HandoverTest, TheNewOwnerStaysUntilTheFormerOneStandsBy) {
  Handover handover(1ms);
  auto other = stands_by(handover);
  const auto absence = leave(handover);
  ASSERT_TRUE(other.get());
  EXPECT_EQ(handover.leave(), Handover::none) << "the former owner is still away";
  EXPECT_FALSE(handover.come_back(absence));
  auto former = stands_by(handover);
  const auto later = leave(handover);
  EXPECT_TRUE(former.get()) << "it is the owner again";
  EXPECT_FALSE(handover.come_back(later));
}

TEST(HandoverTest, WhoStandsByIsToldOfAnAbsenceAlsoAfterALongQuiet) {
  Handover handover(10us);
  auto other = stands_by(handover);
  ASSERT_EQ(other.wait_for(50ms), std::future_status::timeout) << "it sleeps by now";
  const auto absence = leave(handover);
  EXPECT_TRUE(other.get());
  EXPECT_FALSE(handover.come_back(absence));
}

TEST(HandoverTest, AStopEndsAWaitAndEveryLaterOne) {
  Handover handover(never);
  auto other = stands_by(handover);
  handover.stop();
  EXPECT_FALSE(other.get());
  EXPECT_FALSE(stand_by(handover));
}

TEST(HandoverTest, WhatIsDoneAtATakeoverIsDoneBeforeTheFormerOwnerStandsBy) {
  Handover handover(1ms);
  std::promise<void> taken, comes;
  std::atomic<bool> stands{false};
  auto other = std::async(std::launch::async, [&] {
    return handover.stand_by(nothing, [&] {
      taken.set_value();
      comes.get_future().wait();
      for (int turn = 0; turn < 1000; ++turn) std::this_thread::yield();  // time for the former owner to be early
      EXPECT_FALSE(stands);
    });
  });
  const auto absence = leave(handover);
  taken.get_future().wait();
  ASSERT_FALSE(handover.come_back(absence));
  auto former = std::async(std::launch::async, [&] {
    comes.set_value();
    return handover.stand_by([&] { stands = true; }, nothing);
  });
  EXPECT_TRUE(other.get());
  (void)leave(handover);
  EXPECT_TRUE(former.get());
  EXPECT_TRUE(stands);
}

/// Two threads, whoever owns writes without a lock: ThreadSanitizer looks on.
TEST(HandoverTest, ThereIsOneOwnerAtATimeHoweverLongAbsencesAre) {
  constexpr int returns = 3000;
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  constexpr auto away_max = 20us;
  Handover handover(away_max);
  std::atomic<int> owners{0};
  std::atomic<std::chrono::steady_clock::time_point> left{};
  int returned = 0, taken_over = 0;
  const auto spin = [](std::chrono::microseconds time) {
    for (const auto end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end;) continue;
  };
  const auto live = [&](bool owner, std::uint32_t own_seed) {
    std::mt19937 random(own_seed);
    for (;; owner = false) {
      if (!owner) {
        if (!stand_by(handover)) return;
        EXPECT_GE(std::chrono::steady_clock::now() - left.load(), away_max);
        ++taken_over;
      }
      EXPECT_EQ(owners.fetch_add(1), 0);
      for (;;) {
        owners.fetch_sub(1);
        const auto absence = [&] {
          for (;;) {
            left = std::chrono::steady_clock::now();
            if (const auto number = handover.leave(); number != Handover::none) return number;
            std::this_thread::yield();
          }
        }();
        spin(std::chrono::microseconds(random() % 8 == 0 ? 200 : 1));
        if (!handover.come_back(absence)) break;
        EXPECT_EQ(owners.fetch_add(1), 0);
        if (++returned == returns) return handover.stop();
      }
    }
  };
  std::thread first(live, true, seed), second(live, false, seed + 1);
  first.join();
  second.join();
  EXPECT_GT(taken_over, 0);
}

}  // namespace handover_test
}  // namespace skep
