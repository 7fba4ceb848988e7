#pragma once
// What a bee hosted by an actor sees of the world: name, clock, random numbers, timers, log.

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <memory>
#include <string>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/bee_runner.hpp"
#include "skep/actors/timers.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {

class BeeSurroundings final : public BeeHost {
 public:
  /// `clock` is that of the actor system: virtual in tests. It outlives this.
  BeeSurroundings(const BeeSettings& settings, caf::actor_clock& clock)
      : name_(settings.name),
        replica_(settings.replica),
        seed_(settings.seed),
        log_(settings.log),
        dead_letters_(settings.dead_letters),
        wall_clock_(settings.wall_clock),
        payload_types_(settings.payload_types),
        clock_(clock) {}

  std::string_view name() const override { return name_; }
  std::uint32_t replica() const override { return replica_; }
  std::chrono::steady_clock::time_point now() const override { return clock_.now(); }
  EventTime wall_clock() const override { return wall_clock_.at(clock_.now()); }
  std::mt19937_64& random() override {
    if (!random_) random_ = std::make_unique<std::mt19937_64>(seed_);  // 2.5 KB, which most bees do not need
    return *random_;
  }
  void log(LogLevel level, std::string_view text) override {
    if (log_) log_(level, name_, text);
  }
  TimerId start_timer(std::chrono::nanoseconds delay) override {
    return timers_.start(now() + std::max(delay, std::chrono::nanoseconds::zero()));
  }
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void cancel_timers() override { timers_.clear(); }
  const PayloadTypes* payload_types() const override { return payload_types_.get(); }

  /// What a throw cost goes to the dead letters. One line a second at most is logged; those that were not are counted
  /// in the next one, or when they are due.
  void on_loss(const Record& record, errc code, std::string_view reason) override {
    auto why = std::string(to_string(code)) + ": " + std::string(reason);
    if (dead_letters_ && (code == errc::bee_failed || code == errc::overloaded)) {
      const auto letter = dead_letters_->add({.record = record,
                                              .bee = name_,
                                              .replica = replica_,
                                              .code = code,
                                              .reason = std::string(reason),
                                              .at = wall_clock()});
      why += "; dead letter " + std::to_string(std::uint64_t(letter));
    }
    log_loss(1, "record", "failed", std::move(why));
  }
  void on_held_loss(std::size_t records, std::string_view reason) override {
    log_loss(records, "held record", "lost", std::string(reason));
  }

  /// When `say_losses` is to be called; nothing while all are logged.
  [[nodiscard]] std::optional<Timers::Time> losses_due() const {
    if (losses_unlogged_ == 0) return std::nullopt;
    return *last_loss_ + between_losses;
  }
  void say_losses(Timers::Time time) {
    if (losses_unlogged_ == 0) return;
    log(LogLevel::warning,
        counted(losses_unlogged_, "more record") + " failed or lost since, the last of them: " + last_reason_);
    last_loss_ = time;
    losses_unlogged_ = 0;
  }

  [[nodiscard]] Timers& timers() noexcept { return timers_; }
  [[nodiscard]] const Timers& timers() const noexcept { return timers_; }

 private:
  static constexpr std::chrono::seconds between_losses{1};  ///< that are logged

  void log_loss(std::size_t records, std::string_view what, std::string_view outcome, std::string reason) {
    const auto time = now();
    if (last_loss_ && time - *last_loss_ < between_losses) {
      losses_unlogged_ += records;
      last_reason_ = std::move(reason);
      return;
    }
    auto text = counted(records, what) + " " + std::string(outcome) + ": " + reason;
    if (losses_unlogged_ != 0)
      text += " (" + std::to_string(losses_unlogged_) + " more before it, perhaps for other reasons)";
    log(LogLevel::warning, text);
    last_loss_ = time;
    losses_unlogged_ = 0;
  }

  std::string name_;
  std::uint32_t replica_;
  std::uint64_t seed_;
  LogSink log_;
  std::shared_ptr<DeadLetters> dead_letters_;
  WallClock wall_clock_;
  std::shared_ptr<const PayloadTypes> payload_types_;
  caf::actor_clock& clock_;
  std::unique_ptr<std::mt19937_64> random_;
  Timers timers_;
  std::optional<Timers::Time> last_loss_;
  std::uint64_t losses_unlogged_ = 0;
  std::string last_reason_;  ///< of the last of those
};

}  // namespace skep
