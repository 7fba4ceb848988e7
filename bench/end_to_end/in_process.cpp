// Three bees in a row, fed from inside the process: records per second, end to end.
//
// The source makes each record afresh, with a 100-byte payload, 256 at a time, and sends them over an edge as a bee
// does: as far as the first bee gives credit. The last bee counts. Compare with baselines/raw_caf_pipeline.
//
// Usage: in_process [--records N] [--per-batch N] [--bees N] [--threads N] [--metrics 0|1] [--stealing 0|1]
// Prints {"records_per_s": ...}.

#include <caf/actor_system.hpp>

#include <cstdint>
#include <future>
#include <iostream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "end_to_end/pipeline.hpp"
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

skep::Record make_record(std::uint64_t number) {
  static const std::string text(100, 'x');
  skep::RecordHeader header;
  header.root = {number, 1};
  header.id = {number, 1};
  return {header, skep::Payload::raw(text)};
}

double records_per_second(caf::actor_system& system, Settings settings) {
  settings.records -= settings.records % settings.per_batch;
  std::promise<void> done;
  std::vector<skep::BeeFactory> bees(settings.bees - 1, [] { return std::make_unique<bench::Forward>(); });
  bees.emplace_back([&] { return std::make_unique<Count>(settings.records, done); });
  const auto first = bench::start_pipeline(system, std::move(bees), {}, settings.measure);
  const auto start = bench::Clock::now();
  const auto make = [](std::uint64_t number) { return make_record(number + 1); };
  const auto actor = system.spawn<bench::Source<decltype(make)>>(settings.records, settings.per_batch, make, first);
  done.get_future().wait();
  const double seconds = bench::seconds_since(start);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  return static_cast<double>(settings.records) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2),
                   arguments.number("--stealing", 0) != 0 ? bench::Policy::stealing : bench::Policy::sharing);
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
