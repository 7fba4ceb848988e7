#pragma once
// Sessions whose clients have left while requests of theirs were open: what those asked for need not be done.
//
// One table for a node: gateways write it, bees read it where they look at deadlines. Best effort, and bounded: a
// departure takes the place that its name falls on, over an earlier one, whose requests are then worked on for nobody,
// as they were without this table. It never takes one session for another of the same start of a gateway; for one of
// another start, or for a single request, with a chance of about 2^-64. While nobody has left, a slice of work costs
// one load, and no record is looked at. Lifetime: outlives the bees and gateways. Threads: any; no lock, no allocation.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "skep/actors/limits.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

class DepartedSessions {
 public:
  using Time = std::chrono::steady_clock::time_point;

  DepartedSessions() noexcept { places_[0] = 1; }  // a name that falls on another place

  /// The client of `session` has left. Sessions are numbered once within an incarnation. `last_deadline` is that of the
  /// last request it has sent.
  void add(const Origin& session, Time last_deadline) noexcept;
  /// Only this request is wanted no more: others of its session go on.
  void add_request(const Origin& request, Time deadline) noexcept;
  /// Whether something that a departed session asked for may still be about.
  [[nodiscard]] bool any(Time now) const noexcept {
    return now.time_since_epoch().count() <= until_.load(std::memory_order_relaxed);
  }
  /// Whether the client of this request has left, or wants it no more. What is no request has no client that could.
  [[nodiscard]] bool has(const Origin& origin) const noexcept {
    return origin.request != 0 && (knows(name_of(origin)) || knows(name_of_request(origin)));
  }

 private:
  static_assert(std::has_single_bit(limits::departed_sessions_max));

  /// Another one for each session of an incarnation: both steps can be undone.
  [[nodiscard]] static std::uint64_t name_of(const Origin& origin) noexcept {
    return origin.incarnation ^ (origin.session * 0x9E3779B97F4A7C15u);
  }
  [[nodiscard]] static std::uint64_t name_of_request(const Origin& origin) noexcept {
    return name_of(origin) ^ (origin.request * 0x94D049BB133111EBu);
  }
  [[nodiscard]] static std::size_t place_of(std::uint64_t name) noexcept {
    return static_cast<std::size_t>((name * 0xBF58476D1CE4E5B9u) >>
                                    (65 - std::bit_width(limits::departed_sessions_max)));
  }
  [[nodiscard]] bool knows(std::uint64_t name) const noexcept {
    return places_[place_of(name)].load(std::memory_order_relaxed) == name;
  }
  void add(std::uint64_t name, Time until) noexcept;

  std::array<std::atomic<std::uint64_t>, limits::departed_sessions_max> places_{};
  std::atomic<Time::rep> until_{Time::min().time_since_epoch().count()};
};

/// Tells the records on which work at `now` would be for nobody: past their deadline, or of a client that has left.
class Unwanted {
 public:
  /// `departed` may be null.
  Unwanted(const DepartedSessions* departed, DepartedSessions::Time now) noexcept
      : departed_(departed != nullptr && departed->any(now) ? departed : nullptr), now_(now) {}

  [[nodiscard]] bool operator()(const Record& record) const noexcept {
    return record.deadline() < now_ || (departed_ != nullptr && departed_->has(record.origin()));
  }

 private:
  const DepartedSessions* departed_;
  DepartedSessions::Time now_;
};

}  // namespace skep
