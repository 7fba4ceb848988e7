#include "json_diagnosis.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "skep/serialization/limits.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Reads RFC 8259 by recursive descent, as deep as the limit, and stops at the first byte that is wrong.
class Diagnosis {
 public:
  explicit Diagnosis(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    if (value(0)) {
      skip_space();
      if (at_ < text_.size()) fail("more text after the document");
    }
    if (problem_.empty()) return std::nullopt;
    return "byte " + std::to_string(at_) + ": " + problem_;
  }

 private:
  /// False, so that callers can return it.
  bool fail(std::string_view problem) {
    if (problem_.empty())
      problem_ = at_ < text_.size() ? problem : std::string(problem).append(" (the text ends here)");
    return false;
  }

  [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char c) noexcept {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_space() noexcept {
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }

  bool value(std::size_t depth) {
    skip_space();
    switch (peek()) {
      case '{':
        return members(depth);
      case '[':
        return elements(depth);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return is_digit(peek()) || peek() == '-' ? number() : fail("expected a value");
    }
  }

  bool enter(std::size_t depth, std::size_t bracket) {
    if (depth < limits::json_depth_max) return true;
    at_ = bracket;
    return fail("nested deeper than json_depth_max, which is " + std::to_string(limits::json_depth_max));
  }

  bool members(std::size_t depth) {
    const auto bracket = at_++;
    skip_space();
    if (take('}')) return true;
    if (!enter(depth, bracket)) return false;
    do {
      skip_space();
      if (peek() != '"') return fail("expected a key in quotes");
      if (!string()) return false;
      skip_space();
      if (!take(':')) return fail("expected ':'");
      if (!value(depth + 1)) return false;
      skip_space();
    } while (take(','));
    return take('}') || fail("expected ',' or '}'");
  }

  bool elements(std::size_t depth) {
    const auto bracket = at_++;
    skip_space();
    if (take(']')) return true;
    if (!enter(depth, bracket)) return false;
    do {
      if (!value(depth + 1)) return false;
      skip_space();
    } while (take(','));
    return take(']') || fail("expected ',' or ']'");
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return fail("expected a value");
    at_ += expected.size();
    return true;
  }

  bool string() {
    take('"');
    while (at_ < text_.size()) {
      if (take('"')) return true;
      if (peek() == '\\' ? !escape() : !character()) return false;
    }
    return fail("expected '\"' at the end of the string");
  }

  bool character() {
    if (static_cast<unsigned char>(peek()) < 0x20) return fail("a control character in a string must be escaped");
    const auto length = utf8_sequence(text_.substr(at_));
    at_ += length;
    return length > 0 || fail("invalid UTF-8");
  }

  bool escape() {
    if (at_ + 1 < text_.size() && text_[at_ + 1] == 'u') return unicode_escape();
    if (at_ + 1 >= text_.size() || std::string_view("\"\\/bfnrt").find(text_[at_ + 1]) == std::string_view::npos) {
      return fail("no such escape");
    }
    at_ += 2;
    return true;
  }

  [[nodiscard]] std::optional<unsigned> code_unit(std::size_t at) const {
    const auto digits = text_.substr(std::min(at, text_.size()), 6);
    unsigned unit = 0;
    if (digits.size() < 6 || digits[0] != '\\' || digits[1] != 'u') return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data() + 2, digits.data() + 6, unit, 16);
    if (error != std::errc() || end != digits.data() + 6) return std::nullopt;
    return unit;
  }

  bool unicode_escape() {
    const auto unit = code_unit(at_);
    if (!unit) return fail("expected four hexadecimal digits after \\u");
    if (*unit >= 0xDC00 && *unit < 0xE000) return fail("a low surrogate without the high one before it");
    if (*unit < 0xD800 || *unit > 0xDFFF) return at_ += 6, true;
    const auto low = code_unit(at_ + 6);
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return fail("a high surrogate without the low one after it");
    return at_ += 12, true;
  }

  bool digits() {
    if (!is_digit(peek())) return fail("expected a digit");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    const auto begin = at_;
    const bool negative = take('-');
    const auto first = at_;
    if (!digits()) return false;
    if (text_[first] == '0' && at_ - first > 1) return at_ = first, fail("a number must not start with 0");
    const auto whole = text_.substr(begin, at_ - begin);
    bool integer = true;
    if (take('.')) {
      integer = false;
      if (!digits()) return false;
    }
    if (take('e') || take('E')) {
      integer = false;
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    const bool fits = integer ? fits_integer(whole, negative) : fits_double(text_.substr(begin, at_ - begin));
    if (fits) return true;
    at_ = begin;
    return fail(integer ? "the integer does not fit 64 bits" : "the number is too large for a double");
  }

  static bool fits_integer(std::string_view digits, bool negative) {
    std::uint64_t magnitude = 0;
    std::int64_t number = 0;
    const auto* end = digits.data() + digits.size();
    const auto error =
        negative ? std::from_chars(digits.data(), end, number).ec : std::from_chars(digits.data(), end, magnitude).ec;
    return error == std::errc();
  }

  /// A number too small for a double is zero, and fits.
  static bool fits_double(std::string_view text) {
    double number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) return true;
    const auto exponent = text.find_first_of("eE");
    return exponent != text.npos && exponent + 1 < text.size() && text[exponent + 1] == '-';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace

std::optional<std::string> diagnose_json(std::string_view text) {
  return Diagnosis(text).run();
}

}  // namespace skep
