#pragma once
// The sending end of one edge: a session for each replica at its end, from its first record on, and the routing between
// them. Pure.
//
// A replica may be sent as much as it has given credit for (edge_session.hpp); what exceeds that waits here. A bee with
// `window` records, or `window_bytes`, waiting for one replica of a `block` edge takes no further input, which is how a
// slow bee's pace reaches the gateway. On drop edges no more than that waits for a replica and the rest is handed back.
// With `all`, one slow replica on a `block` edge paces the others. Replicas that have ended for good get nothing: `any`
// and `all` go round them, records for their keys are handed back. Under at_least_once what a replica had not done with
// goes to its next placement, or, of an edge that hands over, to others at once; handed back is then also what it had
// when it ended for good, and what is dangerous.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "skep/actors/edge_session.hpp"
#include "skep/actors/routing.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

struct OutEdgeSettings {
  Route route = Route::any;
  Overflow overflow = Overflow::block;
  /// Records waiting per replica, and under at_least_once as many more not done; 1 to limits::edge_window_max.
  std::uint32_t window = limits::edge_window;
  Delivery delivery = Delivery::at_most_once;  ///< at_least_once: `block` only
  std::uint32_t deaths_max = 0;                ///< see EdgeSender::Settings
  /// What is for a replica that is away, or has ended for good, goes to others if any is in reach; at_least_once and
  /// `any` only. Of one that drains only what it was never sent.
  bool hands_over = false;
  Faults faults{};
  std::uint64_t window_bytes =
      limits::edge_window_bytes;  ///< waiting per replica; the record that exceeds it waits too
};

class OutEdge {
 public:
  using Time = EdgeSender::Time;
  enum class Reach : std::uint8_t {
    here,
    again,     ///< where it was, after it was out of reach: what was on the way may be lost
    draining,  ///< it finishes what it has: what else is for it waits
    away,      ///< not placed, or out of reach for now: what is for it waits
    gone,      ///< it has ended for good
  };
  /// Of a replica.
  struct Placement {
    Placement(Epoch placed, Reach how = Reach::here) : epoch(placed), reach(how) {}  // NOLINT: implicit by design
    Placement(std::nullopt_t) : reach(Reach::gone) {}                                // NOLINT: the same
    Epoch epoch{};  ///< says nothing of one that is not in reach
    Reach reach;
  };
  /// Handed back.
  struct Returned {
    Record record;
    errc why;  ///< dropped: by an overflow rule; unavailable: its replica has ended; bee_failed: it is dangerous
    Cause cause{};
    std::uint32_t receiver = 0;  ///< of a dangerous one: the replica that it ended
  };

  /// To no replica yet: `rewire` before `push`. `seed` draws for `any`.
  OutEdge(OutEdgeSettings settings, Epoch self, std::uint64_t seed);

  /// The replicas now, always in the same order. One that was placed anew has a new session; what waited for it goes
  /// there, what it had not accepted is lost. What waits for one that has ended for good is handed back. While one is
  /// away `any` and `all` go round it, if they can. See also OutEdgeSettings::hands_over.
  void rewire(const std::vector<Placement>& replicas, std::vector<Returned>& returned);
  /// Routes one record to its replicas' queues.
  void push(Record record, std::vector<Returned>& returned, Cause cause = Cause{}) {
    if (simple_) return add(0, std::move(record), cause);
    push_routed(std::move(record), cause, returned);
  }
  /// The same for the records that `take` makes of `items`, one of each, of one cause.
  template <class Item, class Take>
  void push_all(std::span<Item> items, Take take, std::vector<Returned>& returned, Cause cause = Cause{}) {
    if (!simple_) {
      for (auto& item : items) push_routed(take(item), cause, returned);
      return;
    }
    sender_of(lanes_[0]).push_all(items, take, cause);
    added(0, items.size());
  }
  /// How often the cause of the next record that is pushed will be told: by `on_ack`, `rewire` or in `returned`.
  [[nodiscard]] std::size_t copies() const noexcept {
    return settings_.route == Route::all ? std::max<std::size_t>(1, alive_.size()) : 1;
  }
  /// Calls `send(replica, EdgePacket)` for all that may go now.
  template <class Send>
  void flush(Time now, Send&& send) {
    for (const auto receiver : std::exchange(ready_, {})) {
      auto& lane = lanes_[receiver];
      lane.ready = false;
      if (lane.away) continue;
      while (auto packet = lane.sender->take(now)) send(receiver, std::move(*packet));
      update(receiver);
    }
  }
  /// The causes of what is done with are appended to `done`. `pace`: see BatchAck.
  void on_ack(std::uint32_t receiver, const EdgeAck& ack, Time now, std::vector<Cause>& done, std::uint32_t pace = 0);
  /// Wants to know at once what is accepted: before an end.
  void hurry();
  /// Where packets may be lost on the way: see EdgeSender. `flush` sends what comes of it.
  void tick(Time now);
  [[nodiscard]] std::optional<Time> due() const noexcept;

