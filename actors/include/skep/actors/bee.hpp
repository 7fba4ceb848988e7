#pragma once
// The class that users write: private state, one record at a time.
//
// The runtime owns each object and calls it from one thread at a time (not always the same thread). An exception out
// of `on_record` costs that record, not the bee's mailbox: its output is taken back, its client gets an error, and a
// new object takes this one's place. BadRecord costs only the record. A bee that uses only its arguments and its
// BeeContext is deterministic and is tested without an actor system (`skep/testing/bee_harness.hpp`).

#include <chrono>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>

#include "skep/actors/log_sink.hpp"
#include "skep/actors/outbox.hpp"
#include "skep/actors/port.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

class PayloadTypes;

struct TimerId {
  std::uint64_t value = 0;
  friend bool operator==(TimerId, TimerId) = default;
};

/// What a bee may know and ask of its surroundings. Valid from `on_start` to `on_stop`; call only from the bee.
class BeeContext {
 public:
  virtual ~BeeContext();

  [[nodiscard]] virtual std::string_view name() const = 0;  ///< of the bee in its swarm
  [[nodiscard]] virtual std::uint32_t replica() const = 0;  ///< 0 to replicas - 1
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
  [[nodiscard]] virtual EventTime wall_clock() const = 0;
  [[nodiscard]] virtual std::mt19937_64& random() = 0;
  virtual void log(LogLevel level, std::string_view text) = 0;
  /// Calls `on_timer` once, no earlier than after `delay`. Throws std::length_error past limits::timers_max.
  virtual TimerId start_timer(std::chrono::nanoseconds delay) = 0;
  virtual void cancel_timer(TimerId timer) = 0;
  /// Of its swarm: shows Cap'n Proto records as JSON. Null: nothing in the swarm says of which type it is.
  [[nodiscard]] virtual const PayloadTypes* payload_types() const { return nullptr; }
};

class Bee {
 public:
  virtual ~Bee();

  /// Before the first record. A throw is a failed start.
  virtual void on_start(BeeContext& context);
  /// One record. It is done when this has returned and it is not held (`Outbox::hold`).
  virtual void on_record(Record record, Outbox& out);
  /// For bees that gain from many at once; by default calls `on_record` for each. If this throws, the runtime calls it
  /// again for each record alone, so that only the offending one is lost. Handles of the first run are empty then.
  virtual void on_batch(std::span<Record> records, Outbox& out);
  virtual void on_timer(TimerId timer, Outbox& out);
  /// After the last record, when the swarm stops; not when a failed bee is replaced. What is held after it is lost.
  virtual void on_stop(Outbox& out);

 protected:
  Bee() = default;
  Bee(const Bee&) = delete;
  Bee& operator=(const Bee&) = delete;
};

}  // namespace skep
