// What comes due at a gateway: deadlines of requests, and what its sessions have to look after.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gateway_core.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {
namespace {

std::string not_in_time(const SharedOptions& options) {
  return "not answered in time: deadline = " + to_string(options.deadline);
}

}  // namespace

std::uint64_t GatewayCore::expire(Session& session, Time now) {
  const auto earliest = session.replies().earliest_deadline();
  if (!earliest || *earliest > now) return 0;
  const Failure failure{errc::deadline_exceeded, not_in_time(options_)};
  const auto expired = session.replies().expire(now, failure);
  counters_.expired += expired;
  if (settings_.meter) settings_.meter->end_to_end.observe(options_.deadline, expired);
  close_requests(expired);
  touch(session);
  return expired;
}

/// A bee that forgets to answer says nothing of it.
void GatewayCore::report_expired(std::uint64_t count, Time now) {
  expired_unreported_ += count;
  if (expired_unreported_ == 0) return;
  if (expiry_reported_ && now - *expiry_reported_ < limits::expiry_report_interval) {
    return watch(*expiry_reported_ + limits::expiry_report_interval);
  }
  expiry_reported_ = now;
  log_expired();
}

void GatewayCore::log_expired() {
  if (expired_unreported_ == 0) return;
  log(LogLevel::warning, counted(std::exchange(expired_unreported_, 0), "request") + " " + not_in_time(options_));
}

void GatewayCore::look_after() {
  const auto now = clock_now();
  constexpr auto pause = std::chrono::milliseconds(2);  // deadlines that lie close together are one wake-up
  auto next = Time::max();
  std::vector<SessionPtr> sessions;  // checks may remove
  sessions.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) sessions.push_back(session);
  std::uint64_t expired = 0;
  for (const auto& session : sessions) {
    expired += expire(*session, now);
    if (const auto at = session->check(now)) next = std::min(next, *at);
    if (const auto at = session->replies().earliest_deadline()) next = std::min(next, *at);
  }
  report_expired(expired, now);
  if (now < peers_until_) next = std::min(next, peers_until_);
  if (const auto at = report_unheard(now)) next = std::min(next, *at);
  if (!intake_ended_.empty() || state_ == State::draining) next = std::min(next, drain_until_);
  if (state_ == State::closing) next = std::min(next, close_until_);
  if (next != Time::max()) watch_->by(std::max(next, now + pause));
  turn();
}

}  // namespace skep
