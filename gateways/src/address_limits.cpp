#include "address_limits.hpp"

#include <algorithm>
#include <cassert>

namespace skep {

ClientNetwork network_of(std::uint32_t ipv4) noexcept {
  return {ipv4, false};
}

ClientNetwork network_of(const std::array<std::uint8_t, 16>& ipv6) noexcept {
  const auto number = [&](std::size_t from, std::size_t count) {
    std::uint64_t bits = 0;
    for (std::size_t i = from; i < from + count; ++i) bits = bits << 8 | ipv6[i];
    return bits;
  };
  if (number(0, 8) == 0 && number(8, 4) == 0xffff) return network_of(static_cast<std::uint32_t>(number(12, 4)));
  return {number(0, 8), true};
}

std::size_t AddressLimits::Hash::operator()(const ClientNetwork& client) const noexcept {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio
  return std::hash<std::uint64_t>()(client.bits * spread ^ std::uint64_t{client.is_v6});
}

AddressLimits::Verdict AddressLimits::arrive(ClientNetwork client, Time now) {
  forget_idle(now);
  auto found = clients_.find(client);
  if (found != clients_.end()) {
    if (settings_.sessions_max != 0 && found->second.sessions >= settings_.sessions_max) return Verdict::too_many;
    if (too_fast(found->second, now)) return Verdict::too_fast;
    if (found->second.sessions == 0) idle_.erase(found->second.place);
  } else {
    found = clients_.emplace(client, Client{}).first;
  }
  auto& its = found->second;
  ++its.sessions;
  if (settings_.rate != 0) {
    its.bucket_empty =
        std::max(its.bucket_empty, now) + std::chrono::nanoseconds(std::chrono::seconds(1)) / settings_.rate;
  }
  return Verdict::welcome;
}

void AddressLimits::leave(ClientNetwork client, Time now) {
  const auto found = clients_.find(client);
  assert(found != clients_.end() && found->second.sessions > 0);
  if (--found->second.sessions > 0) return;
  if (!matters(found->second, now)) return void(clients_.erase(found));
  found->second.place = idle_.insert(idle_.end(), client);
  forget_idle(now);
}

bool AddressLimits::may_try(ClientNetwork client, Time now) const {
  const auto found = clients_.find(client);
  if (found == clients_.end() || settings_.wrong_tokens_max == 0) return true;
  const auto& its = found->second;
  return its.wrong < settings_.wrong_tokens_max || now - its.wrong_since >= settings_.wrong_tokens_period;
}

void AddressLimits::wrong_token(ClientNetwork client, Time now) {
  const auto found = clients_.find(client);
  assert(found != clients_.end());
  auto& its = found->second;
  if (its.wrong == 0 || now - its.wrong_since >= settings_.wrong_tokens_period) {
    its.wrong = 0;
    its.wrong_since = now;
  }
  ++its.wrong;
}

bool AddressLimits::matters(const Client& client, Time now) const {
  const bool wrong = client.wrong > 0 && now - client.wrong_since < settings_.wrong_tokens_period;
  return wrong || client.bucket_empty > now;
}

bool AddressLimits::too_fast(const Client& client, Time now) const {
  if (settings_.rate == 0) return false;
  const auto each = std::chrono::nanoseconds(std::chrono::seconds(1)) / settings_.rate;
  return std::max(client.bucket_empty, now) + each - now > each * settings_.burst;
}

/// Those that do not matter any more, as far as they left first; one at least where there are too many.
void AddressLimits::forget_idle(Time now) {
  while (!idle_.empty()) {
    const auto oldest = clients_.find(idle_.front());
    if (idle_.size() <= settings_.addresses_max && matters(oldest->second, now)) return;
    clients_.erase(oldest);
    idle_.pop_front();
  }
}

}  // namespace skep
