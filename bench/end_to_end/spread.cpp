// A bee that hands records on to several, fed from inside the process: records a second that arrive, of all of them.
//
// The source makes records of 100 bytes with keys, 256 at a time, as far as the bee gives credit. With `--edges` the
// bee has so many edges, each to a bee that counts, so that each record arrives so many times; with `--replicas` it has
// one edge with `route = "key"` to so many replicas, and who is to get how many is known before.
//
// Usage: spread [--edges N | --replicas N] [--keys N] [--records N] [--threads N]
// Prints {"records_per_s": ...}.

#include <caf/actor_system.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <future>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "end_to_end/pipeline.hpp"
#include "skep/actors/routing.hpp"
#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"

namespace {

constexpr std::uint64_t per_message = 256;
constexpr std::chrono::seconds time_max{60};

struct Settings {
  std::uint64_t edges, replicas, keys, records;

  [[nodiscard]] std::uint64_t receivers() const { return replicas == 0 ? edges : replicas; }
};

/// Of equal length, so that nothing but their number makes a difference. Neighbours differ.
class Key {
 public:
  Key(std::uint64_t number, std::uint64_t keys) {
    auto key = number * 2654435761u % keys;
    for (auto digit = text_.rbegin(); digit != text_.rend(); ++digit, key /= 10) {
      *digit = static_cast<char>('0' + key % 10);
    }
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 10> text_;
};

skep::Record make_record(std::uint64_t number, std::uint64_t keys) {
  static const std::string text(100, 'x');
  const Key key(number, keys);
  skep::RecordHeader header;
  header.root = header.id = {number + 1, 1};
  header.key = key.text();
  return {header, skep::Payload::raw(text)};
}

/// How many records each receiver is to get.
std::vector<std::uint64_t> shares_of(const Settings& settings) {
  if (settings.replicas == 0) return std::vector<std::uint64_t>(settings.edges, settings.records);
  std::vector<std::uint64_t> shares(settings.replicas);
  for (std::uint64_t number = 0; number < settings.records; ++number) {
    ++shares[skep::receiver_of_slot(skep::key_slot(Key(number, settings.keys).text()), settings.replicas)];
  }
  return shares;
}

/// A receiver. It says when it has its share, and ends the program with the first record more.
class Count final : public skep::Bee {
 public:
  Count(std::uint64_t expected, std::atomic<std::uint64_t>& left, std::promise<void>& done)
      : expected_(expected), left_(left), done_(done) {}

  void on_record(skep::Record record, skep::Outbox&) override {
    if (record.bytes()[0] != std::byte{'x'} || ++seen_ > expected_) std::abort();
    if (seen_ == expected_ && left_.fetch_sub(1) == 1) done_.set_value();
  }

 private:
  std::uint64_t expected_, seen_ = 0;
  std::atomic<std::uint64_t>& left_;
  std::promise<void>& done_;
};

caf::actor spawn(caf::actor_system& system, const std::string& name, skep::BeeFactory factory, std::size_t edges) {
  skep::BeeSettings settings;
  settings.name = name;
  settings.factory = std::move(factory);
  settings.meter = skep::make_meter<skep::BeeMeter>(edges);
  return skep::spawn_bee(system, std::move(settings));
}

std::vector<skep::EdgeRoute> edges_to(const std::vector<skep::Receiver>& receivers, const Settings& settings) {
  if (settings.replicas != 0) return {{"spread -> replicas", 0, {.route = skep::Route::key}, receivers}};
  std::vector<skep::EdgeRoute> edges;
  for (const auto& receiver : receivers) edges.push_back({"spread -> one", 0, {}, {receiver}});
  return edges;
}

skep::RoutingTable first_table(std::vector<skep::EdgeRoute> edges) {
  skep::RoutingTable table;
  table.generation = 1;
  table.edges = std::move(edges);
  return table;
}

double records_per_second(caf::actor_system& system, Settings settings) {
  settings.records = (settings.records / per_message + 1) * per_message;
  std::promise<void> done;
  std::atomic<std::uint64_t> left{0};
  std::vector<skep::Receiver> receivers;
  std::uint64_t expected = 0;
  for (const auto share : shares_of(settings)) {
    const auto make = [share, &left, &done] { return std::make_unique<Count>(share, left, done); };
    receivers.emplace_back(spawn(system, "receiver", make, 0));
    bench::start(system, receivers.back().actor, first_table({}));
    expected += share;
    if (share != 0) ++left;
  }
  auto edges = edges_to(receivers, settings);
  const auto spread = spawn(
      system, "spread", [] { return std::make_unique<bench::Forward>(); }, edges.size());
  bench::start(system, spread, first_table(std::move(edges)));
  const auto make = [keys = settings.keys](std::uint64_t number) { return make_record(number, keys); };
  const auto start = bench::Clock::now();
  const auto source = system.spawn<bench::Source<decltype(make)>>(settings.records, per_message, make, spread);
  if (done.get_future().wait_for(time_max) != std::future_status::ready) {
    bench::Arguments::fail("not every record arrived where it should");
  }
  const auto seconds = bench::seconds_since(start);
  caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
  return static_cast<double>(expected) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  const Settings settings{arguments.number("--edges", 1), arguments.number("--replicas", 0),
                          arguments.number("--keys", 100), arguments.number("--records", 2'000'000)};
  auto warm_up = settings;
  warm_up.records /= 10;
  (void)records_per_second(system, warm_up);
  std::cout << "{\"records_per_s\": " << records_per_second(system, settings) << "}" << std::endl;
  std::_Exit(0);  // the bees, which nobody stops, need not be awaited
}
