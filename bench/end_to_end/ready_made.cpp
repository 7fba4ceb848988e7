// One ready-made bee, fed from inside the process, and a bee behind it: records per second that it takes.
//
// The source makes JSON records afresh, {"n": ..., "sensor": ..., "v": ...}, of 100 keys, their event times a
// millisecond apart, 256 at a time. For `skep.join` two in a row are parts of one. Windows are of one second. `--bee
// pass` measures the same with a bee that passes everything on.
//
// Usage: ready_made [--bee pass|skep.filter|skep.aggregate|skep.window|skep.dedup|...] [--records N]
//                   [--threads N]
// Prints {"records_per_s": ...}.

#include <caf/actor_system.hpp>

#include <cstdint>
#include <future>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "end_to_end/pipeline.hpp"
#include "skep/actors/bee_registry.hpp"
#include "skep/actors/ready_made.hpp"
#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"

namespace {

constexpr std::uint64_t per_batch = 256;

skep::OptionValue options_of(const std::string& bee) {
  const auto text = [](const char* value) { return skep::OptionValue{std::string(value), {}}; };
  const auto number = [](std::int64_t value) { return skep::OptionValue{value, {}}; };
  const std::map<std::string, std::vector<std::pair<const char*, skep::OptionValue>>> all{
      {"skep.aggregate", {{"field", text("$.v")}, {"window", text("1s")}}},
      {"skep.window", {{"field", text("$.v")}, {"window", text("1s")}}},
      {"skep.filter", {{"field", text("$.v")}}},
      {"skep.dedup", {{"by", text("$.n")}}},
      {"skep.throttle",
       {{"rate", number(1'000'000)}, {"burst", number(1'000'000)}, {"per_key", skep::OptionValue{true, {}}}}},
      {"skep.join", {{"parts", number(2)}}},
  };
  const auto found = all.find(bee);
  if (found == all.end()) bench::Arguments::fail("no bee '" + bee + "' is measured here");
  skep::OptionValue::Table table;
  for (const auto& [key, value] : found->second) table.push_back({key, {}, value});
  return {table, {}};
}

class PassOn final : public skep::Bee {
 public:
  void on_record(skep::Record record, skep::Outbox& out) override { out.emit(std::move(record)); }
};

skep::BeeFactory factory_of(const std::string& bee) {
  if (bee == "pass") return [] { return std::make_unique<PassOn>(); };
  skep::BeeRegistry bees;
  skep::add_ready_made_bees(bees);
  auto configured = bees.find(bee)->configure(options_of(bee), {});
  for (const auto& problem : configured.problems) bench::Arguments::fail(problem.message);
  return configured.factory;
}

/// Says when the bee within has taken so many records.
class Watched final : public skep::Bee {
 public:
  Watched(std::unique_ptr<skep::Bee> bee, std::uint64_t expected, std::promise<void>& done)
      : bee_(std::move(bee)), expected_(expected), done_(done) {}

  void on_start(skep::BeeContext& context) override { bee_->on_start(context); }
  void on_record(skep::Record record, skep::Outbox& out) override {
    bee_->on_record(std::move(record), out);
    if (++seen_ == expected_) done_.set_value();
  }
  void on_timer(skep::TimerId timer, skep::Outbox& out) override { bee_->on_timer(timer, out); }

 private:
  std::unique_ptr<skep::Bee> bee_;
  std::uint64_t expected_;
  std::promise<void>& done_;
  std::uint64_t seen_ = 0;
};

/// The end of the row.
class Sink final : public skep::Bee {
 public:
  void on_record(skep::Record, skep::Outbox&) override {}
};

skep::Record make_record(std::uint64_t number, std::uint64_t parts) {
  const auto key = "sensor" + std::to_string(number % 100);
  skep::RecordHeader header;
  header.root = {number / parts, 1};
  header.id = {number, 1};
  header.key = key;
  header.event_time = skep::EventTime(std::chrono::milliseconds(1'700'000'000'000 + number));
  const auto part = parts == 1 ? std::string("n") : std::string("n") + static_cast<char>('0' + number % parts);
  return {header, skep::Payload::json("{\"" + part + "\": " + std::to_string(number) + ", \"sensor\": \"attic\", " +
                                      "\"v\": 21.5}")};
}

double records_per_second(caf::actor_system& system, const std::string& bee, std::uint64_t records) {
  records -= records % per_batch;
  std::promise<void> done;
  std::vector<skep::BeeFactory> bees;
  bees.emplace_back([&, make = factory_of(bee)] { return std::make_unique<Watched>(make(), records, done); });
  bees.emplace_back([] { return std::make_unique<Sink>(); });
  const auto first = bench::start_pipeline(system, std::move(bees), {}, bench::Measure::yes, bench::Holds::yes);
  const auto start = bench::Clock::now();
  const auto make = [parts = bee == "skep.join" ? 2u : 1u](std::uint64_t number) { return make_record(number, parts); };
  const auto actor = system.spawn<bench::Source<decltype(make)>>(records, per_batch, make, first);
  done.get_future().wait();
  const double seconds = bench::seconds_since(start);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  return static_cast<double>(records) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  const auto bee = arguments.text("--bee", "pass");
  const auto records = arguments.number("--records", 1'000'000);
  (void)records_per_second(system, bee, records / 10);
  std::cout << "{\"records_per_s\": " << records_per_second(system, bee, records) << "}" << std::endl;
  std::_Exit(0);  // the bees, which nobody stops, need not be awaited
}
