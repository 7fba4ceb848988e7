#include "link/link_meter.hpp"

#include <algorithm>
#include <utility>

namespace skep {

void LinkMeter::came_up(Time now, WallTime wall) noexcept {
  up_.set(1);
  heard(now);
  changed(wall);
}

void LinkMeter::was_lost(WallTime wall) noexcept {
  up_.set(0);
  losses_.add(1);
  changed(wall);
}

void LinkMeter::changed(WallTime wall) noexcept {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch());
  changed_ms_.set(static_cast<std::uint64_t>(since_epoch.count()));
}

void LinkMeter::sent(std::size_t bytes) noexcept {
  gave_up(bytes);
  sent_bytes_.add(bytes);
  sent_messages_.add(1);
}

void LinkMeter::sent_at_once(std::size_t bytes) noexcept {
  at_once_bytes_.add(bytes);
  at_once_messages_.add(1);
}

LinkMetrics LinkMeter::read(std::string peer, Time now) const {
  const std::chrono::nanoseconds heard(static_cast<std::int64_t>(heard_ns_.get()));
  const auto silence = std::max(now.time_since_epoch() - heard, std::chrono::nanoseconds(0));
  LinkMetrics metrics;
  metrics.peer = std::move(peer);
  metrics.up = up_.get() != 0;
  metrics.changed_seconds = static_cast<double>(changed_ms_.get()) / 1000;
  metrics.silence_seconds = std::chrono::duration<double>(silence).count();
  metrics.losses = losses_.get();
  metrics.sent_bytes = sent_bytes_.get() + at_once_bytes_.get();
  metrics.received_bytes = received_bytes.get();
  metrics.sent_messages = sent_messages_.get() + at_once_messages_.get();
  metrics.received_messages = received_messages.get();
  metrics.waiting_bytes = waiting_bytes_.get();
  metrics.refused_connections = refused_connections.get();
  metrics.orphans = orphans.get();
  metrics.refused_messages = refused_messages.get();
  return metrics;
}

}  // namespace skep
