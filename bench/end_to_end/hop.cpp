// The round trip of one record through two bees that have nothing else to do, through three, and of one message
// between two CAF actors. What three bees take more than two is what one more hop costs. The three take turns in one
// process, for a few milliseconds each: the machine has faster and slower moments.
//
// Usage: hop [--turns N] [--rounds N] [--threads N]
// Prints {"two_bees_us": ..., "three_bees_us": ..., "hop_us": ..., "ping_us": ...}, medians over all round trips.

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "baselines/raw_caf_ping.hpp"
#include "end_to_end/pipeline.hpp"
#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"
#include "support/turns.hpp"

namespace {

/// The last bee of the row.
class Reply final : public skep::Bee {
 public:
  void on_record(skep::Record record, skep::Outbox& out) override { out.reply(std::move(record)); }
};

struct ClientState {
  caf::actor first;
  bench::Turn turn;
  std::uint64_t request = 0, left = 0;
  bench::Clock::time_point sent;
};

void send_record(caf::stateful_actor<ClientState>* self) {
  static const std::string text(100, 'x');
  skep::RecordHeader header;
  header.root = header.id = {++self->state.request, 1};
  header.origin = {1, 1, 1, 1, self->state.request};
  skep::RecordBatch batch;
  batch.packet.records.emplace_back(header, skep::Payload::raw(text));
  self->state.sent = bench::Clock::now();
  self->send(self->state.first, std::move(batch));
}

/// Takes `caf::actor`, the first bee, to begin; then turns.
caf::behavior client(caf::stateful_actor<ClientState>* self, bench::Samples* round_trips) {
  return {
      [self](const caf::actor& first) { self->state.first = first; },
      [self](const bench::Turn& turn) {
        self->state.turn = turn;
        self->state.left = turn.rounds;
        send_record(self);
      },
      [self, round_trips](const skep::ReplyBatch& message) {
        auto& state = self->state;
        const auto& answers = message.batch.packet;
        round_trips->add(bench::Clock::now() - state.sent);
        if (answers.records.size() != 1 || answers.records[0].origin().request != state.request) std::abort();
        if (--state.left != 0) return send_record(self);
        state.turn.done->set_value();
      },
  };
}

caf::actor spawn_row(caf::actor_system& system, std::size_t bees, bench::Samples& round_trips) {
  const auto actor = system.spawn(client, &round_trips);
  std::vector<skep::BeeFactory> factories(bees - 1, [] { return std::make_unique<bench::Forward>(); });
  factories.emplace_back([] { return std::make_unique<Reply>(); });
  caf::anon_send(actor, bench::start_pipeline(system, std::move(factories), actor));
  return actor;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  const auto turns = arguments.number("--turns", 100), rounds = arguments.number("--rounds", 500);
  std::array<bench::Samples, 3> samples;
  const std::array actors{spawn_row(system, 2, samples[0]), spawn_row(system, 3, samples[1]),
                          bench::spawn_raw_ping(system, samples[2])};
  const auto play = [&](std::uint64_t count) {
    for (auto& each : samples) {
      each.clear();
      each.reserve(count * rounds);
    }
    for (std::uint64_t turn = 0; turn < count; ++turn) {
      for (const auto& actor : actors) bench::take_turn(actor, rounds);
    }
  };
  play(turns / 10 + 1);
  play(turns);
  const auto two = samples[0].percentile(0.5), three = samples[1].percentile(0.5), ping = samples[2].percentile(0.5);
  std::cout << "{\"two_bees_us\": " << two << ", \"three_bees_us\": " << three << ", \"hop_us\": " << three - two
            << ", \"ping_us\": " << ping << "}" << std::endl;
  std::_Exit(0);  // the bees, which nobody stops, need not be awaited
}
