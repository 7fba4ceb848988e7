#pragma once
// The sending end of one edge: receivers, a window of credit for each, and the records that wait for credit. Pure.
//
// Every receiver may have `window` records of this sender unacknowledged. What exceeds that waits here; a bee with
// waiting records on a `block` edge takes no further input, which is how a slow bee's pace reaches the gateway. On drop
// edges at most `window` records wait per receiver and the rest is handed back.

#include <cstdint>
#include <deque>
#include <span>
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

  /// Routes one record to its receivers' queues; returns what overflow dropped for it.
  [[nodiscard]] std::vector<Record> push(Record record);
  /// What may be sent to `receiver` now, in order; takes credit for it.
  [[nodiscard]] std::vector<Record> take(std::size_t receiver);
  /// The receiver has accepted `records` of them. More than are in flight is asserted never to happen.
  void grant(std::size_t receiver, std::uint32_t records);

  [[nodiscard]] std::size_t receivers() const noexcept { return in_flight_.size(); }
  [[nodiscard]] bool blocked() const noexcept;                 ///< `block` and something waits
  [[nodiscard]] std::size_t waiting() const noexcept;          ///< records without credit, over all receivers
  [[nodiscard]] std::size_t in_flight() const noexcept;        ///< sent and not granted back
  [[nodiscard]] bool idle() const noexcept { return waiting() == 0 && in_flight() == 0; }

 private:
  void push_to(std::size_t receiver, Record record, std::vector<Record>& dropped);

  OutEdgeSettings settings_;
  std::vector<std::uint32_t> in_flight_;
  std::vector<std::deque<Record>> waiting_;
  std::uint64_t random_;
};

}  // namespace skep
