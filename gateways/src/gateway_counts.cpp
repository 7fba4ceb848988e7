#include "skep/gateways/gateway.hpp"

namespace skep {

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
  certificate_expiry += other.certificate_expiry;  // of actors that have ended it is 0
  finished = finished || other.finished;
  return *this;
}

}  // namespace skep
