#include "log_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>

namespace skep::detail {
namespace {

constexpr std::string_view cut_mark = "...";
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

std::size_t sequence_bytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

Character next_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const auto bytes = sequence_bytes(lead);
  if (bytes == 0 || bytes > text.size()) return {};
  if (bytes == 1) return {lead, 1, true};
  std::uint32_t code = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0u) != 0x80u) return {};
    code = (code << 6) | (byte & 0x3Fu);
  }
  constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return {code, bytes, code >= smallest[bytes] && code <= 0x10FFFF && !surrogate};
}

bool is_control(std::uint32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return true;
  const bool line_end = code == 0x2028 || code == 0x2029;
  const bool direction =
      code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return line_end || direction;
}

std::string unicode_escape(std::uint32_t code) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[(code >> shift) & 0xF];
  return text;
}

std::string written(const Character& character, std::string_view bytes, LogFormat format) {
  if (!character.valid) return std::string(replacement);
  switch (character.code) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '"':
      return format == LogFormat::json ? "\\\"" : "\"";
    case '\\':
      return "\\\\";  // in text too, or a client could write what looks like an escape
    default:
      return is_control(character.code) ? unicode_escape(character.code) : std::string(bytes);
  }
}

/// A field's name comes from our own code; it is escaped all the same.
void append_field(std::string& to, const LogField& field, LogFormat format, std::size_t bytes_max) {
  const bool json = format == LogFormat::json;
  const auto* number = std::get_if<std::uint64_t>(&field.value);
  const auto* text = std::get_if<std::string_view>(&field.value);
  const auto value = text == nullptr ? std::to_string(*number) : escaped(*text, format, bytes_max);
  const std::string quote = json && text != nullptr ? "\"" : "";
  const auto name = escaped(field.name, format, bytes_max);
  to += (json ? ",\"" + name + "\":" : " " + name + "=") + quote + value + quote;
}

constexpr std::array<std::string_view, 4> level_colours{"\033[36m", "\033[32m", "\033[33m\033[1m", "\033[31m\033[1m"};

/// `format` of strftime, then a dot and so many digits of the second's fraction.
std::string time_text(std::chrono::system_clock::time_point at, const char* format, std::size_t digits,
                      std::tm* (*broken_down)(const std::time_t*, std::tm*)) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const std::time_t time = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts{};
  broken_down(&time, &parts);
  std::array<char, 32> text;
  const auto bytes = std::strftime(text.data(), text.size(), format, &parts);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at - seconds).count();
  return std::string(text.data(), bytes) + "." + std::to_string(1'000'000 + micros).substr(1, digits);
}

}  // namespace

std::string escaped(std::string_view text, LogFormat format, std::size_t bytes_max) {
  std::string out;
  std::size_t whole = 0;  // how much of `out` leaves room for the mark
  while (!text.empty()) {
    const auto character = next_character(text);
    const auto piece = written(character, text.substr(0, character.bytes), format);
    if (out.size() + piece.size() > bytes_max) {
      out.resize(whole);
      return out += cut_mark.substr(0, std::min(cut_mark.size(), bytes_max - whole));
    }
    out += piece;
    if (out.size() + cut_mark.size() <= bytes_max) whole = out.size();
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string line_body(const LogLine& line, LogFormat format, LogTextLimits limits) {
  const bool json = format == LogFormat::json;
  const auto source = escaped(line.source, format, std::min(limits.field_bytes_max, limits.line_bytes_max / 4));
  std::string fields;
  for (const auto& field : line.fields) append_field(fields, field, format, limits.field_bytes_max);
  constexpr std::size_t frame_bytes = 32;  // quotes, names and colons around source and text
  const auto used = source.size() + frame_bytes;
  // Fields that do not fit go altogether: half of one would not be JSON.
  if (used + fields.size() > limits.line_bytes_max / 4 * 3) fields = json ? ",\"cut\":\"fields\"" : " cut=fields";
  const auto room = limits.line_bytes_max - std::min(limits.line_bytes_max, used + fields.size());
  const auto text = escaped(line.text, format, room);
  if (json) return "\"source\":\"" + source + "\",\"text\":\"" + text + "\"" + fields;
  return source + ": " + text + fields;
}

std::string json_line(std::chrono::system_clock::time_point at, LogLevel level, std::string_view body) {
  std::string line = R"({"time":")" + time_text(at, "%Y-%m-%dT%H:%M:%S", 6, ::gmtime_r);
  line.append(R"(Z","level":")").append(to_string(level)).append("\",").append(body);
  return line += "}\n";
}

std::string text_line(std::chrono::system_clock::time_point at, LogLevel level, std::string_view body,
                      LogColour colour) {
  constexpr std::size_t width = 7;  // of the longest name
  std::string name(to_string(level));
  name.resize(width, ' ');
  if (colour == LogColour::yes) {
    name = std::string(level_colours[static_cast<std::size_t>(level)]) + name + "\033[m";
  }
  return time_text(at, "%H:%M:%S", 3, ::localtime_r) + " " + name + " " + std::string(body) + "\n";
}

}  // namespace skep::detail
