#include "access_tokens.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

constexpr std::string_view prefix = "sha256:";
constexpr std::string_view scheme = "bearer";

std::array<std::byte, 32> bytes_of(std::string_view digits) {
  std::array<std::byte, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, value, 16);
    bytes[i] = static_cast<std::byte>(value);
  }
  return bytes;
}

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

Result<AccessTokens> AccessTokens::parse(const std::vector<std::string>& hashes) {
  if (hashes.size() > limits::tokens_max) {
    return Error{errc::invalid_argument, "there are more than " + std::to_string(limits::tokens_max) + " tokens"};
  }
  AccessTokens tokens;
  for (const std::string_view hash : hashes) {
    // Not shown: it may be a token, put there by mistake.
    if (!hash.starts_with(prefix) || !is_sha256(hash.substr(prefix.size()))) {
      return Error{errc::invalid_argument, "a token stands there as its hash, \"sha256:\" and 64 hex digits"};
    }
    tokens.hashes_.push_back(bytes_of(hash.substr(prefix.size())));
  }
  return tokens;
}

bool AccessTokens::admit(std::string_view token) const {
  Sha256 sum;
  sum.add(std::as_bytes(std::span(token)));
  const auto hash = sum.bytes();
  unsigned found = 0;
  for (const auto& each : hashes_) found |= CRYPTO_memcmp(each.data(), hash.data(), hash.size()) == 0 ? 1U : 0U;
  return found != 0;
}

std::optional<std::string_view> bearer_token(std::string_view text) noexcept {
  const auto same = [](char one, char other) { return small(one) == other; };
  if (text.size() <= scheme.size() || text[scheme.size()] != ' ') return std::nullopt;
  if (!std::ranges::equal(text.substr(0, scheme.size()), scheme, same)) return std::nullopt;
  const auto begin = text.find_first_not_of(' ', scheme.size());
  if (begin == std::string_view::npos) return std::nullopt;
  const auto token = text.substr(begin);
  return token.find(' ') == std::string_view::npos ? std::optional(token) : std::nullopt;
}

}  // namespace skep
