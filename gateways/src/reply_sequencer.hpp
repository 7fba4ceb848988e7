#pragma once
// The open requests of one session: whose answer goes out next, what is late, how much waits. Pure.
//
// A client may send many requests before it reads the first answer. Answers come back in any order and leave in the
// order of their requests; the first answer to a request wins. A refusal takes its place in that order like an answer.
// Threads: the I/O thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "skep/serialization/failure.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// What a client gets for a request: a record, or the reason why there is none.
using Answer = std::variant<Record, Failure>;

[[nodiscard]] std::size_t size_of(const Answer& answer) noexcept;

[[nodiscard]] bool is_error(const Answer& answer) noexcept;

class ReplySequencer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The number of the next request; from 1.
  [[nodiscard]] std::uint64_t next_request() const noexcept { return end_; }
  /// A request of so many `bytes` that now waits for its answer; returns its number. Deadlines do not decrease
  /// (asserted).
  std::uint64_t open(Time deadline, std::size_t bytes = 0);
  /// A request that is answered at once.
  void refuse(Failure failure);

  enum class Accepted : std::uint8_t {
    yes,
    late,  ///< no such request any more, or it has its answer already
  };
  [[nodiscard]] Accepted answer(std::uint64_t request, Answer answer);
  /// Whether that request is open.
  [[nodiscard]] bool awaits(std::uint64_t request) const noexcept;
  /// Of a request that was opened and whose answer was not taken by `next` (asserted).
  [[nodiscard]] Time deadline(std::uint64_t request) const noexcept;
  [[nodiscard]] std::size_t bytes(std::uint64_t request) const noexcept;  ///< the same
  /// Of the request that was opened last.
  [[nodiscard]] Time last_deadline() const noexcept { return last_deadline_; }
  /// Answers what is past its deadline with `failure`; returns how many.
  std::size_t expire(Time now, const Failure& failure);
  /// Answers everything open with `failure`; returns how many.
  std::size_t expire_all(const Failure& failure) { return expire(Time::max(), failure); }

  /// The next answer in request order, if it is there.
  [[nodiscard]] std::optional<Answer> next();

  [[nodiscard]] std::size_t held_records() const noexcept;  ///< answers not taken that are no errors; counts them
  [[nodiscard]] std::size_t open_count() const noexcept { return open_; }        ///< without an answer
  [[nodiscard]] std::size_t places() const noexcept { return end_ - begin_; }    ///< not taken by `next`
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }            ///< of the requests of those
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }  ///< of answers not taken
  /// Of those, what is more than the bytes of their requests.
  [[nodiscard]] std::size_t excess_bytes() const noexcept { return excess_bytes_; }
  [[nodiscard]] std::optional<Time> earliest_deadline() const noexcept;  ///< or a time before it

 private:
  struct Place {
    Time deadline{};
    std::size_t bytes = 0;
    std::optional<Answer> answer;
  };

  [[nodiscard]] Place& at(std::uint64_t request) noexcept { return ring_[request & (ring_.size() - 1)]; }
  [[nodiscard]] const Place& at(std::uint64_t request) const noexcept { return ring_[request & (ring_.size() - 1)]; }
  Place& add();
  void fill(Place& place, Answer answer);
  void skip_answered() noexcept;
  [[nodiscard]] static std::size_t excess(const Place& place) noexcept;

  std::vector<Place> ring_;    ///< a power of two of places, by request number
  std::uint64_t begin_ = 1;    ///< first request not taken by `next`
  std::uint64_t end_ = 1;      ///< one past the last request
  std::uint64_t waiting_ = 1;  ///< no request before it is open
  Time last_deadline_{};
  std::size_t open_ = 0;
  std::size_t bytes_ = 0;
  std::size_t held_bytes_ = 0;
  std::size_t excess_bytes_ = 0;
};

}  // namespace skep
