#include "skep/actors/routing.hpp"

#include <cassert>

#include "skep/actors/limits.hpp"

namespace skep {
namespace {

/// `random` scaled to 0 .. count - 1.
std::size_t scaled(std::uint32_t random, std::size_t count) noexcept {
  return static_cast<std::size_t>((static_cast<std::uint64_t>(random) * count) >> 32);
}

}  // namespace

std::string_view to_string(Route route) noexcept {
  switch (route) {
    case Route::any:
      return "any";
    case Route::key:
      return "key";
    case Route::all:
      return "all";
  }
  return "unknown";
}

std::string_view to_string(Overflow overflow) noexcept {
  switch (overflow) {
    case Overflow::block:
      return "block";
    case Overflow::drop_oldest:
      return "drop_oldest";
    case Overflow::drop_newest:
      return "drop_newest";
  }
  return "unknown";
}

std::optional<Route> route_from(std::string_view text) noexcept {
  for (const auto route : {Route::any, Route::key, Route::all}) {
    if (text == to_string(route)) return route;
  }
  return std::nullopt;
}

std::optional<Overflow> overflow_from(std::string_view text) noexcept {
  for (const auto overflow : {Overflow::block, Overflow::drop_oldest, Overflow::drop_newest}) {
    if (text == to_string(overflow)) return overflow;
  }
  return std::nullopt;
}

std::uint32_t key_slot(std::string_view key) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char byte : key) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
  return static_cast<std::uint32_t>((hash ^ (hash >> 32)) % limits::key_slots);
}

std::size_t receiver_of_slot(std::uint32_t slot, std::size_t receivers) noexcept {
  assert(slot < limits::key_slots && receivers > 0);
  return slot * receivers / limits::key_slots;
}

std::pair<std::size_t, std::size_t> two_of(std::size_t count, std::uint64_t random) noexcept {
  assert(count >= 2);
  const auto first = scaled(static_cast<std::uint32_t>(random), count);
  const auto second = scaled(static_cast<std::uint32_t>(random >> 32), count - 1);
  return {first, second < first ? second : second + 1};
}

}  // namespace skep
