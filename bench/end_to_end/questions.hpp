#pragma once
// What the load generator asks, and what it takes for an answer.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class Questions {
 public:
  /// JSON of so many bytes, at least 12, each with the numbers of its connection and request in it; the answer is an
  /// echo. From 35 bytes on it is an object, below a string.
  explicit Questions(std::size_t bytes);
  /// The lines of a file, or pieces of so many bytes if `bytes_each` is not 0, in turn, each connection from another
  /// one on. An answer ends as the line of the same number in `endings` does; where that is empty it is an echo.
  Questions(const std::string& requests, std::size_t bytes_each, const std::string& endings);

  /// Valid until the next one.
  [[nodiscard]] std::string_view question(std::uint32_t connection, std::uint32_t request);
  [[nodiscard]] bool answered(std::uint32_t connection, std::uint32_t request, std::string_view answer);

 private:
  [[nodiscard]] std::size_t line_of(std::uint32_t connection, std::uint32_t request) const;

  std::string text_;            ///< with digits before `digits_end_`
  std::size_t digits_end_ = 0;  ///< of the request; those of the connection are before them
  std::size_t connection_digits_ = 0;
  std::vector<std::string> lines_, endings_;
};

}  // namespace bench
