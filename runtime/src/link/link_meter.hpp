#pragma once
// What a link measures of itself: written by the links' thread, read by anyone at any time, without a lock.
//
// As the meters of bees (skep/actors/meter.hpp): a reader neither waits for the links' thread nor disturbs it, and sees
// each number whole, but not all of one moment. Written once a message or connection, never per record; what proxies
// count in their senders' threads is taken over twice a second, with the heartbeats. Lifetime: outlives the link's
// connections. Pure: callers pass the times.

#include <chrono>
#include <string>

#include "skep/actors/meter.hpp"
#include "skep/runtime/metrics.hpp"

namespace skep {

class LinkMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using WallTime = std::chrono::system_clock::time_point;

  /// Down, and silent from now on.
  LinkMeter(Time now, WallTime wall) noexcept {
    heard(now);
    changed(wall);
  }

  void came_up(Time now, WallTime wall) noexcept;
  void was_lost(WallTime wall) noexcept;
  /// A message on control.
  void heard(Time now) noexcept { heard_ns_.set(static_cast<std::uint64_t>(now.time_since_epoch().count())); }
  /// A message is to be sent, so many bytes of frames; then it has gone to TLS, or its connection has ended before.
  void queued(std::size_t bytes) noexcept { waiting_bytes_.add(bytes); }
  void sent(std::size_t bytes) noexcept;
  /// It has gone without having waited. In the thread of a sender: one at a time.
  void sent_at_once(std::size_t bytes) noexcept;
  void gave_up(std::size_t bytes) noexcept { waiting_bytes_.set(waiting_bytes_.get() - bytes); }

  Count received_bytes;       ///< of frames
  Count received_messages;    ///< whole ones
  Count refused_connections;  ///< of the other node, before they were the link's
  Count orphans;              ///< messages for bees and gateways that are not here, or along no edge
  Count refused_messages;     ///< messages to proxies that do not cross

  /// Threads: any.
  [[nodiscard]] LinkMetrics read(std::string peer, Time now) const;

 private:
  void changed(WallTime wall) noexcept;

  Count up_;
  Count changed_ms_;  ///< since the epoch
  Count heard_ns_;    ///< of the steady clock
  Count losses_;
  Count sent_bytes_, sent_messages_, waiting_bytes_;
  Count at_once_bytes_, at_once_messages_;
};

}  // namespace skep
