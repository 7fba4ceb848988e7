// The round trip of one record through a row of bees that has nothing else to do. The difference between three bees
// and two is what one more hop costs. Compare with baselines/raw_caf_ping.
//
// Usage: hop [--bees N] [--rounds N] [--threads N]
// Prints {"p50_us": ..., "p99_us": ...}.

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <future>
#include <iostream>
#include <string>
#include <vector>

#include "end_to_end/pipeline.hpp"
#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"

namespace {

/// The last bee of the row.
class Reply final : public skep::Bee {
 public:
  void on_record(skep::Record record, skep::Outbox& out) override { out.reply(std::move(record)); }
};

struct ClientState {
  caf::actor first;
  std::uint64_t rounds = 0;
  bench::Clock::time_point sent;
};

void send_record(caf::stateful_actor<ClientState>* self) {
  static const std::string text(100, 'x');
  skep::RecordHeader header;
  header.root = header.id = {++self->state.rounds, 1};
  header.origin = {1, 1, 1, 1, self->state.rounds};
  skep::RecordBatch batch;
  batch.packet.records.emplace_back(header, skep::Payload::raw(text));
  self->state.sent = bench::Clock::now();
  self->send(self->state.first, std::move(batch));
}

/// Takes `caf::actor`, the first bee, to begin; then one record at a time, `rounds` times.
caf::behavior client(caf::stateful_actor<ClientState>* self, std::uint64_t rounds, bench::Samples* round_trips,
                     std::promise<void>* done) {
  return {
      [self](const caf::actor& first) {
        self->state.first = first;
        send_record(self);
      },
      [self, rounds, round_trips, done](const skep::ReplyBatch& message) {
        const auto& answers = message.batch.packet;
        round_trips->add(bench::Clock::now() - self->state.sent);
        if (answers.records.size() != 1 || answers.records[0].origin().request != self->state.rounds) std::abort();
        if (self->state.rounds < rounds) return send_record(self);
        done->set_value();
      },
  };
}

void run(caf::actor_system& system, std::uint64_t bees, std::uint64_t rounds, bench::Samples& round_trips) {
  std::promise<void> done;
  round_trips.clear();
  round_trips.reserve(rounds);
  const auto actor = system.spawn(client, rounds, &round_trips, &done);
  std::vector<skep::BeeFactory> factories(bees - 1, [] { return std::make_unique<bench::Forward>(); });
  factories.emplace_back([] { return std::make_unique<Reply>(); });
  caf::anon_send(actor, bench::start_pipeline(system, std::move(factories), actor));
  done.get_future().wait();
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  const auto rounds = arguments.number("--rounds", 50'000), bees = arguments.number("--bees", 3);
  bench::Samples round_trips;
  run(system, bees, rounds / 10 + 1, round_trips);
  run(system, bees, rounds, round_trips);
  std::cout << "{\"p50_us\": " << round_trips.percentile(0.5) << ", \"p99_us\": " << round_trips.percentile(0.99) << "}"
            << std::endl;
  std::_Exit(0);  // the bees, which nobody stops, need not be awaited
}
