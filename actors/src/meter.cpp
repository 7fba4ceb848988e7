#include "skep/actors/meter.hpp"

namespace skep {

EdgeCounters& EdgeCounters::operator+=(const EdgeCounters& other) noexcept {
  records += other.records;
  bytes += other.bytes;
  batches += other.batches;
  dropped += other.dropped;
  dangerous += other.dangerous;
  unheard += other.unheard;
  waiting += other.waiting;
  in_flight += other.in_flight;
  return *this;
}

EdgeCounters EdgeMeter::counters() const noexcept {
  return {records.get(),   bytes.get(),   batches.get(), dropped.get(),
          dangerous.get(), unheard.get(), waiting.get(), in_flight.get()};
}

void EdgeMeter::sent(std::size_t count, std::uint64_t payload_bytes) noexcept {
  if (count == 0) return;
  records.add(count);
  bytes.add(payload_bytes);
  batches.add(1);
}

BeeCounters& BeeCounters::operator+=(const BeeCounters& other) noexcept {
  received += other.received;
  bytes += other.bytes;
  emitted += other.emitted;
  replied += other.replied;
  failed += other.failed;
  bad += other.bad;
  rejected += other.rejected;
  dropped += other.dropped;
  late += other.late;
  lost += other.lost;
  held_lost += other.held_lost;
  held_at_end += other.held_at_end;
  expired += other.expired;
  cancelled += other.cancelled;
  orphaned += other.orphaned;
  rebuilds += other.rebuilds;
  unhandled += other.unhandled;
  return *this;
}

}  // namespace skep
