#pragma once
// How many bytes the gateways of one I/O thread may hold in all, its part of the node's: open requests, unfinished
// frames and unread answers. Pure: takes and gives back; who asks decides what a refusal means.
//
// A request draws its payload and limits::reply_reserve when it is admitted, and gives both back when its answer is on
// its way to the client, or its session has ended. What one gateway, or its clients, leave free, the others may use. A
// payload above the whole budget passes when nothing else draws on it: the gateway's own limits are what refuses it. A
// gateway that blocks learns a payload's size by reading it, so it asks `has_room` first and may end above the budget
// by that one payload. Records that nobody answers have no end that a gateway could see: they draw nothing here, and
// credit bounds them.
//
// A session's buffers draw what they really hold: the part of a frame that has come, answers that were not written and
// are more than their requests drew. All of them together have limits::buffers_percent_max of the budget, so that what
// does not end cannot keep out what does. One that is alone passes here too.

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "skep/gateways/limits.hpp"

namespace skep {

class PayloadBudget {
 public:
  explicit PayloadBudget(std::size_t bytes_max) noexcept  ///< 0: without bounds
      : bytes_max_(bytes_max), buffers_max_(bytes_max * limits::buffers_percent_max / 100) {}

  /// A request of so many bytes may draw them. `own`: drawn by the buffers of its session, from which it comes.
  [[nodiscard]] bool fits(std::size_t bytes, std::size_t own = 0) const noexcept {
    const auto others = used_beside(own);
    return bytes_max_ == 0 || others == 0 || (others <= bytes_max_ && bytes <= bytes_max_ - others);
  }
  /// Something is left.
  [[nodiscard]] bool has_room(std::size_t own = 0) const noexcept {
    return bytes_max_ == 0 || used_beside(own) < bytes_max_;
  }
  void take(std::size_t bytes) noexcept { used_ += bytes; }
  void give_back(std::size_t bytes) noexcept {
    assert(bytes <= used_);
    used_ -= bytes;
  }

  /// A session's buffers, which draw `own`, may draw `wanted`.
  [[nodiscard]] bool buffers_fit(std::size_t own, std::size_t wanted) const noexcept {
    if (wanted <= own || bytes_max_ == 0 || buffers_ == own) return true;
    return buffers_ - own + wanted <= buffers_max_ && used_ - own + wanted <= bytes_max_;
  }
  /// Something is left for them.
  [[nodiscard]] bool buffers_have_room(std::size_t own) const noexcept {
    return bytes_max_ == 0 || buffers_ == own || (buffers_ < buffers_max_ && used_ < bytes_max_);
  }
  void resize_buffers(std::size_t own, std::size_t wanted) noexcept {
    assert(own <= buffers_ && own <= used_);
    buffers_ = buffers_ - own + wanted;
    used_ = used_ - own + wanted;
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

 private:
  /// Buffers above their share keep out no request.
  [[nodiscard]] std::size_t used_beside(std::size_t own) const noexcept {
    return used_ - buffers_ + std::min(buffers_ - own, buffers_max_);
  }

  std::size_t bytes_max_;
  std::size_t buffers_max_;  ///< of those, for buffers
  std::size_t used_ = 0;     ///< also by buffers
  std::size_t buffers_ = 0;
};

}  // namespace skep
