#pragma once
// SHA-256 (FIPS 180-4), in hex: what pins a file that is loaded.

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace skep {

class Sha256 {
 public:
  Sha256();  ///< throws std::runtime_error if the system's library does not have it
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::span<const std::byte> bytes);
  /// Of all that was added. Nothing is added after it.
  [[nodiscard]] std::array<std::byte, 32> bytes();
  /// The same as 64 small digits.
  [[nodiscard]] std::string hex();

  [[nodiscard]] static std::string hex_of(std::span<const std::byte> bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether `text` may be one: 64 hex digits.
[[nodiscard]] bool is_sha256(std::string_view text) noexcept;
/// Whether the two are one, as people write them.
[[nodiscard]] bool same_sha256(std::string_view one, std::string_view other) noexcept;

}  // namespace skep
