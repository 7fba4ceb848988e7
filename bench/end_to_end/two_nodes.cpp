// Two nodes of Skep: an actor that sends over an edge on one, a bee on the other, and the link between them, as nodes
// have it. What goes over it is what bees send: batches with credit and acknowledgements, answers to a gateway.
//
// The source makes each record anew and sends as far as the bee gives credit; the bee looks at every one. Compare with
// baselines/caf_tls.
//
// Usage: two_nodes --work batched|single|round-trip|bulk --certificates DIR [--milliseconds N]
//                  [--warm-up-milliseconds N] [--threads N]
// Prints as bench/two_nodes.py has it.

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <future>
#include <numeric>
#include <optional>
#include <vector>

#include "cluster/cluster_node.hpp"
#include "end_to_end/pipeline.hpp"
#include "link/link_host.hpp"
#include "process_memory.hpp"
#include "skep/runtime/limits.hpp"
#include "support/caf_config.hpp"
#include "support/two_nodes.hpp"

namespace {

using bench::Work;
using skep::BeeAddress;
using skep::NodeNumber;

// The swarm: a source, or a gateway, on node 1, which dials; a bee on node 2.
constexpr NodeNumber sender_node = 1, receiver_node = 2;
constexpr std::uint32_t bee_part = 0, source_part = 1;
constexpr std::uint32_t gateway = 0;

struct Settings : bench::TwoNodes {
  explicit Settings(bench::Arguments& arguments) : TwoNodes(arguments), threads(arguments.number("--threads", 2)) {}

  [[nodiscard]] std::size_t payload_bytes() const {
    return work == Work::bulk ? bench::bulk_bytes : bench::record_bytes;
  }
  [[nodiscard]] std::size_t records_a_message() const { return work == Work::batched ? bench::batch_records : 1; }

  std::uint64_t threads;
};

/// One process: its end of the link, and the one actor that is known on it.
class Node final : public skep::LinkUser {
 public:
  Node(const Settings& settings, const std::string& name, NodeNumber number) {
    skep::detail::keep_freed_memory(skep::limits::heap_free_max);  // as every node does
    bench::configure(config_, settings.threads);
    system_.emplace(config_);
    skep::ClusterConfig files;
    files.authorities = settings.file("ca.pem");
    files.certificate = settings.file(name + ".pem");
    files.key = settings.file(name + ".key");
    const auto tls = skep::read_tls(files, skep::certificate_now());
    if (!tls) bench::Arguments::fail(tls.error().message);
    settings_.tls = *tls;
    settings_.hello.number = number;
    settings_.hello.incarnation = number;
    settings_.hello.cluster = "bench";
    settings_.hello.node = name;
    settings_.hello.swarms = {{"bench", {}}};
    settings_.listen = {"127.0.0.1", 0};
    settings_.log = [number](skep::LogLevel level, std::string_view, std::string_view text) {
      if (number == sender_node && level >= skep::LogLevel::warning) std::cerr << text << std::endl;
    };
  }

  ~Node() {
    if (host_) host_->stop();
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// `local` is this node's part. Returns the port where it listens.
  std::uint16_t start(skep::LinkPeer peer, std::uint32_t part, caf::actor local) {
    part_ = part;
    local_ = std::move(local);
    settings_.peers = {std::move(peer)};
    host_.emplace(*system_, std::move(settings_), static_cast<skep::LinkUser&>(*this));
    if (const auto started = host_->start(); !started) bench::Arguments::fail(started.error().message);
    const auto& address = host_->address();
    return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  }
  /// The other node's part, once the link is up.
  [[nodiscard]] caf::actor other(std::uint32_t part) {
    return up_.get_future().get()->get({.swarm = 0, .part = part, .replica = 0, .epoch = {}});
  }
  [[nodiscard]] caf::actor_system& system() { return *system_; }

  void link_up(NodeNumber, skep::RemoteActors& actors) override { up_.set_value(&actors); }
  void link_down(NodeNumber node, const std::string& why) override {
    if (node == receiver_node) bench::Arguments::fail("the link is down: " + why);
  }
  void heard(NodeNumber, skep::LinkHeartbeat) override {}
  void heard(NodeNumber, skep::PlacementNotice) override {}
  void heard(NodeNumber, skep::PresenceNotice) override {}
  skep::LinkHeartbeat heartbeat() override { return {}; }
  caf::actor local(const BeeAddress& address) override { return address.part == part_ ? local_ : nullptr; }

 private:
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  skep::LinkHost::Settings settings_;
  std::optional<skep::LinkHost> host_;
  std::uint32_t part_ = 0;
  caf::actor local_;
  std::promise<skep::RemoteActors*> up_;
};

skep::Record make_record(std::uint64_t number, const std::string& payload, skep::Origin origin = {}) {
  skep::RecordHeader header;
  header.root = header.id = {number, 1};
  header.origin = origin;
  return {header, skep::Payload::raw(payload)};
}

/// The bee: looks at each record; on a round trip it sends it back.
class Look final : public skep::Bee {
 public:
  explicit Look(const Settings& settings) : settings_(settings) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    if (record.bytes().size() != settings_.payload_bytes() || record.bytes()[0] != std::byte{'x'}) std::abort();
    if (settings_.work == Work::round_trip) out.reply(std::move(record));
  }

