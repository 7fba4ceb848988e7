#include "bench/load_driver.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "skep/serialization/counted.hpp"

namespace skep::bench {
namespace load_driver_test {

using namespace std::chrono_literals;
using Duration = LoadPlan::Duration;
using Time = LoadDriver::Time;

constexpr Time begin{};

LoadPlan closed(std::uint32_t clients = 1, std::uint32_t in_flight = 1) {
  return {.clients = clients, .in_flight = in_flight, .warm_up = 0s, .duration = 1s, .request_time = 10s};
}

LoadPlan open(double rate, std::uint32_t clients = 1, std::uint32_t in_flight = 1000) {
  auto plan = closed(clients, in_flight);
  plan.rate = rate;
  plan.arrivals = Arrivals::constant;
  return plan;
}

std::vector<LoadDriver::Send> send_all(LoadDriver& driver, Time now) {
  std::vector<LoadDriver::Send> sends;
  while (const auto send = driver.next(now)) sends.push_back(*send);
  return sends;
}

void connect_all(LoadDriver& driver, std::uint32_t clients) {
  for (std::uint32_t client = 0; client < clients; ++client) driver.connected(client, begin);
}

void answer(LoadDriver& driver, Time now, LoadDriver::Client client = 0, std::optional<LoadError> error = {}) {
  driver.answered(client, now, {10, std::move(error)});
}

std::uint64_t ended(const LoadFigures& figures) {
  return figures.answered + figures.failed() + figures.open;
}

/// Plays a target that answers each request after `service`, one at a time, and stands still in `pause`.
LoadFigures play(const LoadPlan& plan, Duration service, std::pair<Duration, Duration> pause = {}) {
  LoadDriver driver(plan, begin);
  connect_all(driver, plan.clients);
  std::deque<LoadDriver::Client> queue;
  Time now = begin, ready = begin;
  while (!driver.finished(now)) {
    for (const auto& send : send_all(driver, now)) {
      if (queue.empty()) ready = now + service;
      queue.push_back(send.client);
    }
    const bool paused = ready - begin >= pause.first && ready - begin < pause.second;
    if (paused) ready = begin + pause.second;
    const auto wakes = std::max(driver.wakes_at(), now + 1us);
    now = queue.empty() ? wakes : std::min(wakes, std::max(now, ready));
    if (!queue.empty() && now >= ready) {
      answer(driver, now, queue.front());
      queue.pop_front();
      ready = now + service;
    }
    driver.give_up(now);
  }
  return driver.figures();
}

TEST(LoadDriverTest, AClosedLoopKeepsSoManyInFlight) {
  LoadDriver driver(closed(2, 3), begin);
  EXPECT_TRUE(send_all(driver, begin).empty()) << "nobody is connected";
  connect_all(driver, 2);
  const auto sends = send_all(driver, begin);
  ASSERT_EQ(sends.size(), 6u);
  EXPECT_EQ(sends[0].client, 0u);
  EXPECT_EQ(sends[1].client, 1u) << "in turn";
  EXPECT_EQ(sends[5].number, 5u);
  answer(driver, begin + 1ms, 1);
  const auto more = send_all(driver, begin + 1ms);
  ASSERT_EQ(more.size(), 1u);
  EXPECT_EQ(more[0].client, 1u);
}

TEST(LoadDriverTest, AnAnswerToNothingIsTold) {
  LoadDriver driver(closed(), begin);
  connect_all(driver, 1);
  answer(driver, begin);
  EXPECT_EQ(driver.figures().unasked, 1u);
  EXPECT_EQ(driver.figures().answered, 0u);
}

TEST(LoadDriverTest, OnlyWhatIsDueAfterTheWarmUpCounts) {
  auto plan = closed();
  plan.warm_up = 100ms;
  const auto figures = play(plan, 10ms);
  EXPECT_EQ(figures.requests, 100u);
  EXPECT_EQ(figures.answered, 100u);
  EXPECT_NEAR(figures.rate_achieved(), 100, 1);
  EXPECT_EQ(figures.bytes_received, 1000u);
}

/// The point of an open loop: of a target that stands still for 300 ms, 300 requests tell.
TEST(LoadDriverTest, WhatDoesNotCountIsNotWaitedFor) {
  auto plan = closed(1, 2);
  plan.warm_up = 1s;
  LoadDriver driver(plan, begin);
  connect_all(driver, 1);
  EXPECT_EQ(send_all(driver, begin).size(), 2u);
  answer(driver, begin + 1500ms);
  EXPECT_EQ(send_all(driver, begin + 1500ms).size(), 1u);
  EXPECT_FALSE(driver.finished(begin + 2s)) << "one that counts is open";
  answer(driver, begin + 2s, 0);  // of the warm-up
  EXPECT_FALSE(driver.finished(begin + 2s));
  EXPECT_EQ(driver.figures().warm_up_unanswered, 0u);
  answer(driver, begin + 2s, 0);
  EXPECT_TRUE(driver.finished(begin + 2s));

  LoadDriver silent(plan, begin);
  connect_all(silent, 1);
  EXPECT_EQ(send_all(silent, begin).size(), 2u);
  EXPECT_FALSE(silent.finished(begin + 1999ms));
  EXPECT_TRUE(silent.finished(begin + 2s));
  EXPECT_EQ(silent.figures().requests, 0u);
  EXPECT_EQ(silent.figures().warm_up_unanswered, 2u);
}

TEST(LoadDriverTest, APauseIsSeenByAllThatWereDueInIt) {
  const auto figures = play(open(1000), 100us, {400ms, 700ms});
  EXPECT_EQ(figures.requests, 1000u);
  EXPECT_EQ(figures.answered, 1000u);
  EXPECT_GT(*figures.latency.quantile(0.9), 200ms);
  EXPECT_GT(*figures.latency.quantile(0.8), 90ms);
  EXPECT_LT(*figures.latency.quantile(0.5), 1ms);
  const auto blind = play(closed(), 100us, {400ms, 700ms});
  EXPECT_LT(*blind.latency.quantile(0.999), 1ms) << "a closed loop sees it once";
}

TEST(LoadDriverTest, AnOpenLoopWithoutRoomStillCountsFromWhenARequestIsDue) {
  const auto figures = play(open(1000, 1, 1), 100us, {400ms, 700ms});
  EXPECT_EQ(figures.answered, 1000u);
  EXPECT_GT(*figures.latency.quantile(0.9), 200ms);
  EXPECT_GT(figures.without_room, 290u);
  EXPECT_EQ(figures.late, 0u) << "not the fault of who sends";
}

TEST(LoadDriverTest, WhatIsSlowerThanTheRateIsAnsweredInItsOwnTime) {
  const auto figures = play(open(1000), 2ms);
  EXPECT_EQ(figures.answered, 1000u);
  EXPECT_NEAR(figures.rate_offered(), 1000, 1);
  EXPECT_NEAR(figures.rate_achieved(), 500, 2);
}

TEST(LoadDriverTest, WhoSendsLateIsTold) {
  LoadDriver driver(open(1000), begin);
  connect_all(driver, 1);
  const auto now = begin + limits::bench_late_max + 10ms;
  EXPECT_EQ(send_all(driver, now).size(), 16u);
  EXPECT_EQ(driver.figures().late, 10u);
  EXPECT_EQ(driver.figures().late_by, 15ms);
  EXPECT_EQ(driver.figures().without_room, 0u);
}

TEST(LoadDriverTest, WhatTakesTooLongIsGivenUpAndItsAnswerIsNoOthers) {
  auto plan = closed();
  plan.request_time = 100ms;
  LoadDriver driver(plan, begin);
  connect_all(driver, 1);
  EXPECT_EQ(send_all(driver, begin).size(), 1u);
  driver.give_up(begin + 50ms);
  EXPECT_EQ(driver.figures().timeouts, 0u);
  driver.give_up(begin + 120ms);
  EXPECT_EQ(driver.figures().timeouts, 1u);
  EXPECT_EQ(send_all(driver, begin + 120ms).size(), 1u) << "there is room again";
  answer(driver, begin + 130ms);
  EXPECT_EQ(driver.figures().answered, 0u) << "of the one that was given up";
  answer(driver, begin + 150ms);
  EXPECT_EQ(driver.figures().answered, 1u);
  EXPECT_EQ(driver.figures().latency.max(), 30ms);
}

TEST(LoadDriverTest, ATargetThatAnswersNothingEndsItAllTheSame) {
  auto plan = open(100, 1, 5);
  plan.request_time = 200ms;
  const auto figures = play(plan, 100h);
  EXPECT_EQ(figures.requests, 100u);
  EXPECT_EQ(figures.timeouts, 100u);
  EXPECT_EQ(figures.answered, 0u);
}

TEST(LoadDriverTest, WithoutAnyConnectionWhatIsDueIsGivenUpUnsent) {
  auto plan = open(100);
  plan.clients = 0;
  plan.request_time = 200ms;
  const auto figures = play(plan, 1ms);
  EXPECT_EQ(figures.requests, 100u);
  EXPECT_EQ(figures.sent, 0u);
  EXPECT_EQ(figures.timeouts, 100u);
  EXPECT_EQ(figures.without_room, 100u);
}

TEST(LoadDriverTest, AClientIsNotOwedMoreThanBenchInFlightMax) {
  auto plan = closed(1, limits::bench_in_flight_max);
  plan.duration = 1h;
  plan.request_time = 1ms;
  LoadDriver driver(plan, begin);
  connect_all(driver, 1);
  EXPECT_EQ(send_all(driver, begin).size(), limits::bench_in_flight_max);
  driver.give_up(begin + 10ms);
  EXPECT_EQ(driver.figures().timeouts, limits::bench_in_flight_max);
  EXPECT_TRUE(send_all(driver, begin + 10ms).empty()) << "given up, and still owed";
  answer(driver, begin + 10ms);
  EXPECT_EQ(send_all(driver, begin + 10ms).size(), 1u);
}

TEST(LoadDriverTest, AClientWithMuchToWriteIsLeftOut) {
  LoadDriver driver(closed(2, 3), begin);
  connect_all(driver, 2);
  driver.full(0, true, begin);
  for (const auto& send : send_all(driver, begin)) EXPECT_EQ(send.client, 1u);
  driver.full(0, false, begin);
  EXPECT_EQ(send_all(driver, begin).size(), 3u);
}

TEST(LoadDriverTest, ALostConnectionLosesWhatWasOpenThere) {
  LoadDriver driver(closed(2, 3), begin);
  connect_all(driver, 2);
  EXPECT_EQ(send_all(driver, begin).size(), 6u);
  driver.lost(1, begin + 1ms, "gone");
  driver.lost(1, begin + 1ms, "refused");
  driver.lost(1, begin + 1ms, "another");
  EXPECT_EQ(driver.figures().lost, 3u);
  EXPECT_EQ(driver.figures().connections_lost, 1u);
  EXPECT_EQ(driver.figures().lost_why, "gone");
  EXPECT_EQ(driver.figures().connects_failed, 2u) << "it was not there to be lost";
  EXPECT_EQ(driver.figures().connect_why, "refused");
  EXPECT_TRUE(send_all(driver, begin + 1ms).empty());
  driver.connected(1, begin + 2ms);
  EXPECT_EQ(send_all(driver, begin + 2ms).size(), 3u);
}

TEST(LoadDriverTest, ErrorAnswersAreCountedByTheirCodesAndHaveNoLatency) {
  LoadDriver driver(closed(1, 2), begin);
  connect_all(driver, 1);
  EXPECT_EQ(send_all(driver, begin).size(), 2u);
  answer(driver, begin + 1ms, 0, LoadError{"overloaded", "full"});
  answer(driver, begin + 1ms, 0, LoadError{"rejected", "no"});
  EXPECT_EQ(driver.figures().errors, (std::map<std::string, std::uint64_t>{{"overloaded", 1}, {"rejected", 1}}));
  EXPECT_EQ(driver.figures().first_error.code, "overloaded");
  EXPECT_EQ(driver.figures().first_error.message, "full");
  EXPECT_EQ(driver.figures().latency.count(), 0u);
}

TEST(LoadDriverTest, StoppedEarlyItSaysWhatWasOpen) {
  LoadDriver driver(open(100, 1, 2), begin);
  connect_all(driver, 1);
  EXPECT_EQ(send_all(driver, begin + 95ms).size(), 2u);
  driver.stop(begin + 95ms);
  driver.stop(begin + 99ms);
  EXPECT_TRUE(driver.finished(begin + 95ms));
  EXPECT_EQ(driver.figures().requests, 10u);
  EXPECT_EQ(driver.figures().sent, 2u);
  EXPECT_EQ(driver.figures().open, 10u);
  EXPECT_EQ(driver.figures().duration, 95ms);
  EXPECT_TRUE(send_all(driver, begin + 200ms).empty());
}

TEST(LoadDriverTest, StoppedInTheWarmUpNothingIsMeasured) {
  auto plan = closed();
  plan.warm_up = 1s;
  LoadDriver driver(plan, begin);
  connect_all(driver, 1);
  EXPECT_EQ(send_all(driver, begin).size(), 1u);
  driver.stop(begin + 10ms);
  EXPECT_EQ(driver.figures().requests, 0u);
  EXPECT_EQ(driver.figures().duration, 0s);
  EXPECT_EQ(driver.figures().rate_offered(), 0);
}

/// Whatever a target does, every request that was due comes to one end.
TEST(LoadDriverTest, TheNumbersAddUp) {
  EXPECT_TRUE(rc::check([] {
    auto plan = *rc::gen::arbitrary<bool>() ? closed() : open(500);
    plan.clients = *rc::gen::inRange(1u, 4u);
    plan.in_flight = *rc::gen::inRange(1u, 5u);
    plan.request_time = *rc::gen::element<Duration>(5ms, 50ms, 1s);
    plan.arrivals = *rc::gen::element(Arrivals::constant, Arrivals::poisson);
    plan.duration = 200ms;
    LoadDriver driver(plan, begin);
    connect_all(driver, plan.clients);
    Time now = begin;
    std::vector<std::uint64_t> owed(plan.clients);
    std::uint64_t unasked = 0;
    const int stop_after = *rc::gen::inRange(50, 400);
    for (int step = 0; !driver.finished(now); ++step) {
      for (const auto& send : send_all(driver, now)) ++owed[send.client];
      const auto client = *rc::gen::inRange(0u, plan.clients);
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
          driver.lost(client, now, "gone");
          owed[client] = 0;
          break;
        case 1:
          driver.connected(client, now);
          break;
        case 2:
        case 3:
          answer(driver, now, client, *rc::gen::element<std::optional<LoadError>>(std::nullopt, LoadError{"bad", ""}));
          RC_ASSERT(driver.figures().unasked == (unasked += owed[client] == 0 ? 1 : 0));
          if (owed[client] > 0) --owed[client];
          break;
        default:
          now += *rc::gen::element<Duration>(100us, 2ms, 10ms);
          driver.give_up(now);
      }
      if (step == stop_after) driver.stop(now);
    }
    const auto& figures = driver.figures();
    RC_ASSERT(ended(figures) == figures.requests);
    RC_ASSERT(figures.sent <= figures.requests);
    RC_ASSERT(figures.latency.count() == figures.answered);
  }));
}

TEST(LoadFiguresTest, CodesPastBenchErrorCodesMaxAreOne) {
  LoadFigures figures;
  for (std::size_t i = 0; i < 2 * limits::bench_error_codes_max; ++i)
    figures.add_error({"code" + std::to_string(i), ""});
  EXPECT_EQ(figures.errors.size(), limits::bench_error_codes_max);
  EXPECT_EQ(figures.errors.at("other"), limits::bench_error_codes_max + 1);
  EXPECT_EQ(figures.error_answers(), 2 * limits::bench_error_codes_max);
}

TEST(LoadFiguresTest, HoldsWhatIsFastCompleteAndAsMuchAsAskedFor) {
  LoadFigures figures;
  figures.requests = figures.answered = 1000;
  figures.duration = figures.elapsed = 1s;
  figures.latency.add(1ms, 1000);
  EXPECT_TRUE(holds(figures, 2ms));
  EXPECT_FALSE(holds(figures, 500us));
  auto failing = figures;
  failing.requests += 20;
  failing.timeouts = 20;
  EXPECT_FALSE(holds(failing, 2ms)) << "one in fifty has no answer: the p99 is unending";
  auto behind = figures;
  behind.elapsed = 2s;
  EXPECT_FALSE(holds(behind, 2ms)) << "it took twice as long";
  EXPECT_FALSE(holds(LoadFigures(), 2ms));
  LoadFigures steady;
  steady.requests = steady.answered = 1000;
  steady.duration = 1s, steady.elapsed = 1500ms;
  steady.latency.add(500ms, 1000);
  EXPECT_TRUE(holds(steady, 1s)) << "all take half a second: the last one, too";
}

}  // namespace load_driver_test
}  // namespace skep::bench
