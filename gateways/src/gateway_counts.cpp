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
  finished = finished || other.finished;
  return *this;
}

}  // namespace skep
