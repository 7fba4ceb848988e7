#pragma once
// Count, sum, least, greatest and mean of numbers as they come. Integers stay integers, and their sum is exact however
// large it grows on the way; what is no integer is added as doubles, with what rounding loses kept beside (Neumaier's
// variant of Kahan's summation). Pure.

#include <cstdint>
#include <optional>
#include <variant>

namespace skep {

using Number = std::variant<std::int64_t, double>;

class Sums {
 public:
  void add(Number number) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// An integer if all were, and it has 64 bits. Nothing if it is beyond a double.
  [[nodiscard]] std::optional<Number> sum() const noexcept;
  [[nodiscard]] std::optional<double> mean() const noexcept;
  [[nodiscard]] Number min() const noexcept { return min_; }  ///< of at least one
  [[nodiscard]] Number max() const noexcept { return max_; }

 private:
  [[nodiscard]] double total() const noexcept;

  __extension__ using Wide = __int128;

  std::uint64_t count_ = 0;
  Wide whole_ = 0;    ///< of the integers: 2^63 of them do not overflow it
  double parts_ = 0;  ///< of the others
  double lost_ = 0;   ///< by rounding `parts_`
  bool all_whole_ = true;
  Number min_{}, max_{};
};

}  // namespace skep
