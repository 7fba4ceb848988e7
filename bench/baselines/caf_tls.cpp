// Two CAF nodes with CAF's own network layer (caf_io, caf_openssl), certificates on both sides: what a link between two
// nodes of Skep is held against.
//
// The sender makes each message anew and keeps a window of them in flight; the receiver looks at every record and
// confirms them batch by batch, single ones 256 at a time.
//
// Usage: caf_tls --work batched|single|round-trip|bulk --certificates DIR [--milliseconds N]
//                [--warm-up-milliseconds N] [--window N] [--workers N] [--threads N]
// The window is in batches, or payloads. Prints as bench/two_nodes.py has it.

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <caf/openssl/remote_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <future>
#include <memory>
#include <vector>

#include "support/caf_config.hpp"
#include "support/two_nodes.hpp"

namespace {

using bench::Work;
using Strings = std::vector<std::string>;

struct Settings : bench::TwoNodes {
  explicit Settings(bench::Arguments& arguments)
      : TwoNodes(arguments),
        window(arguments.number("--window", 16)),
        workers(arguments.number("--workers", 0)),
        threads(arguments.number("--threads", 2)) {}

  /// How many messages the receiver confirms at once.
  [[nodiscard]] std::uint64_t confirmed() const { return work == Work::single ? bench::batch_records : 1; }

  std::uint64_t window, workers, threads;
};

/// Of one process. CAF reads its certificate of its configuration, not of a file here.
struct Node : caf::actor_system_config {
  Node(const Settings& settings, const std::string& name) {
    bench::configure(*this, settings.threads);
    load<caf::io::middleman>();
    load<caf::openssl::manager>();
    set("middleman.workers", std::size_t{settings.workers});
    openssl_cafile = settings.file("ca.pem");
    openssl_certificate = settings.file(name + ".pem");
    openssl_key = settings.file(name + ".key");
  }
};

void check(const std::string& bytes, std::size_t size) {
  if (bytes.size() != size || bytes[0] != 'x') std::abort();
}

struct ReceiverState {
  std::uint64_t messages = 0;
};

caf::behavior receiver(caf::stateful_actor<ReceiverState>* self, const Settings* settings) {
  const auto confirm = [self, settings] {
    if (++self->state.messages % settings->confirmed() != 0) return;
    self->send(caf::actor_cast<caf::actor>(self->current_sender()), settings->confirmed());
  };
  return {
      [confirm](const Strings& batch) {
        if (batch.size() != bench::batch_records) std::abort();
        for (const auto& record : batch) check(record, bench::record_bytes);
        confirm();
      },
      [self, settings, confirm](const std::string& one) {
        check(one, settings->work == Work::bulk ? bench::bulk_bytes : bench::record_bytes);
        if (settings->work != Work::round_trip) return confirm();
        self->send(caf::actor_cast<caf::actor>(self->current_sender()), one);
      },
  };
}

struct SenderState {
  std::uint64_t in_flight = 0;
  std::unique_ptr<bench::Meter> meter;
};

void send_what_fits(caf::stateful_actor<SenderState>* self, const caf::actor& peer, const Settings& settings) {
  for (auto& in_flight = self->state.in_flight; in_flight < settings.window * settings.confirmed(); ++in_flight) {
    if (settings.work == Work::batched) {
      self->send(peer, Strings(bench::batch_records, std::string(bench::record_bytes, 'x')));
    } else {
      self->send(peer, std::string(settings.work == Work::bulk ? bench::bulk_bytes : bench::record_bytes, 'x'));
    }
  }
}

caf::behavior sender(caf::stateful_actor<SenderState>* self, caf::actor peer, const Settings* settings,
                     std::promise<double>* done) {
  self->state.meter = std::make_unique<bench::Meter>(*settings);
  send_what_fits(self, peer, *settings);
  return {[self, peer, settings, done](std::uint64_t confirmed) {
    self->state.in_flight -= confirmed;
    if (self->state.meter->add(confirmed)) return send_what_fits(self, peer, *settings);
    done->set_value(self->state.meter->per_second());
    self->quit();
  }};
}

struct PingerState {
  std::unique_ptr<bench::Meter> meter;
  bench::Samples round_trips;
  bench::Clock::time_point sent;
};

caf::behavior pinger(caf::stateful_actor<PingerState>* self, caf::actor peer, const Settings* settings,
                     std::promise<bench::Samples>* done) {
  const auto ping = [self, peer] {
    self->state.sent = bench::Clock::now();
    self->send(peer, std::string(bench::record_bytes, 'x'));
  };
  self->state.meter = std::make_unique<bench::Meter>(*settings);
  ping();
  return {[self, ping, done](const std::string& answer) {
    auto& state = self->state;
    check(answer, bench::record_bytes);
    if (state.meter->measuring()) state.round_trips.add(bench::Clock::now() - state.sent);
    if (state.meter->add(1)) return ping();
    done->set_value(std::move(state.round_trips));
    self->quit();
  }};
}

void receive(const Settings& settings, const bench::Announce& announce) {
  Node node(settings, "receiver");
  caf::actor_system system{node};
  const auto port = caf::openssl::publish(system.spawn(receiver, &settings), 0, "127.0.0.1");
  if (!port) bench::Arguments::fail(system.render(port.error()));
  announce(*port);
  while (true) ::pause();  // the sender ends this process
}

void send(const Settings& settings, std::uint16_t port) {
  Node node(settings, "sender");
  caf::actor_system system{node};
  const auto peer = caf::openssl::remote_actor(system, "127.0.0.1", port);
  if (!peer) bench::Arguments::fail(system.render(peer.error()));
  if (settings.work == Work::round_trip) {
    std::promise<bench::Samples> done;
    system.spawn(pinger, *peer, &settings, &done);
    auto round_trips = done.get_future().get();
    return bench::print_round_trips(round_trips);
  }
  std::promise<double> done;
  system.spawn(sender, *peer, &settings, &done);
  bench::print_rate(settings.work, done.get_future().get());
}

}  // namespace

int main(int argc, char** argv) {
  bench::play<Settings>(argc, argv, receive, send);
}
