#include "certificate_watch.hpp"

#include <gtest/gtest.h>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace certificate_watch_test {

using namespace std::chrono_literals;

/// Comes when the test says so.
class ScriptedWakeup final : public Wakeup {
 public:
  using Wakeup::came;
  using Wakeup::Wakeup;

  std::optional<Time> armed;

 private:
  void arm(Time when) override { armed = when; }
  void stop_timer() noexcept override { armed.reset(); }
  void post() override {}
};

/// Two clocks, of which that of the day can be set.
class CertificateWatchTest : public ::testing::Test {
 protected:
  /// Goes on to the wake-up that was asked for, and returns how long that was.
  std::chrono::nanoseconds wake() {
    const auto when = wakeup_->armed.value();
    const auto slept = when - steady_;
    pass(slept);
    wakeup_->armed.reset();
    wakeup_->came(when);
    return slept;
  }
  void pass(std::chrono::nanoseconds time) {
    steady_ += time;
    wall_ += std::chrono::floor<std::chrono::seconds>(time);
  }
  [[nodiscard]] CertificateWatch watch() {
    return {[this](std::function<void()> call) -> WakeupPtr { return wakeup_ = new ScriptedWakeup(std::move(call)); },
            {[this] { return wall_; }, [this] { return steady_; }},
            [this] { ++told_; }};
  }

  boost::intrusive_ptr<ScriptedWakeup> wakeup_;
  CertificateTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};
  Wakeup::Time steady_{1000s};
  int told_ = 0;
};

TEST_F(CertificateWatchTest, TellsAtTheTimeAndOnceADayFromThenOn) {
  auto watch = this->watch();
  const auto end = wall_ + limits::certificate_warn_time + 60h;
  watch.use(end);
  for (const auto expected : {24h, 24h, 12h}) {
    EXPECT_EQ(told_, 0);
    EXPECT_EQ(wake(), expected);
  }
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(end - wall_, limits::certificate_warn_time);
  for (int day = 2; day <= 20; ++day) {  // past its end, too
    EXPECT_EQ(wake(), limits::certificate_warn_interval);
    EXPECT_EQ(told_, day);
  }
}

TEST_F(CertificateWatchTest, WhatWasToldWhenItCameIntoUseIsToldADayLater) {
  auto watch = this->watch();
  watch.use(wall_ + 10h);
  EXPECT_EQ(told_, 0);
  EXPECT_EQ(wake(), limits::certificate_warn_interval);
  EXPECT_EQ(told_, 1);
}

TEST_F(CertificateWatchTest, AnotherCertificateBeginsAnew) {
  auto watch = this->watch();
  watch.use(wall_ + 10h);
  watch.use(wall_ + limits::certificate_warn_time + 6h);
  EXPECT_EQ(wake(), 6h);
  EXPECT_EQ(told_, 1);
  watch.use(wall_ + 90 * 24h);
  for (int day = 0; day < 90 - 14; ++day) {
    EXPECT_EQ(told_, 1) << day;
    EXPECT_EQ(wake(), 24h);
  }
  EXPECT_EQ(told_, 2);
}

TEST_F(CertificateWatchTest, GoesByTheTimeOfDay) {
  auto watch = this->watch();
  watch.use(wall_ + limits::certificate_warn_time + 90 * 24h);
  wall_ += 90 * 24h;  // the machine slept
  EXPECT_EQ(wake(), 24h);
  EXPECT_EQ(told_, 1);
  wall_ -= 48h;  // somebody has set its clock
  EXPECT_EQ(wake(), 24h);
  EXPECT_EQ(told_, 1);
}

TEST(NextWarningTest, IsWhenItsTimeBeginsOrADayOn) {
  const CertificateTime now(1'800'000'000s);
  EXPECT_EQ(next_warning(now + limits::certificate_warn_time + 1s, now), now + 1s);
  EXPECT_EQ(next_warning(now + limits::certificate_warn_time, now), now + 24h);
  EXPECT_EQ(next_warning(now - 1s, now), now + 24h);
}

}  // namespace certificate_watch_test
}  // namespace skep
