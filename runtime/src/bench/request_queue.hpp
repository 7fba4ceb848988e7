#pragma once
// The requests of one connection that were sent and not answered. Answers come in their order. Pure.

#include <cassert>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace skep::bench {

struct OpenRequest {
  using Time = std::chrono::steady_clock::time_point;
  Time due{};
  bool measured = false;  ///< it is due in the time that counts
};

class RequestQueue {
 public:
  /// Due no earlier than those before.
  void push(OpenRequest request) { requests_.push_back(request); }
  /// Whose answer has come: the first; nothing if it was given up. There is one (asserted).
  [[nodiscard]] std::optional<OpenRequest> answer() {
    assert(!requests_.empty());
    const auto first = requests_.front();
    requests_.pop_front();
    if (given_up_ == 0) return first;
    --given_up_;
    return std::nullopt;
  }
  /// The first that was not given up, if it was due by then: it is from now on. Its answer is still waited for, or
  /// those after it would be taken for it.
  [[nodiscard]] std::optional<OpenRequest> give_up(OpenRequest::Time due_by) {
    if (open() == 0 || requests_[given_up_].due > due_by) return std::nullopt;
    return requests_[given_up_++];
  }
  /// The first that was not given up, taken out: of a connection that is lost.
  [[nodiscard]] std::optional<OpenRequest> take() {
    if (open() == 0) {
      requests_.clear();
      given_up_ = 0;
      return std::nullopt;
    }
    const auto next = requests_[given_up_];
    requests_.erase(requests_.begin(), requests_.begin() + static_cast<std::ptrdiff_t>(given_up_ + 1));
    given_up_ = 0;
    return next;
  }

  [[nodiscard]] std::size_t open() const noexcept { return requests_.size() - given_up_; }
  [[nodiscard]] std::size_t size() const noexcept { return requests_.size(); }  ///< with those that were given up

 private:
  std::deque<OpenRequest> requests_;
  std::size_t given_up_ = 0;  ///< the first ones
};

}  // namespace skep::bench
