#pragma once
// Which receivers of an edge get a record. Pure.
//
// `any`: power of two choices (Mitzenmacher 2001) by expected wait: records in flight or waiting, and the next one,
// times what its receiver says that one takes. A replica that is slow, or has much to do, gets less. `key`: the key's
// slot out of limits::key_slots, so that one key always meets one replica. `all`: every receiver.

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "skep/serialization/record.hpp"

namespace skep {

enum class Route : std::uint8_t { any, key, all };
enum class Overflow : std::uint8_t { block, drop_oldest, drop_newest };

[[nodiscard]] std::string_view to_string(Route route) noexcept;
[[nodiscard]] std::string_view to_string(Overflow overflow) noexcept;
[[nodiscard]] std::optional<Route> route_from(std::string_view text) noexcept;
[[nodiscard]] std::optional<Overflow> overflow_from(std::string_view text) noexcept;

/// 0 to limits::key_slots - 1; the same on every machine and in every version (FNV-1a, 64 bit, its halves
/// folded).
[[nodiscard]] std::uint32_t key_slot(std::string_view key) noexcept;
[[nodiscard]] std::size_t receiver_of_slot(std::uint32_t slot, std::size_t receivers) noexcept;

/// Two different ones of `count`, at least 2, each as likely as any.
[[nodiscard]] std::pair<std::size_t, std::size_t> two_of(std::size_t count, std::uint64_t random) noexcept;

}  // namespace skep
