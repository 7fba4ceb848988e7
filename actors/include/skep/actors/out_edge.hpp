#pragma once
// The sending end of one edge: receivers, a window of credit for each, and the records that wait for credit. Pure.
//
// Every receiver may have `window` records of this sender unacknowledged. What exceeds that waits here; a bee with
// waiting records on a `block` edge takes no further input, which is how a slow bee's pace reaches the gateway. On drop
// edges at most `window` records wait per receiver and the rest is handed back. With `all`, one slow receiver on a
// `block` edge paces the others.

#include <cstdint>
#include <vector>

#include "skep/actors/routing.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

struct OutEdgeSettings {
  Route route = Route::any;
  Overflow overflow = Overflow::block;
  std::uint32_t window = 1024;  ///< records, 1 to limits::edge_window_max
};

class OutEdge {
 public:
  /// `receivers` of them, at least one. `seed` draws for `any`.
  OutEdge(OutEdgeSettings settings, std::size_t receivers, std::uint64_t seed);

  /// Routes one record to its receivers' queues; appends what overflow dropped for it to `dropped`.
  void push(Record record, std::vector<Record>& dropped) {
    if (lanes_.size() == 1 && settings_.overflow == Overflow::block) return add(0, std::move(record));
    push_routed(std::move(record), dropped);
  }
  /// What may be sent to `receiver` now, in order; takes credit for it.
  [[nodiscard]] std::vector<Record> take(std::size_t receiver);
  /// The receiver has accepted `records` of them. More than are in flight is asserted never to happen.
  void grant(std::size_t receiver, std::uint32_t records);
  /// The receiver has ended: what waits for it is handed back, what is in flight is lost, later grants are ignored.
  [[nodiscard]] std::vector<Record> abandon(std::size_t receiver);

  [[nodiscard]] std::size_t receivers() const noexcept { return lanes_.size(); }
  [[nodiscard]] bool blocked() const noexcept;           ///< `block` and something waits
  [[nodiscard]] bool sendable() const noexcept;          ///< a `take` would give something
  [[nodiscard]] std::size_t waiting() const noexcept;    ///< records without credit, over all receivers
  [[nodiscard]] std::size_t in_flight() const noexcept;  ///< sent and not granted back
  [[nodiscard]] bool idle() const noexcept;              ///< nothing to send, nothing in flight

 private:
  /// What is on its way to one receiver. `queue` is a vector with a moving front: mostly all of it leaves at once.
  struct Lane {
    std::uint32_t in_flight = 0;
    bool gone = false;        ///< it may still grant once: what it said before it ended
    std::uint32_t usual = 0;  ///< records that left together last time: how much room to make at once
    std::size_t front = 0;
    std::vector<Record> queue;

    [[nodiscard]] std::size_t size() const noexcept { return queue.size() - front; }
    [[nodiscard]] Record pop();
    [[nodiscard]] std::vector<Record> pop(std::size_t count);
  };

  [[nodiscard]] std::size_t credit(const Lane& lane) const noexcept { return settings_.window - lane.in_flight; }
  [[nodiscard]] std::size_t route(const Record& record) noexcept;
  void add(std::size_t receiver, Record&& record) {
    auto& lane = lanes_[receiver];
    if (lane.queue.capacity() == 0) lane.queue.reserve(lane.usual);
    lane.queue.push_back(std::move(record));
    ++loads_[receiver];
  }
  void push_routed(Record record, std::vector<Record>& dropped);
  void push_to(std::size_t receiver, Record record, std::vector<Record>& dropped);

  OutEdgeSettings settings_;
  std::vector<Lane> lanes_;           ///< by receiver
  std::vector<std::uint64_t> loads_;  ///< by receiver: queued or in flight
  std::uint64_t random_;
};

}  // namespace skep
