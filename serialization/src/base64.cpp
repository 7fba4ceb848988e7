#include "skep/serialization/base64.hpp"

#include <array>
#include <cstdint>

namespace skep {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t none = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> all{};
  all.fill(none);
  for (std::size_t i = 0; i < letters.size(); ++i) all[static_cast<unsigned char>(letters[i])] = std::uint8_t(i);
  return all;
}();

}  // namespace

void append_base64(std::span<const std::byte> bytes, std::string& out) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto rest = bytes.size() - at;
    std::uint32_t bits = std::to_integer<std::uint32_t>(bytes[at]) << 16;
    if (rest > 1) bits |= std::to_integer<std::uint32_t>(bytes[at + 1]) << 8;
    if (rest > 2) bits |= std::to_integer<std::uint32_t>(bytes[at + 2]);
    out.push_back(letters[bits >> 18]);
    out.push_back(letters[bits >> 12 & 63]);
    out.push_back(rest > 1 ? letters[bits >> 6 & 63] : '=');
    out.push_back(rest > 2 ? letters[bits & 63] : '=');
  }
}

std::string to_base64(std::span<const std::byte> bytes) {
  std::string out;
  append_base64(bytes, out);
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 == 0 && text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;  // of bits that are no byte yet
  for (const char letter : text) {
    const auto value = digit_values[static_cast<unsigned char>(letter)];
    if (value == none) return std::nullopt;
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xFF));
  }
  if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace skep
