#include "paced_lines.hpp"

#include <utility>

namespace skep {

std::optional<std::string> PacedLines::add(std::string line, Time now) {
  waiting_ = std::move(line);
  ++left_out_;
  return take(now);
}

std::optional<std::string> PacedLines::take(Time now) {
  if (left_out_ == 0 || (next_ && now < *next_)) return std::nullopt;
  next_ = now + interval_;
  const auto others = std::exchange(left_out_, 0) - 1;
  if (others == 0) return std::move(waiting_);
  return std::move(waiting_) + " (and " + std::to_string(others) + " more since the last such line)";
}

std::optional<std::string> PacedLines::flush(Time now) {
  if (left_out_ != 0) next_.reset();
  return take(now);
}

std::optional<PacedLines::Time> PacedLines::due() const noexcept {
  return left_out_ != 0 ? next_ : std::nullopt;
}

}  // namespace skep
