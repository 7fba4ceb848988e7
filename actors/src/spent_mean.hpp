#pragma once
// The mean of Stamp::spent over records of several messages. One that is not known makes the mean unknown. Pure.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "skep/actors/edge_messages.hpp"

namespace skep {

class SpentMean {
 public:
  void add(std::chrono::nanoseconds spent, std::size_t records) noexcept {
    if (spent == Stamp::unknown) known_ = false;
    sum_ += spent * static_cast<std::int64_t>(records);
    records_ += static_cast<std::int64_t>(records);
  }
  [[nodiscard]] std::chrono::nanoseconds mean() const noexcept {
    return known_ && records_ != 0 ? sum_ / records_ : Stamp::unknown;
  }

 private:
  std::chrono::nanoseconds sum_{0};
  std::int64_t records_ = 0;
  bool known_ = true;
};

}  // namespace skep
