#pragma once
// What one address may do at a gateway: connections open and opened, wrong tokens tried. Addresses and times in,
// verdicts out; pure.
//
// Connections a second are a leaky bucket (GCRA: ITU-T I.371). An address is remembered while it has connections, and
// after that as long as it matters; of those without connections the one that left first is forgotten for a new one.

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>

#include "skep/gateways/limits.hpp"

namespace skep {

/// Whom a connection counts for: an IPv4 address, or the /64 of an IPv6 one, which is the least that a customer gets.
struct ClientNetwork {
  std::uint64_t bits = 0;
  bool is_v6 = false;
  friend auto operator<=>(const ClientNetwork&, const ClientNetwork&) = default;
};

[[nodiscard]] ClientNetwork network_of(std::uint32_t ipv4) noexcept;
/// One that stands for an IPv4 address (::ffff:10.0.0.1) counts as that.
[[nodiscard]] ClientNetwork network_of(const std::array<std::uint8_t, 16>& ipv6) noexcept;

class AddressLimits {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// 0: no limit.
  struct Settings {
    std::uint32_t sessions_max = 0;
    std::uint32_t rate = 0;   ///< connections a second
    std::uint32_t burst = 1;  ///< of these, at once
    std::uint32_t wrong_tokens_max = 0;
    std::chrono::nanoseconds wrong_tokens_period = limits::wrong_tokens_period;
    std::size_t addresses_max = limits::addresses_max;  ///< without connections
  };
  enum class Verdict : std::uint8_t { welcome, too_many, too_fast };

  explicit AddressLimits(const Settings& settings) : settings_(settings) {}

  /// A connection. One that is welcome counts until `leave`.
  [[nodiscard]] Verdict arrive(ClientNetwork client, Time now);
  void leave(ClientNetwork client, Time now);
  /// Whether its tokens are looked at: there were not too many wrong ones.
  [[nodiscard]] bool may_try(ClientNetwork client, Time now) const;
  /// Of a connection that has not left.
  void wrong_token(ClientNetwork client, Time now);

  [[nodiscard]] std::size_t remembered() const noexcept { return clients_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const ClientNetwork& client) const noexcept;
  };
  struct Client {
    std::uint32_t sessions = 0;
    std::uint32_t wrong = 0;
    Time wrong_since{};
    Time bucket_empty{};                         ///< when its connections do not count any more for the rate
    std::list<ClientNetwork>::iterator place{};  ///< in idle_, without sessions
  };
  using Clients = std::unordered_map<ClientNetwork, Client, Hash>;

  [[nodiscard]] bool matters(const Client& client, Time now) const;
  [[nodiscard]] bool too_fast(const Client& client, Time now) const;
  void forget_idle(Time now);

  Settings settings_;
  Clients clients_;
  std::list<ClientNetwork> idle_;  ///< the one that left first, first
};

}  // namespace skep
