#pragma once
// The tokens that open a gateway, by their SHA-256 alone: who reads the swarm file has none of them. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep {

/// What comes of a token that a client shows, or does not.
enum class TokenVerdict : std::uint8_t {
  right,
  wrong,
  too_many,  ///< wrong ones came from its address: it was not looked at
};

class AccessTokens {
 public:
  /// Of lines as `skep token` prints them: "sha256:", then 64 hex digits.
  /// Errors: `errc::invalid_argument`: one of another form, or more than limits::tokens_max.
  [[nodiscard]] static Result<AccessTokens> parse(const std::vector<std::string>& hashes);

  [[nodiscard]] bool empty() const noexcept { return hashes_.empty(); }
  /// Whether this is one of them. What was sent decides nothing about how long that takes, but for its length.
  [[nodiscard]] bool admit(std::string_view token) const;

 private:
  std::vector<std::array<std::byte, 32>> hashes_;
};

/// The token of "Bearer TOKEN" (RFC 6750, section 2.1), as an HTTP header or the first frame of a client has it;
/// nothing for another form.
[[nodiscard]] std::optional<std::string_view> bearer_token(std::string_view text) noexcept;

}  // namespace skep
