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

struct AccessToken {
  std::string name{};  ///< for the log; "": it has none
  std::array<std::byte, 32> hash{};
};

/// Letters, digits, '-', '_' and '.', limits::token_name_bytes_max at the most; but not "hash", which is no name where
/// `skep token` prints it before one.
[[nodiscard]] bool is_token_name(std::string_view text) noexcept;

class AccessTokens {
 public:
  /// Of lines as `skep token` prints them: "sha256:", then 64 hex digits; before that a name, which several may share.
  /// Errors: `errc::invalid_argument`: one of another form, or more than limits::tokens_max.
  [[nodiscard]] static Result<AccessTokens> parse(const std::vector<std::string>& lines);
  /// Adds those of a file's text, a line each; '#' begins a remark.
  /// Errors: the same, as "line 3: ...".
  [[nodiscard]] Result<void> add_lines(std::string_view text);

  [[nodiscard]] bool empty() const noexcept { return tokens_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return tokens_.size(); }
  /// Which of them this is; null: none. What was sent decides nothing about how long that takes, but for its length.
  [[nodiscard]] const AccessToken* find(std::string_view token) const;
  [[nodiscard]] bool has(const AccessToken& token) const noexcept;

 private:
  [[nodiscard]] Result<void> add(std::string_view line);

  std::vector<AccessToken> tokens_;
};

/// The token of "Bearer TOKEN" (RFC 6750, section 2.1), as an HTTP header or the first frame of a client has it;
/// nothing for another form.
[[nodiscard]] std::optional<std::string_view> bearer_token(std::string_view text) noexcept;

/// What who shows one is told by a gateway that has none.
inline constexpr std::string_view no_token_asked = "this gateway asks for no token";

/// Whether it is that, blanks around it or not, with a token of 24 characters or more, which is no word: nothing that
/// whoever asks for none should take for a record, and pass on.
[[nodiscard]] bool shows_token(std::string_view frame) noexcept;

}  // namespace skep
