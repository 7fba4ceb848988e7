#pragma once
// The text of a request with places in it that are filled in anew each time: `{"id": {i}, "x": {random}}`.
//
//   {i}         the number of the request, from 0
//   {random}    a fraction from 0, below 1
//   {random:N}  a whole number from 0, below N
//   {now}       milliseconds since the epoch
//
// A brace before anything but a letter stands for itself, so JSON is written as it is. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/seeded_random.hpp"
#include "skep/serialization/result.hpp"

namespace skep::bench {

class PayloadTemplate {
 public:
  struct Values {
    std::uint64_t number = 0;
    std::int64_t now_ms = 0;
  };

  /// Errors: `errc::invalid_argument` with the place that is wrong and what it may be; a line end in it;
  /// `errc::too_large` past limits::bench_template_bytes_max.
  [[nodiscard]] static Result<PayloadTemplate> parse(std::string_view text);

  /// Appends.
  void write(const Values& values, SeededRandom& random, std::string& out) const;

 private:
  enum class What : std::uint8_t { nothing, number, fraction, below, now };
  struct Piece {
    std::string text;  ///< before it
    What what = What::nothing;
    std::uint64_t bound = 0;  ///< of `below`
  };
  [[nodiscard]] static Result<Piece> placeholder(std::string_view inside, std::size_t column);

  std::vector<Piece> pieces_;
};

}  // namespace skep::bench
