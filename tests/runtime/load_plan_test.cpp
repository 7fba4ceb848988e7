#include "bench/load_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/number_text.hpp"
#include "skep/actors/option.hpp"

namespace skep::bench {
namespace load_plan_test {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string problem(const LoadPlanText& text) {
  const auto plan = read_load_plan(text, 1);
  return plan ? "" : plan.error().message;
}

TEST(LoadPlanTest, DefaultsAreAClosedLoopOfOneRequest) {
  const auto plan = read_load_plan({}, 42).value();
  EXPECT_EQ(plan.clients, 1u);
  EXPECT_EQ(plan.in_flight, 1u);
  EXPECT_EQ(plan.rate, std::nullopt);
  EXPECT_EQ(plan.seed, 42u);
  EXPECT_EQ(plan.duration, limits::bench_duration);
  EXPECT_EQ(plan.warm_up, limits::bench_warm_up);
  EXPECT_EQ(plan.request_time, limits::bench_request_time);
}

TEST(LoadPlanTest, ReadsAllThereIs) {
  const auto plan = read_load_plan({"4", "8", "12.5", "constant", "7", "0s", "250ms", "2s", "", false}, 1).value();
  EXPECT_EQ(plan.clients, 4u);
  EXPECT_EQ(plan.in_flight, 8u);
  EXPECT_EQ(plan.rate, 12.5);
  EXPECT_EQ(plan.arrivals, Arrivals::constant);
  EXPECT_EQ(plan.seed, 7u);
  EXPECT_EQ(plan.warm_up, 0s);
  EXPECT_EQ(plan.duration, 250ms);
  EXPECT_EQ(plan.request_time, 2s);
}

TEST(LoadPlanTest, WithARateThereIsRoomInFlight) {
  EXPECT_EQ(read_load_plan({.rate = "10"}, 1)->in_flight, limits::bench_in_flight);
  EXPECT_EQ(read_load_plan({.in_flight = "2", .rate = "10"}, 1)->in_flight, 2u);
}

TEST(LoadPlanTest, ASearchBeginsAtBenchRateUnlessToldOtherwise) {
  LoadPlanText text;
  text.ramp = true;
  text.p99 = "5ms";
  EXPECT_EQ(read_load_plan(text, 1)->rate, limits::bench_rate);
  EXPECT_EQ(read_load_plan(text, 1)->ramp_p99, 5ms);
  text.rate = "9";
  EXPECT_EQ(read_load_plan(text, 1)->rate, 9);
  text.p99.clear();
  EXPECT_THAT(problem(text), HasSubstr("--ramp needs --p99"));
  EXPECT_THAT(problem({.p99 = "5ms"}), HasSubstr("--p99 is for --ramp"));
}

TEST(LoadPlanTest, CountsHaveLimits) {
  const auto most = std::to_string(limits::bench_clients_max);
  EXPECT_EQ(problem({.clients = most}), "");
  for (const std::string bad : {"0", "-1", "1.5", "x", "10001", "99999999999"}) {
    EXPECT_EQ(problem({.clients = bad}), "--clients is not a whole number from 1 to " + most + ": '" + bad + "'");
  }
  EXPECT_EQ(problem({.in_flight = std::to_string(limits::bench_in_flight_max)}), "");
  EXPECT_THAT(problem({.in_flight = std::to_string(limits::bench_in_flight_max + 1)}), HasSubstr("--in-flight"));
}

TEST(LoadPlanTest, RatesHaveLimits) {
  EXPECT_EQ(problem({.rate = number_text(limits::bench_rate_min)}), "");
  EXPECT_EQ(problem({.rate = number_text(limits::bench_rate_max)}), "");
  for (const auto* bad : {"0", "-5", "nan", "inf", "10000001", "0.0009", "5/s", "1e400"}) {
    EXPECT_THAT(problem({.rate = bad}), HasSubstr("requests a second from 0.001 to 10000000")) << bad;
  }
}

TEST(LoadPlanTest, TimesHaveLimits) {
  const auto day = skep::to_string(std::chrono::nanoseconds(limits::bench_duration_max));
  EXPECT_EQ(problem({.warm_up = day, .duration = day}), "");
  for (const auto* bad : {"0s", "25h", "5", "-1s", "x"}) {
    EXPECT_THAT(problem({.duration = bad}), HasSubstr("--duration")) << bad;
  }
  EXPECT_THAT(problem({.warm_up = "25h"}), HasSubstr("--warm-up"));
  EXPECT_EQ(problem({.timeout = skep::to_string(std::chrono::nanoseconds(limits::bench_request_time_max))}), "");
  EXPECT_THAT(problem({.timeout = "61m"}), HasSubstr("--timeout"));
}

TEST(LoadPlanTest, ArrivalsAreForARate) {
  EXPECT_THAT(problem({.arrivals = "poisson"}), HasSubstr("--arrivals is for --rate"));
  EXPECT_THAT(problem({.rate = "1", .arrivals = "poison"}),
              HasSubstr("--arrivals is not poisson or constant: 'poison'"));
  EXPECT_THAT(problem({.seed = "-3"}), HasSubstr("--seed"));
}

TEST(NumberTextTest, HasThreeDigitsAndAUnit) {
  EXPECT_EQ(latency_text(1us), "1.00us");
  EXPECT_EQ(latency_text(213400ns), "213us");
  EXPECT_EQ(latency_text(999600ns), "1.00ms");
  EXPECT_EQ(latency_text(12345us), "12.3ms");
  EXPECT_EQ(latency_text(30s), "30.0s");
  EXPECT_EQ(latency_text(1h), "3600s");
  EXPECT_EQ(rate_text(12.34), "12.3");
  EXPECT_EQ(rate_text(12345.6), "12346");
}

}  // namespace load_plan_test
}  // namespace skep::bench
