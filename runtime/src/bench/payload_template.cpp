#include "bench/payload_template.hpp"

#include <array>
#include <charconv>

#include "skep/actors/option.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/nearest.hpp"

namespace skep::bench {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <class Number>
void append(Number number, std::string& out) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

Error wrong(std::string_view placeholder, std::size_t column, const std::string& why) {
  constexpr std::size_t shown_max = 40;
  const auto shown = printable(placeholder.substr(0, shown_max)) + (placeholder.size() > shown_max ? "..." : "");
  return {errc::invalid_argument, "at character " + std::to_string(column) + ": '" + shown + "' " + why};
}

}  // namespace

Result<PayloadTemplate> PayloadTemplate::parse(std::string_view text) {
  if (text.size() > limits::bench_template_bytes_max) {
    return Error{errc::too_large, "more than " + skep::to_string(ByteSize{limits::bench_template_bytes_max}) +
                                      " (bench_template_bytes_max): put records into a file, for --payload"};
  }
  if (text.empty()) return Error{errc::invalid_argument, "it is empty"};
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    return Error{errc::invalid_argument, "it has a line end in it; a record is one line"};
  }
  PayloadTemplate parsed;
  std::string before;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = text[at] == '{' && at + 1 < text.size() && is_letter(text[at + 1]);
    if (!begins) {
      before += text[at++];
      continue;
    }
    const auto rest = text.substr(at);
    const auto end = rest.find('}');
    if (end == std::string_view::npos) return wrong(rest, at + 1, "has no '}'");
    auto piece = placeholder(rest.substr(1, end - 1), at + 1);
    if (!piece) return piece.error();
    piece->text = std::move(before);
    before.clear();
    parsed.pieces_.push_back(std::move(piece).value());
    at += end + 1;
  }
  if (!before.empty()) parsed.pieces_.push_back({std::move(before)});
  return parsed;
}

Result<PayloadTemplate::Piece> PayloadTemplate::placeholder(std::string_view inside, std::size_t column) {
  if (inside == "i") return Piece{{}, What::number};
  if (inside == "random") return Piece{{}, What::fraction};
  if (inside == "now") return Piece{{}, What::now};
  const auto whole = "{" + std::string(inside) + "}";
  constexpr std::string_view below = "random:";
  if (!inside.starts_with(below)) {
    return wrong(whole, column,
                 "is no placeholder (" + suggest(whole, {"{i}", "{random}", "{random:N}", "{now}"}) + ")");
  }
  const auto digits = inside.substr(below.size());
  std::uint64_t bound = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bound);
  if (failed != std::errc() || end != digits.data() + digits.size() || bound == 0) {
    return wrong(whole, column, "needs a whole number from 1 on, as in {random:100}");
  }
  return Piece{{}, What::below, bound};
}

void PayloadTemplate::write(const Values& values, SeededRandom& random, std::string& out) const {
  for (const auto& piece : pieces_) {
    out += piece.text;
    switch (piece.what) {
      case What::nothing:
        break;
      case What::number:
        append(values.number, out);
        break;
      case What::fraction:
        append(random.fraction(), out);
        break;
      case What::below:
        append(random.below(piece.bound), out);
        break;
      case What::now:
        append(values.now_ms, out);
        break;
    }
  }
}

}  // namespace skep::bench
