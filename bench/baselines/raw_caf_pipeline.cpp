// Three CAF actors in a row, 100-byte items, nothing of Skep: what the in-process bench is held against.
//
// The source fills a fresh batch; each stage looks at every item and moves the whole batch on, which is the least that
// such a stage can do. With `--rebuild 1` it moves on a new batch of the items it decided for, one by one, which is
// what a stage does that filters or routes. The window of items in flight keeps mailboxes, and so caches, small:
// without one CAF is slower.
//
// Usage: raw_caf_pipeline [--items N] [--per-message N] [--window N] [--threads N] [--rebuild 0|1]
// Prints {"items_per_s": ...}.

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <future>
#include <iostream>
#include <vector>

#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"

namespace {

struct Item {
  std::array<char, 100> bytes;
};

struct Batch {
  std::vector<Item> items;
};

struct Accepted {
  std::uint64_t items = 0;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Accepted)

namespace {

struct Settings {
  std::uint64_t items;
  std::uint64_t per_message;
  std::uint64_t window;  ///< items in flight
  bool rebuild;
};

void check(const Item& item) {
  if (item.bytes[0] != 'x') std::abort();
}

caf::behavior forwarding_stage(caf::event_based_actor* self, caf::actor next) {
  return {[self, next](Batch& batch) {
    for (const auto& item : batch.items) check(item);
    self->send(next, std::move(batch));
  }};
}

caf::behavior rebuilding_stage(caf::event_based_actor* self, caf::actor next) {
  return {[self, next](const Batch& batch) {
    Batch chosen;
    chosen.items.reserve(batch.items.size());
    for (const auto& item : batch.items) {
      if (item.bytes[0] == 'x') chosen.items.push_back(item);
    }
    self->send(next, std::move(chosen));
  }};
}

caf::behavior sink(caf::event_based_actor* self, caf::actor source) {
  return {[self, source](const Batch& batch) {
    for (const auto& item : batch.items) check(item);
    self->send(source, Accepted{batch.items.size()});
  }};
}

struct SourceState {
  caf::actor first;
  std::uint64_t sent = 0;
  std::uint64_t accepted = 0;
};

void send_what_fits(caf::stateful_actor<SourceState>* self, const Settings& settings) {
  auto& state = self->state;
  while (state.sent < settings.items && state.sent - state.accepted < settings.window) {
    Batch batch;
    batch.items.resize(settings.per_message);
    for (auto& item : batch.items) std::memset(item.bytes.data(), 'x', item.bytes.size());
    state.sent += settings.per_message;
    self->send(state.first, std::move(batch));
  }
}

caf::behavior source(caf::stateful_actor<SourceState>* self, const Settings* settings, std::promise<void>* done) {
  const auto stage = settings->rebuild ? rebuilding_stage : forwarding_stage;
  const auto last = self->spawn(sink, caf::actor_cast<caf::actor>(self));
  self->state.first = self->spawn(stage, self->spawn(stage, last));
  send_what_fits(self, *settings);
  return {[self, settings, done](const Accepted& accepted) {
    self->state.accepted += accepted.items;
    if (self->state.accepted < settings->items) return send_what_fits(self, *settings);
    done->set_value();
    self->quit();
  }};
}

double items_per_second(caf::actor_system& system, Settings settings) {
  settings.items -= settings.items % settings.per_message;
  std::promise<void> done;
  const auto start = bench::Clock::now();
  system.spawn(source, &settings, &done);
  done.get_future().wait();
  const double seconds = bench::seconds_since(start);
  return static_cast<double>(settings.items) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  Settings settings{arguments.number("--items", 4'000'000), arguments.number("--per-message", 256),
                    arguments.number("--window", 1024), arguments.number("--rebuild", 0) != 0};
  auto warm_up = settings;
  warm_up.items /= 10;
  (void)items_per_second(system, warm_up);
  std::cout << "{\"items_per_s\": " << items_per_second(system, settings) << "}" << std::endl;
  std::_Exit(0);  // the stages, which nobody stops, need not be awaited
}
