// Three bees in a row, fed from inside the process: records per second, end to end.
//
// The source makes each record afresh, with a 100-byte payload, and sends 256 at a time as long as the first bee's
// window has room. The last bee counts. Compare with baselines/raw_caf_pipeline.
//
// Usage: in_process [--records N] [--per-batch N] [--bees N] [--threads N] [--metrics 0|1]
// Prints {"records_per_s": ...}.

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <future>
#include <iostream>
#include <string>
#include <vector>

#include "end_to_end/pipeline.hpp"
#include "skep/actors/limits.hpp"
#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"

namespace {

struct Settings {
  std::uint64_t records;
  std::uint64_t per_batch;
  std::uint64_t bees;
  bench::Measure measure;
};

/// The last bee of the row.
class Count final : public skep::Bee {
 public:
  Count(std::uint64_t expected, std::promise<void>& done) : expected_(expected), done_(done) {}

  void on_record(skep::Record record, skep::Outbox&) override {
    if (record.bytes()[0] != std::byte{'x'}) std::abort();
    if (++seen_ == expected_) done_.set_value();
  }

 private:
  std::uint64_t expected_;
  std::promise<void>& done_;
  std::uint64_t seen_ = 0;
};

struct SourceState {
  std::uint64_t made = 0;
  std::uint64_t in_flight = 0;
};

skep::Record make_record(std::uint64_t number) {
  static const std::string text(100, 'x');
  skep::RecordHeader header;
  header.root = header.id = {number, 1};
  return {header, skep::Payload::raw(text)};
}

void send_what_fits(caf::stateful_actor<SourceState>* self, const Settings& settings, const caf::actor& first) {
  auto& state = self->state;
  while (state.made < settings.records && state.in_flight + settings.per_batch <= skep::limits::edge_window) {
    skep::RecordBatch batch{1, 0, 0, {}};
    batch.records.reserve(settings.per_batch);
    while (batch.records.size() < settings.per_batch) batch.records.push_back(make_record(++state.made));
    batch.stamp = {bench::Clock::now(), std::chrono::nanoseconds{0}};  // as a gateway does
    state.in_flight += settings.per_batch;
    self->send(first, std::move(batch));
  }
}

caf::behavior source(caf::stateful_actor<SourceState>* self, const Settings* settings, caf::actor first) {
  send_what_fits(self, *settings, first);
  return {[self, settings, first](const skep::CreditGrant& grant) {
    self->state.in_flight -= grant.records;
    send_what_fits(self, *settings, first);
  }};
}

double records_per_second(caf::actor_system& system, Settings settings) {
  settings.records -= settings.records % settings.per_batch;
  std::promise<void> done;
  std::vector<skep::BeeFactory> bees(settings.bees - 1, [] { return std::make_unique<bench::Forward>(); });
  bees.emplace_back([&] { return std::make_unique<Count>(settings.records, done); });
  const auto first = bench::start_pipeline(system, std::move(bees), {}, settings.measure);
  const auto start = bench::Clock::now();
  const auto actor = system.spawn(source, &settings, first);
  done.get_future().wait();
  const double seconds = bench::seconds_since(start);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  return static_cast<double>(settings.records) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  const Settings settings{arguments.number("--records", 2'000'000), arguments.number("--per-batch", 256),
                          arguments.number("--bees", 3),
                          arguments.number("--metrics", 1) != 0 ? bench::Measure::yes : bench::Measure::no};
  auto warm_up = settings;
  warm_up.records /= 10;
  (void)records_per_second(system, warm_up);
  std::cout << "{\"records_per_s\": " << records_per_second(system, settings) << "}" << std::endl;
  std::_Exit(0);  // the bees, which nobody stops, need not be awaited
}
