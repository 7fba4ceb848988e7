#pragma once
// A named end of a bee. An index at run time: no string is touched per record.

#include <cstdint>

namespace skep {

class Port {
 public:
  constexpr Port() = default;  ///< bound to nothing: `describe` binds it. To send on it throws
  constexpr explicit Port(std::uint16_t index) : index_(index) {}
  [[nodiscard]] constexpr std::uint16_t index() const noexcept { return index_; }
  friend constexpr bool operator==(Port, Port) = default;

 private:
  std::uint16_t index_ = 0xFFFF;
};

inline constexpr Port default_port{0};

}  // namespace skep
