// Two CAF actors and one small message that goes to and fro: what one more hop through a bee is held against.
//
// Usage: raw_caf_ping [--rounds N] [--threads N]
// Prints {"p50_us": ..., "p99_us": ...} of the round trip.

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <future>
#include <iostream>

#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"

namespace {

struct Ping {
  std::uint64_t number = 0;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Ping)

namespace {

caf::behavior pong(caf::event_based_actor*) {
  return {[](const Ping& ping) { return Ping{ping.number}; }};
}

struct PingerState {
  caf::actor peer;
  bench::Clock::time_point sent;
};

caf::behavior pinger(caf::stateful_actor<PingerState>* self, std::uint64_t rounds, bench::Samples* round_trips,
                     std::promise<void>* done) {
  self->state.peer = self->spawn(pong);
  const auto send_ping = [self](std::uint64_t number) {
    self->state.sent = bench::Clock::now();
    self->send(self->state.peer, Ping{number});
  };
  send_ping(1);
  return {[self, rounds, round_trips, done, send_ping](const Ping& ping) {
    round_trips->add(bench::Clock::now() - self->state.sent);
    if (ping.number < rounds) return send_ping(ping.number + 1);
    done->set_value();
    self->quit();
  }};
}

void run(caf::actor_system& system, std::uint64_t rounds, bench::Samples& round_trips) {
  std::promise<void> done;
  round_trips.clear();
  round_trips.reserve(rounds);
  system.spawn(pinger, rounds, &round_trips, &done);
  done.get_future().wait();
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  const auto rounds = arguments.number("--rounds", 50'000);
  bench::Samples round_trips;
  run(system, rounds / 10 + 1, round_trips);
  run(system, rounds, round_trips);
  std::cout << "{\"p50_us\": " << round_trips.percentile(0.5) << ", \"p99_us\": " << round_trips.percentile(0.99) << "}"
            << std::endl;
  std::_Exit(0);  // the last actor, which nobody stops, need not be awaited
}
