#include "baselines/raw_caf_ping.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>

#include "support/turns.hpp"

namespace {

struct Ping {
  std::uint64_t number = 0;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Ping)

namespace bench {
namespace {

caf::behavior pong(caf::event_based_actor*) {
  return {[](const Ping& ping) { return Ping{ping.number}; }};
}

struct PingerState {
  caf::actor peer;
  Turn turn;
  Clock::time_point sent;
};

caf::behavior pinger(caf::stateful_actor<PingerState>* self, Samples* round_trips) {
  self->state.peer = self->spawn(pong);
  const auto send_ping = [self](std::uint64_t number) {
    self->state.sent = Clock::now();
    self->send(self->state.peer, Ping{number});
  };
  return {
      [self, send_ping](const Turn& turn) {
        self->state.turn = turn;
        send_ping(1);
      },
      [self, round_trips, send_ping](const Ping& ping) {
        round_trips->add(Clock::now() - self->state.sent);
        if (ping.number < self->state.turn.rounds) return send_ping(ping.number + 1);
        self->state.turn.done->set_value();
      },
  };
}

}  // namespace

caf::actor spawn_raw_ping(caf::actor_system& system, Samples& round_trips) {
  return system.spawn(pinger, &round_trips);
}

}  // namespace bench
