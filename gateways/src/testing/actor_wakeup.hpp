#pragma once
// Wake-ups of an actor without a loop: by message to itself, on the actor system's clock.

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "net/wakeup.hpp"

namespace skep::testing {

/// To oneself: a wake-up's time, or its turn, has come. Taken by ActorWakeup::take.
struct Woken {
  WakeupPtr wakeup;
  std::optional<Wakeup::Time> when;
};

}  // namespace skep::testing

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Woken)

namespace skep::testing {

class ActorWakeup final : public Wakeup {
 public:
  ActorWakeup(caf::event_based_actor& self, std::function<void()> call) : Wakeup(std::move(call)), self_(self) {}

  [[nodiscard]] static MakeWakeup maker(caf::event_based_actor& self) {
    return [&self](std::function<void()> call) -> WakeupPtr { return new ActorWakeup(self, std::move(call)); };
  }
  static void take(const Woken& woken) {
    auto& wakeup = static_cast<ActorWakeup&>(*woken.wakeup);
    woken.when ? wakeup.came(*woken.when) : wakeup.came();
  }

 private:
  void arm(Time when) override {
    const auto delay = std::max(when - self_.clock().now(), Time::duration::zero());
    self_.delayed_send(&self_, delay, Woken{this, when});
  }
  void stop_timer() noexcept override {}  // `came` looks
  void post() override { self_.send(&self_, Woken{this, std::nullopt}); }

  caf::event_based_actor& self_;
};

}  // namespace skep::testing
