#pragma once
// A row of bees, wired as the runtime wires them, without a node around them.

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/edge_outputs.hpp"
#include "support/samples.hpp"

namespace bench {

/// Spawns a bee for each factory, each sending to the next, the last one replying to `gateway`; started from the last
/// up. Returns the first. Exits the program if one does not start. Bees are measured, as a node's are, unless told
/// otherwise, and may hold records only where told so.
enum class Measure : std::uint8_t { no, yes };
enum class Holds : std::uint8_t { no, yes };
[[nodiscard]] caf::actor start_pipeline(caf::actor_system& system, std::vector<skep::BeeFactory> factories,
                                        const caf::actor& gateway, Measure measure = Measure::yes,
                                        Holds holds = Holds::no);

/// Gives a bee its first table. Exits the program if it does not start.
void start(caf::actor_system& system, const caf::actor& bee, skep::RoutingTable table);

/// Sends `records` records that it makes, `per_batch` at a time, to `first`, as far as that gives credit. `make` is
/// given the number of each, from 0.
template <class Make>
class Source final : public caf::event_based_actor {
 public:
  Source(caf::actor_config& config, std::uint64_t records, std::uint64_t per_batch, Make make, caf::actor first)
      : caf::event_based_actor(config),
        records_(records),
        make_(std::move(make)),
        outputs_(*this, owner_, {}),
        numbers_(per_batch) {
    skep::RoutingTable table;
    table.generation = 1;
    table.edges.push_back({"source -> first", 0, {}, {std::move(first)}, true});
    if (!outputs_.adopt(table)) std::abort();
  }

 protected:
  caf::behavior make_behavior() override {
    send_what_fits();
    return {[this](const skep::BatchAck& message) {
      outputs_.on_ack(message);
      flush();
      send_what_fits();
    }};
  }

 private:
  void send_what_fits() {
    while (made_ < records_ && !outputs_.sendable() && !outputs_.blocked()) {
      std::iota(numbers_.begin(), numbers_.end(), made_);
      made_ += numbers_.size();
      outputs_.push_all(0, std::span(numbers_), [this](std::uint64_t number) { return make_(number); });
      flush();
    }
  }
  /// Stamped as a gateway does.
  void flush() { outputs_.flush({Clock::now(), std::chrono::nanoseconds{0}}); }

  std::uint64_t records_;
  Make make_;
  const skep::EdgeOwner owner_;
  skep::EdgeOutputs outputs_;
  std::vector<std::uint64_t> numbers_;  ///< of the records made next
  std::uint64_t made_ = 0;
};

/// Hands every record on. Looks at its payload, as any bee would.
class Forward final : public skep::Bee {
 public:
  void on_record(skep::Record record, skep::Outbox& out) override;
};

}  // namespace bench
