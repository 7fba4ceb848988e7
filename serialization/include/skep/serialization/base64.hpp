#pragma once
// Base64 (RFC 4648, section 4): bytes in JSON. Pure.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skep {

/// With padding.
void append_base64(std::span<const std::byte> bytes, std::string& out);
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);
/// Nothing for what is no base64 of whole bytes. The padding may be missing; bits that no byte takes are zero.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace skep
