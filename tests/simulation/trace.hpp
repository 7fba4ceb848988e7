#pragma once
// What has happened: a hash over all of it, and the last events to read.

#include <cstdint>
#include <string>
#include <vector>

#include "ids.hpp"

namespace skep::simulation {

class Trace {
 public:
  enum class Mark : std::uint8_t {
    packet,
    packet_stale,
    ack,
    timer,
    table,
    dropped,
    work,
    sink,
    answer,
    admitted,
    refused,
    operation,
    end_of_operation,
    node_lost,
    node_joined,
    placed,
    stopped,
    reopened,
    gone,
    overflow,
    blamed,
    held,
    let_go,
  };

  explicit Trace(std::size_t kept_max) : kept_max_(kept_max) { kept_.reserve(kept_max); }

  void note(Time at, Mark mark, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0);
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// The last events, one a line.
  [[nodiscard]] std::string text() const;

 private:
  struct Event {
    Time at;
    Mark mark;
    std::uint64_t a, b, c, d;
  };

  void mix(std::uint64_t value) noexcept { hash_ = (hash_ ^ value) * 0x9E3779B97F4A7C15u, hash_ ^= hash_ >> 29; }

  std::size_t kept_max_;
  std::vector<Event> kept_;  ///< a ring
  std::uint64_t count_ = 0;
  std::uint64_t hash_ = 0xCBF29CE484222325u;
};

}  // namespace skep::simulation
