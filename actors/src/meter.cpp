#include "skep/actors/meter.hpp"

namespace skep {

EdgeCounters& EdgeCounters::operator+=(const EdgeCounters& other) noexcept {
  records += other.records;
  bytes += other.bytes;
  batches += other.batches;
  dropped += other.dropped;
  in_flight += other.in_flight;
  waiting += other.waiting;
  return *this;
}

EdgeCounters EdgeMeter::counters() const noexcept {
  return {records.get(), bytes.get(), batches.get(), dropped.get(), in_flight.get(), waiting.get()};
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
  expired += other.expired;
  orphaned += other.orphaned;
  rebuilds += other.rebuilds;
  unhandled += other.unhandled;
  return *this;
}

}  // namespace skep