  [[nodiscard]] std::size_t replicas() const noexcept { return lanes_.size(); }
  /// `block`, and a window is full.
  [[nodiscard]] bool blocked() const noexcept { return full_ != 0 && settings_.overflow == Overflow::block; }
  [[nodiscard]] bool sendable() const noexcept;                            ///< `flush` would send something
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }  ///< records not sent, over all replicas
  [[nodiscard]] std::size_t waiting(std::uint32_t receiver) const { return lanes_[receiver].waiting; }
  [[nodiscard]] std::uint64_t in_flight() const noexcept { return in_flight_; }  ///< sent, and not known to be accepted
  /// Nothing waits, all that was sent is accepted, or done with under at_least_once.
  [[nodiscard]] bool idle() const noexcept;
  /// Sent to replicas that ended before they accepted it.
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

 private:
  struct Lane {
    Epoch receiver{};
    std::unique_ptr<EdgeSender> sender{};  ///< from its first record on: most of many replicas have none
    std::uint32_t pace = 0;                ///< BatchAck::pace
    std::size_t waiting = 0;               ///< counted in waiting_, and the same for those below
    std::uint64_t in_flight = 0, lost = 0;
    bool gone = false;
    bool away = false;
    bool ready = false;  ///< in ready_; then it has a sender
    bool full = false;   ///< counted in full_
  };

  [[nodiscard]] EdgeSender& sender_of(Lane& lane) const {
    if (!lane.sender) [[unlikely]]
      open(lane);
    return *lane.sender;
  }
  void open(Lane& lane) const;
  [[nodiscard]] std::optional<std::uint32_t> route(const Record& record);
  [[nodiscard]] std::uint32_t route_any();
  void add(std::uint32_t receiver, Record&& record, Cause cause) {
    sender_of(lanes_[receiver]).push(std::move(record), cause);
    added(receiver, 1);
  }
  void added(std::uint32_t receiver, std::size_t count) {
    auto& lane = lanes_[receiver];
    lane.waiting += count;
    waiting_ += count;
    if (!lane.ready) set_ready(receiver);
    if (!lane.full && fills_window(*lane.sender)) set_full(receiver);
  }
  [[nodiscard]] bool fills_window(const EdgeSender& sender) const noexcept {
    return sender.waiting() >= settings_.window || sender.waiting_bytes() >= settings_.window_bytes;
  }
  [[nodiscard]] bool exceeds_window(const EdgeSender& sender) const noexcept;
  void push_routed(Record record, Cause cause, std::vector<Returned>& returned);
  void push_to(std::uint32_t receiver, Record record, Cause cause, std::vector<Returned>& returned);
  void reopen(std::uint32_t receiver, Epoch epoch, std::vector<Returned>& returned);
  void abandon(std::uint32_t receiver, std::vector<Returned>& returned);
  void hand_over(const std::vector<Placement>& replicas, std::vector<Returned>& returned);
  void rewire(std::uint32_t receiver, const Placement& replica, std::vector<Returned>& returned);
  void set_ready(std::uint32_t receiver);
  void set_full(std::uint32_t receiver);
  void update(std::uint32_t receiver);
  [[nodiscard]] bool compares() const noexcept { return settings_.route == Route::any && lanes_.size() > 1; }
  void learn(Lane& lane, std::uint32_t pace);
  [[nodiscard]] std::uint64_t expected_wait(std::uint32_t receiver) const noexcept;

  OutEdgeSettings settings_;
  Epoch self_;
  std::uint64_t random_;
  bool simple_ = false;               ///< one replica, and nothing to decide
  bool prompt_ = false;               ///< receivers say at once what they have accepted
  std::vector<Lane> lanes_;           ///< by replica
  std::vector<std::uint32_t> alive_;  ///< replicas that are not gone; without those that are away, if there are others
  std::vector<std::uint32_t> ready_;  ///< replicas that may have something to send
  std::size_t full_ = 0;              ///< lanes with a full window
  std::size_t waiting_ = 0;           ///< over all lanes
  std::uint64_t in_flight_ = 0, lost_ = 0;
  std::uint64_t usual_pace_ = 0;  ///< of those that have told theirs, smoothed; 0: none has
};

}  // namespace skep
