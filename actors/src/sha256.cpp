#include "skep/actors/sha256.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace skep {
namespace {

constexpr std::size_t digits_of_sha256 = 64;

char lower(char digit) {
  return digit >= 'A' && digit <= 'F' ? static_cast<char>(digit + ('a' - 'A')) : digit;
}

bool is_hex(char digit) {
  return (digit >= '0' && digit <= '9') || (lower(digit) >= 'a' && lower(digit) <= 'f');
}

void require(int done) {
  if (done != 1) throw std::runtime_error("SHA-256 is not available");
}

}  // namespace

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr));
}
Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

std::array<std::byte, 32> Sha256::bytes() {
  std::array<std::byte, 32> digest{};
  require(EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr));
  return digest;
}

std::string Sha256::hex() {
  std::string text;
  for (const auto byte : bytes()) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string Sha256::hex_of(std::span<const std::byte> bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.hex();
}

bool is_sha256(std::string_view text) noexcept {
  return text.size() == digits_of_sha256 && std::ranges::all_of(text, is_hex);
}

bool same_sha256(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, lower, lower);
}

}  // namespace skep
