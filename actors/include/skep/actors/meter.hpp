#pragma once
// What a bee or a gateway measures of itself: written by it alone, read by anyone at any time, without a lock.
//
// Every number is one relaxed atomic with one writer: writing costs what a plain store costs, and a reader (the metrics
// port) neither waits for a bee nor disturbs one, even one that never returns. A reader sees each number whole, but not
// all of one moment. Hits are per message or slice of work, never per record. Pure.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "skep/serialization/record.hpp"

namespace skep {

/// A number with one writer.
class Count {
 public:
  void add(std::uint64_t more) noexcept { set(get() + more); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A small struct of numbers with one writer, who replaces it as a whole.
template <class T>
class Published {
 public:
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0);

  void set(const T& value) noexcept {
    Words words;
    std::memcpy(words.data(), &value, sizeof(T));
    for (std::size_t i = 0; i < words.size(); ++i) words_[i].set(words[i]);
  }
  [[nodiscard]] T get() const noexcept {
    Words words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = words_[i].get();
    T value;
    std::memcpy(static_cast<void*>(&value), words.data(), sizeof(T));
    return value;
  }

 private:
  using Words = std::array<std::uint64_t, sizeof(T) / sizeof(std::uint64_t)>;
  std::array<Count, sizeof(T) / sizeof(std::uint64_t)> words_;
};

/// Counts values in buckets whose upper bounds are powers of two, from 2^Shift on; the last one takes all the rest. One
/// that has seen nothing takes 8 bytes: of 100,000 replicas most are idle.
template <unsigned Shift, std::size_t Buckets>
class Histogram {
 public:
  struct Values {
    std::array<std::uint64_t, Buckets> buckets{};
    std::uint64_t sum = 0;

    [[nodiscard]] std::uint64_t count() const noexcept {
      std::uint64_t all = 0;
      for (const auto bucket : buckets) all += bucket;
      return all;
    }
    Values& operator+=(const Values& other) noexcept {
      for (std::size_t i = 0; i < Buckets; ++i) buckets[i] += other.buckets[i];
      sum += other.sum;
      return *this;
    }
  };

  Histogram() = default;
  ~Histogram() { delete cells_.load(std::memory_order_relaxed); }
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  /// The largest value of a bucket but the last.
  [[nodiscard]] static constexpr std::uint64_t bound(std::size_t bucket) noexcept {
    return std::uint64_t{1} << (Shift + bucket);
  }
  [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    return value == 0 ? 0 : std::min<std::size_t>(Buckets - 1, std::bit_width((value - 1) >> Shift));
  }

  /// `value` was seen so many times.
  void observe(std::uint64_t value, std::uint64_t times = 1) noexcept {
    auto& to = cells();
    to.buckets[bucket_of(value)].add(times);
    to.sum.add(value * times);
  }
  void observe(std::chrono::nanoseconds value, std::uint64_t times = 1) noexcept {
    observe(static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count())), times);
  }
  [[nodiscard]] Values values() const noexcept {
    Values values;
    const auto* from = cells_.load(std::memory_order_acquire);
    if (from == nullptr) return values;
    for (std::size_t i = 0; i < Buckets; ++i) values.buckets[i] = from->buckets[i].get();
    values.sum = from->sum.get();
    return values;
  }

 private:
  struct Cells {
    std::array<Count, Buckets> buckets;
    Count sum;
  };

  [[nodiscard]] Cells& cells() noexcept {
    auto* cells = cells_.load(std::memory_order_relaxed);  // this thread's own
    if (cells == nullptr) cells_.store(cells = new Cells, std::memory_order_release);
    return *cells;
  }

  std::atomic<Cells*> cells_{nullptr};
};

using DurationHistogram = Histogram<10, 26>;  ///< of nanoseconds: 1.024 us, doubled up to 17.2 s, and above
using SizeHistogram = Histogram<0, 14>;       ///< of records: 1, doubled up to 4,096, and above

/// What one sender did on one edge.
struct EdgeCounters {
  std::uint64_t records = 0;    ///< sent
  std::uint64_t bytes = 0;      ///< of their payloads
  std::uint64_t batches = 0;    ///< messages they travelled in
  std::uint64_t dropped = 0;    ///< by the edge's `overflow`
  std::uint64_t dangerous = 0;  ///< dead letters: each ended its receiver again and again
  std::uint64_t unheard = 0;    ///< handed back: their receiver had ended for good, and no client could be told
  std::uint64_t waiting = 0;    ///< now: without credit
  std::uint64_t in_flight = 0;  ///< now: sent, and not known to be accepted

  EdgeCounters& operator+=(const EdgeCounters& other) noexcept;
};

struct EdgeMeter {
  Count records, bytes, batches, dropped, dangerous, unheard, waiting, in_flight;

  [[nodiscard]] EdgeCounters counters() const noexcept;
  /// One message; without records it only asks, and does not count.
  void sent(std::size_t count, std::uint64_t payload_bytes) noexcept;
};

/// What one replica did since its start.
struct BeeCounters {
  std::uint64_t received = 0;     ///< records accepted
  std::uint64_t bytes = 0;        ///< of their payloads; not of those that were replayed
  std::uint64_t emitted = 0;      ///< records sent on, once per edge
  std::uint64_t replied = 0;      ///< answers and errors sent to gateways
  std::uint64_t failed = 0;       ///< records that a throw cost
  std::uint64_t bad = 0;          ///< records that were BadRecord
  std::uint64_t rejected = 0;     ///< Outbox::fail
  std::uint64_t dropped = 0;      ///< Outbox::drop, overflow, refused by a bee that is down or gone
  std::uint64_t late = 0;         ///< of those, came after its end, and nobody could be told
  std::uint64_t lost = 0;         ///< sent to a receiver that ended before it accepted them
  std::uint64_t held_lost = 0;    ///< held when their object went, or let go of in a call that was taken back
  std::uint64_t held_at_end = 0;  ///< of those, when it stopped: `on_stop` did not let go of them
  std::uint64_t expired = 0;      ///< past their deadline before work began
  std::uint64_t cancelled = 0;    ///< their client had left before work began
  std::uint64_t orphaned = 0;     ///< replies without a client
  std::uint64_t rebuilds = 0;
  std::uint64_t unhandled = 0;  ///< foreign messages, ignored

  BeeCounters& operator+=(const BeeCounters& other) noexcept;
};

/// Of one replica; written by its actor.
struct BeeMeter {
  explicit BeeMeter(std::size_t edge_count) : edges(edge_count) {}

  Published<BeeCounters> counters;
  Count queued;                  ///< now: records that have come and are not done
  Count held;                    ///< now: records that it holds
  Count batch_fill;              ///< ns, over all records: waited for a batch to fill, because the bee asks for that
  DurationHistogram queue_wait;  ///< of records: from sent until the slice, or batch, that takes them up
  DurationHistogram processing;  ///< of slices: one batch, or what waited, up to about limits::slice_time
  SizeHistogram batch_size;      ///< records of a slice
  std::vector<EdgeMeter> edges;  ///< in the order of its routing tables
};

/// Of an actor and of whoever reads it: an actor that was given up may outlive its swarm.
template <class Meter>
using MeterPtr = std::shared_ptr<Meter>;
using BeeMeterPtr = MeterPtr<BeeMeter>;

template <class Meter>
[[nodiscard]] MeterPtr<Meter> make_meter(std::size_t edge_count) {
  return MeterPtr<Meter>(new Meter(edge_count));
}

}  // namespace skep
