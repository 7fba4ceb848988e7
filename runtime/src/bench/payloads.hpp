#pragma once
// What the requests of a bench hold: a template, or the lines of a file, again and again. Pure.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/payload_template.hpp"

namespace skep::bench {

class Payloads {
 public:
  Payloads(PayloadTemplate text, std::uint64_t seed) : source_(std::move(text)), random_(seed) {}
  /// The lines of `text` that are not empty; a CR before their end is cut off.
  /// Errors: `errc::invalid_argument` if there is none; `errc::too_large` for one past limits::payload_bytes_max.
  [[nodiscard]] static Result<Payloads> of_lines(std::string_view text);

  /// Of one request; valid until the next call.
  [[nodiscard]] std::string_view make(const PayloadTemplate::Values& values);

 private:
  explicit Payloads(std::vector<std::string> lines) : source_(std::move(lines)), random_(0) {}

  std::variant<PayloadTemplate, std::vector<std::string>> source_;
  SeededRandom random_;
  std::string made_;
};

}  // namespace skep::bench
