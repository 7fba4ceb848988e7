#include "sums.hpp"

#include <cmath>
#include <limits>

namespace skep {
namespace {

/// Both exactly: its significand has the 64 bits of an integer, or more.
bool is_less(const Number& one, const Number& other) {
  const auto wide = [](auto number) { return static_cast<long double>(number); };
  return std::visit(wide, one) < std::visit(wide, other);
}
static_assert(std::numeric_limits<long double>::digits >= 64);

}  // namespace

void Sums::add(Number number) noexcept {
  if (count_ == 0 || is_less(number, min_)) min_ = number;
  if (count_ == 0 || is_less(max_, number)) max_ = number;
  ++count_;
  if (const auto* integer = std::get_if<std::int64_t>(&number)) {
    whole_ += *integer;
    return;
  }
  all_whole_ = false;
  const auto value = std::get<double>(number);
  const auto sum = parts_ + value;
  lost_ += std::abs(parts_) >= std::abs(value) ? (parts_ - sum) + value : (value - sum) + parts_;
  parts_ = sum;
}

double Sums::total() const noexcept {
  return static_cast<double>(static_cast<long double>(whole_) + parts_ + lost_);
}

std::optional<Number> Sums::sum() const noexcept {
  using Limits = std::numeric_limits<std::int64_t>;
  if (all_whole_ && whole_ >= Limits::min() && whole_ <= Limits::max()) return static_cast<std::int64_t>(whole_);
  const auto sum = total();
  return std::isfinite(sum) ? std::optional<Number>(sum) : std::nullopt;
}

std::optional<double> Sums::mean() const noexcept {
  if (count_ == 0) return std::nullopt;
  const auto mean =
      static_cast<double>((static_cast<long double>(whole_) + parts_ + lost_) / static_cast<long double>(count_));
  return std::isfinite(mean) ? std::optional(mean) : std::nullopt;
}

}  // namespace skep
