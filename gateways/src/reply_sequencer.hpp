#pragma once
// The open requests of a client: whose answer goes out next, what is late, how much waits. Pure.
//
// A client may send many requests before it reads the first answer. Answers come back in any order and leave in the
// order of their requests; so do refusals.
// Threads: the I/O thread.

#include <vector>

#include "open_requests.hpp"

namespace skep {

class ReplySequencer final : public OpenRequests {
 public:
  std::size_t expire(Time now, const Failure& failure) override;
  [[nodiscard]] std::size_t held_records() const noexcept override;
  [[nodiscard]] std::optional<Time> earliest_deadline() const noexcept override;
  [[nodiscard]] bool leads(std::uint64_t request) const noexcept override { return request == begin_; }

 private:
  Place& add() override;
  [[nodiscard]] Place* find(std::uint64_t request) noexcept override;
  void filled(std::uint64_t request) override;
  [[nodiscard]] Numbered first() noexcept override;
  void drop(std::uint64_t request) override;

  void skip_answered();

  [[nodiscard]] Place& at(std::uint64_t request) noexcept { return ring_[request & (ring_.size() - 1)]; }
  [[nodiscard]] const Place& at(std::uint64_t request) const noexcept { return ring_[request & (ring_.size() - 1)]; }

  std::vector<Place> ring_;    ///< a power of two of places, by request number
  std::uint64_t begin_ = 1;    ///< first request that has not left
  std::uint64_t waiting_ = 1;  ///< no request before it is open
};

}  // namespace skep
