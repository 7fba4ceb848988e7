#pragma once
// A named end of a bee. An index at run time: no string is touched per record.

#include <cstdint>

namespace skep {

class Port {
 public:
  constexpr Port() = default;  ///< the default port
  constexpr explicit Port(std::uint16_t index) : index_(index) {}
  [[nodiscard]] constexpr std::uint16_t index() const noexcept { return index_; }
  friend constexpr bool operator==(Port, Port) = default;

 private:
  std::uint16_t index_ = 0;
};

inline constexpr Port default_port{};

}  // namespace skep
