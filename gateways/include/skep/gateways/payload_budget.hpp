#pragma once
// How many bytes of open requests the gateways of one node may hold in all. Pure: takes and gives back; who asks
// decides what a refusal means.
//
// A request draws its payload and limits::reply_reserve when it is admitted, and gives both back when it is answered,
// has expired, or its session has ended. What one gateway, or its clients, leave free, the others may use. A payload
// above the whole budget passes when nothing else draws on it: the gateway's own limits are what refuses it. A gateway
// that blocks learns a payload's size by reading it, so it asks `has_room` first and may end above the budget by that
// one payload.
// Records that nobody answers have no end that a gateway could see: they draw nothing here, and credit bounds them.

#include <cassert>
#include <cstddef>

namespace skep {

class PayloadBudget {
 public:
  explicit PayloadBudget(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}  ///< 0: without bounds

  /// A request of so many bytes may draw them.
  [[nodiscard]] bool fits(std::size_t bytes) const noexcept {
    return bytes_max_ == 0 || used_ == 0 || (used_ <= bytes_max_ && bytes <= bytes_max_ - used_);
  }
  /// Something is left.
  [[nodiscard]] bool has_room() const noexcept { return bytes_max_ == 0 || used_ < bytes_max_; }
  void take(std::size_t bytes) noexcept { used_ += bytes; }
  void give_back(std::size_t bytes) noexcept {
    assert(bytes <= used_);
    used_ -= bytes;
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

 private:
  std::size_t bytes_max_;
  std::size_t used_ = 0;
};

}  // namespace skep
