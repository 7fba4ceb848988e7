#include <algorithm>

#include "skep/gateways/gateway.hpp"

namespace skep {
namespace {

/// 0: there is none.
std::uint64_t earlier(std::uint64_t one, std::uint64_t other) noexcept {
  return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
}

}  // namespace

GatewayCounts& GatewayCounts::operator+=(const GatewayCounts& other) noexcept {
  sessions += other.sessions;
  sessions_open += other.sessions_open;
  requests += other.requests;
  requests_open += other.requests_open;
  answered += other.answered;
  failed += other.failed;
  refused += other.refused;
  expired += other.expired;
  abandoned += other.abandoned;
  orphaned += other.orphaned;
  sent += other.sent;
  lost += other.lost;
  refused_tls += other.refused_tls;
  refused_tokens += other.refused_tokens;
  refused_upgrades += other.refused_upgrades;
  refused_addresses += other.refused_addresses;
  refused_protocols += other.refused_protocols;
  certificate_expiry = earlier(certificate_expiry, other.certificate_expiry);
  finished = finished || other.finished;
  return *this;
}

GatewayCounters& GatewayCounters::operator+=(const GatewayCounters& other) {
  GatewayCounts::operator+=(other);
  cut_off += other.cut_off;
  if (failure.empty()) failure = other.failure;
  return *this;
}

}  // namespace skep
