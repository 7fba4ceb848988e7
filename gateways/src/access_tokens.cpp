#include "access_tokens.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "letters.hpp"
#include "net/peer_identity.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

constexpr std::string_view prefix = "sha256:";
constexpr std::string_view bearer = "bearer";
constexpr std::string_view blanks = " \t\r";
constexpr std::size_t unasked_bytes_min = 24;  ///< of what is a token, and no word, to one who asks for none
constexpr std::string_view printed = "hash";   ///< before a hash, where `skep token` prints it: no name

std::array<std::byte, 32> bytes_of(std::string_view digits) {
  std::array<std::byte, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, value, 16);
    bytes[i] = static_cast<std::byte>(value);
  }
  return bytes;
}

/// RFC 6750, section 2.1: b64token.
bool is_in_tokens(char c) {
  return is_in_names(c) || c == '~' || c == '+' || c == '/' || c == '=';
}

/// Up to the next blank, which is cut off with those before it.
std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  return word;
}

}  // namespace

bool is_token_name(std::string_view text) noexcept {
  const bool fits = !text.empty() && text.size() <= limits::token_name_bytes_max && text != printed;
  return fits && std::ranges::all_of(text, is_in_names);
}

Result<AccessTokens> AccessTokens::parse(const std::vector<std::string>& lines) {
  AccessTokens tokens;
  for (const auto& line : lines) {
    if (auto added = tokens.add(line); !added) return added.error();
  }
  return tokens;
}

Result<void> AccessTokens::add_lines(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(blanks) == std::string_view::npos) continue;
    auto added = add(line);
    if (!added) return Error{added.error().code, "line " + std::to_string(number) + ": " + added.error().message};
  }
  return {};
}

/// What is wrong is not shown: it may be a token, put there by mistake.
Result<void> AccessTokens::add(std::string_view line) {
  auto name = take_word(line);
  auto hash = take_word(line);
  if (hash.empty()) std::swap(name, hash);
  const bool whole = hash.starts_with(prefix) && is_sha256(hash.substr(prefix.size()));
  if (!whole || !take_word(line).empty()) {
    return Error{errc::invalid_argument,
                 "a token stands there as its hash, \"sha256:\" and 64 hex digits, or a name and that"};
  }
  if (name == printed) name = {};
  if (!name.empty() && !is_token_name(name)) {
    return Error{errc::invalid_argument, "the name of a token has letters, digits, '-', '_' and '.' alone, " +
                                             std::to_string(limits::token_name_bytes_max) + " at the most"};
  }
  if (tokens_.size() >= limits::tokens_max) {
    return Error{errc::invalid_argument, "there are more than " + std::to_string(limits::tokens_max) + " tokens"};
  }
  tokens_.push_back({std::string(name), bytes_of(hash.substr(prefix.size()))});
  return {};
}

const AccessToken* AccessTokens::find(std::string_view token) const {
  Sha256 sum;
  sum.add(std::as_bytes(std::span(token)));
  const auto hash = sum.bytes();
  const AccessToken* found = nullptr;
  for (const auto& each : tokens_) {
    const bool same = CRYPTO_memcmp(each.hash.data(), hash.data(), hash.size()) == 0;
    found = same ? &each : found;
  }
  return found;
}

bool AccessTokens::has(const AccessToken& token) const noexcept {
  return std::ranges::find(tokens_, token.hash, &AccessToken::hash) != tokens_.end();
}

std::optional<std::string_view> bearer_token(std::string_view text) noexcept {
  if (text.size() <= bearer.size() || text[bearer.size()] != ' ') return std::nullopt;
  if (!are_alike(text.substr(0, bearer.size()), bearer)) return std::nullopt;
  const auto begin = text.find_first_not_of(' ', bearer.size());
  if (begin == std::string_view::npos) return std::nullopt;
  const auto token = text.substr(begin);
  return token.find(' ') == std::string_view::npos ? std::optional(token) : std::nullopt;
}

bool shows_token(std::string_view frame) noexcept {
  frame.remove_prefix(std::min(frame.find_first_not_of(blanks), frame.size()));
  frame = frame.substr(0, frame.find_last_not_of(blanks) + 1);
  const auto token = bearer_token(frame);
  return token && token->size() >= unasked_bytes_min && std::ranges::all_of(*token, is_in_tokens);
}

}  // namespace skep
