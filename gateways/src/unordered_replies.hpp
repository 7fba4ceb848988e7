#pragma once
// Open requests whose answers leave as they come: those of a custom gateway that belong to no client. Pure.
//
// Memory follows the requests that are there, however long the oldest waits.
// Threads: the I/O thread.

#include <deque>
#include <map>

#include "open_requests.hpp"

namespace skep {

class UnorderedReplies final : public OpenRequests {
 public:
  std::size_t expire(Time now, const Failure& failure) override;
  [[nodiscard]] std::size_t held_records() const noexcept override;
  [[nodiscard]] std::optional<Time> earliest_deadline() const noexcept override;
  [[nodiscard]] bool leads(std::uint64_t) const noexcept override { return answered_.empty(); }

 private:
  Place& add() override { return places_[end()]; }
  [[nodiscard]] Place* find(std::uint64_t request) noexcept override;
  void filled(std::uint64_t request) override { answered_.push_back(request); }
  [[nodiscard]] Numbered first() noexcept override;
  void drop(std::uint64_t request) override;

  std::map<std::uint64_t, Place> places_;  ///< by request, so by deadline
  std::deque<std::uint64_t> answered_;     ///< of those
};

}  // namespace skep