 private:
  const Settings& settings_;
};

/// Sends records over an edge until the time is up; counts what the bee has accepted.
class Source final : public caf::event_based_actor {
 public:
  Source(caf::actor_config& config, const Settings& settings, std::promise<double>& result)
      : caf::event_based_actor(config),
        settings_(settings),
        payload_(settings.payload_bytes(), 'x'),
        outputs_(*this, owner_, {}),
        numbers_(settings.records_a_message()),
        result_(result) {}

 protected:
  caf::behavior make_behavior() override {
    return {[this](const caf::actor& bee) { begin(bee); },
            [this](const skep::BatchAck& message) {
              outputs_.on_ack(message);
              const auto accepted = message.ack.released.records;
              if (accepted > accepted_) count(accepted - std::exchange(accepted_, accepted));
              flush();
              send_what_fits();
            }};
  }

 private:
  void begin(const caf::actor& bee) {
    skep::RoutingTable table;
    table.generation = 1;
    table.part = source_part;
    table.edges.push_back({"source -> bee", 0, {}, {bee}, true});
    if (!outputs_.adopt(table)) std::abort();
    meter_.emplace(settings_);
    send_what_fits();
  }
  void count(std::uint64_t records) {
    if (meter_->add(records)) return;
    result_.set_value(meter_->per_second());
    quit();
  }
  void send_what_fits() {
    while (!outputs_.sendable() && !outputs_.blocked()) {
      std::iota(numbers_.begin(), numbers_.end(), numbers_.back() + 1);
      outputs_.push_all(0, std::span(numbers_), [this](std::uint64_t number) { return make_record(number, payload_); });
      flush();
    }
  }
  /// Stamped as a gateway does.
  void flush() { outputs_.flush({bench::Clock::now(), std::chrono::nanoseconds{0}}); }

  const Settings& settings_;
  std::string payload_;
  const skep::EdgeOwner owner_;
  skep::EdgeOutputs outputs_;
  std::vector<std::uint64_t> numbers_;  ///< of the records made next
  std::optional<bench::Meter> meter_;
  std::uint64_t accepted_ = 0;
  std::promise<double>& result_;
};

/// As a gateway with one client, which asks again when it has its answer.
class Client final : public caf::event_based_actor {
 public:
  Client(caf::actor_config& config, const Settings& settings, std::promise<bench::Samples>& result)
      : caf::event_based_actor(config), settings_(settings), payload_(settings.payload_bytes(), 'x'), result_(result) {}

 protected:
  caf::behavior make_behavior() override {
    return {[this](const caf::actor& bee) {
              bee_ = bee;
              meter_.emplace(settings_);
              ask();
            },
            [this](const skep::ReplyBatch& message) { take(message.batch.packet.records); }};
  }

 private:
  void ask() {
    ++request_;
    skep::RecordBatch batch;
    batch.packet.records.push_back(make_record(request_, payload_, {sender_node, gateway, 1, 1, request_}));
    sent_ = bench::Clock::now();
    send(bee_, std::move(batch));
  }
  void take(const std::vector<skep::Record>& answers) {
    if (answers.size() != 1 || answers[0].origin().request != request_) std::abort();
    if (meter_->measuring()) round_trips_.add(bench::Clock::now() - sent_);
    if (meter_->add(1)) return ask();
    result_.set_value(std::move(round_trips_));
    quit();
  }

  const Settings& settings_;
  std::string payload_;
  caf::actor bee_;
  std::uint64_t request_ = 0;
  bench::Clock::time_point sent_;
  std::optional<bench::Meter> meter_;
  bench::Samples round_trips_;
  std::promise<bench::Samples>& result_;
};

void receive(const Settings& settings, const bench::Announce& announce) {
  Node node(settings, "receiver", receiver_node);
  skep::BeeSettings bee;
  bee.name = "look";
  bee.factory = [&] { return std::make_unique<Look>(settings); };
  bee.meter = skep::make_meter<skep::BeeMeter>(0);
  const auto actor = skep::spawn_bee(node.system(), std::move(bee));
  announce(node.start({sender_node, "sender", {"127.0.0.1", 1}}, bee_part, actor));
  skep::RoutingTable table;
  table.generation = 1;
  table.gateways.push_back({sender_node, gateway, node.other(source_part)});
  table.answers_reachable = true;
  bench::start(node.system(), actor, std::move(table));
  while (true) ::pause();  // the sender ends this process
}

void send(const Settings& settings, std::uint16_t port) {
  Node node(settings, "sender", sender_node);
  const auto play = [&](const caf::actor& actor) {
    (void)node.start({receiver_node, "receiver", {"127.0.0.1", port}}, source_part, actor);
    caf::anon_send(actor, node.other(bee_part));
  };
  if (settings.work == Work::round_trip) {
    std::promise<bench::Samples> done;
    play(node.system().spawn<Client>(settings, done));
    auto round_trips = done.get_future().get();
    bench::print_round_trips(round_trips);
  } else {
    std::promise<double> done;
    play(node.system().spawn<Source>(settings, done));
    const auto records_per_second = done.get_future().get();
    bench::print_rate(settings.work, records_per_second / static_cast<double>(settings.records_a_message()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::play<Settings>(argc, argv, receive, send);
}
