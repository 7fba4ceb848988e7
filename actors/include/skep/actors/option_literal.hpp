#pragma once
// Options as code writes them: what stands in a file as `deadline = "5s"` is `OptionLiteral(5s)` here.
//
// Converts from what an option may be, in braces from a list of that. It becomes the OptionValue that a file would
// give: durations and sizes as strings with a unit, paths as they are. Threads: none of its own.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "skep/actors/option.hpp"

namespace skep {

class OptionLiteral {
 public:
  template <std::same_as<bool> T>  // what merely converts to bool, such as a pointer, is none
  OptionLiteral(T truth) : value_{truth, {}} {}
  /// Any integer type whose values a file can say: not unsigned ones of 64 bits.
  template <std::integral T>
  requires(!std::same_as<T, bool> && (std::is_signed_v<T> || sizeof(T) < sizeof(std::int64_t))) OptionLiteral(T number)
      : value_{static_cast<std::int64_t>(number), {}} {}
  template <std::floating_point T>
  OptionLiteral(T number) : value_{static_cast<double>(number), {}} {}
  OptionLiteral(std::string text) : value_{std::move(text), {}} {}
  OptionLiteral(std::string_view text) : OptionLiteral(std::string(text)) {}
  OptionLiteral(const char* text) : OptionLiteral(std::string(text)) {}
  OptionLiteral(std::chrono::nanoseconds duration) : OptionLiteral(to_string(duration)) {}
  /// What is longer than nanoseconds can count (292 years) is cut to that.
  template <class Rep, class Period>
  OptionLiteral(std::chrono::duration<Rep, Period> duration) : OptionLiteral(clamped(duration)) {}
  OptionLiteral(ByteSize size) : OptionLiteral(to_string(size)) {}
  OptionLiteral(FilePath path) : OptionLiteral(std::move(path.path)) {}
  OptionLiteral(OptionValue value) : value_(std::move(value)) {}
  template <class T>
  OptionLiteral(const std::vector<T>& list) : value_{OptionValue::Array{}, {}} {
    for (const T& element : list) std::get<OptionValue::Array>(value_.value).push_back(OptionLiteral(element).value());
  }
  OptionLiteral(std::initializer_list<OptionLiteral> list) : value_{OptionValue::Array{}, {}} {
    for (const auto& element : list) std::get<OptionValue::Array>(value_.value).push_back(element.value_);
  }

  [[nodiscard]] const OptionValue& value() const& noexcept { return value_; }
  [[nodiscard]] OptionValue value() && noexcept { return std::move(value_); }

 private:
  template <class Duration>
  static std::chrono::nanoseconds clamped(Duration duration) {
    using Seconds = std::chrono::duration<double>;
    constexpr auto most = std::chrono::nanoseconds::max();
    const auto seconds = std::chrono::duration_cast<Seconds>(duration);
    if (seconds >= std::chrono::duration_cast<Seconds>(most)) return most;
    if (seconds <= -std::chrono::duration_cast<Seconds>(most)) return -most;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(duration);
  }

  OptionValue value_;
};

/// A table: `option_table({{"name", "pixels"}, {"shape", {28, 28}}})`.
[[nodiscard]] OptionValue option_table(std::initializer_list<std::pair<std::string, OptionLiteral>> members);

/// Whether two values are the same, wherever they stand. A NaN is the same as another; 1 and 1.0 differ.
[[nodiscard]] bool same_value(const OptionValue& a, const OptionValue& b);

}  // namespace skep
