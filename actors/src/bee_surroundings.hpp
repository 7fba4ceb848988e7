#pragma once
// What a bee hosted by an actor sees of the world: name, clock, random numbers, timers, log.

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <memory>
#include <string>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/bee_runner.hpp"
#include "skep/actors/edge_outputs.hpp"
#include "skep/actors/timers.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {

class BeeSurroundings final : public BeeHost {
 public:
  /// `clock` is that of the actor system: virtual in tests. It outlives this.
  BeeSurroundings(const BeeSettings& settings, caf::actor_clock& clock)
      : owner_{settings.name, settings.log, settings.dead_letters, settings.wall_clock},
        replica_(settings.replica),
        seed_(settings.seed),
        payload_types_(settings.payload_types),
        clock_(clock) {}

  std::string_view name() const override { return owner_.name; }
  std::uint32_t replica() const override { return replica_; }
  std::chrono::steady_clock::time_point now() const override { return clock_.now(); }
  EventTime wall_clock() const override { return owner_.wall_clock.at(clock_.now()); }
  std::mt19937_64& random() override {
    if (!random_) random_ = std::make_unique<std::mt19937_64>(seed_);  // 2.5 KB, which most bees do not need
    return *random_;
  }
  void log(LogLevel level, std::string_view text) override {
    if (owner_.log) owner_.log(level, owner_.name, text);
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
    if (owner_.dead_letters && (code == errc::bee_failed || code == errc::overloaded)) {
      const auto letter = owner_.dead_letters->add({.record = record,
                                                    .bee = owner_.name,
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
    if (!losses_ || losses_->unlogged == 0) return std::nullopt;
    return losses_->logged + between_losses;
  }
  void say_losses(Timers::Time time) {
    if (!losses_ || losses_->unlogged == 0) return;
    log(LogLevel::warning,
        counted(losses_->unlogged, "more record") + " failed or lost since, the last of them: " + losses_->last_reason);
    *losses_ = {time};
  }

  [[nodiscard]] const EdgeOwner& owner() const noexcept { return owner_; }
  [[nodiscard]] Timers& timers() noexcept { return timers_; }
  [[nodiscard]] const Timers& timers() const noexcept { return timers_; }

 private:
  static constexpr std::chrono::seconds between_losses{1};  ///< that are logged

  void log_loss(std::size_t records, std::string_view what, std::string_view outcome, std::string reason) {
    const auto time = now();
    if (losses_ && time - losses_->logged < between_losses) {
      losses_->unlogged += records;
      losses_->last_reason = std::move(reason);
      return;
    }
    if (!losses_) losses_ = std::make_unique<Losses>();
    auto text = counted(records, what) + " " + std::string(outcome) + ": " + reason;
    if (losses_->unlogged != 0)
      text += " (" + std::to_string(losses_->unlogged) + " more before it, perhaps for other reasons)";
    log(LogLevel::warning, text);
    *losses_ = {time};
  }

  /// What is known of losses.
  struct Losses {
    Timers::Time logged{};       ///< the last one that was
    std::uint64_t unlogged = 0;  ///< records since
    std::string last_reason{};   ///< of the last of those
  };

  const EdgeOwner owner_;
  const std::uint32_t replica_;
  const std::uint64_t seed_;
  std::shared_ptr<const PayloadTypes> payload_types_;
  caf::actor_clock& clock_;
  std::unique_ptr<std::mt19937_64> random_;
  Timers timers_;
  std::unique_ptr<Losses> losses_;  ///< from the first one on
};

}  // namespace skep
