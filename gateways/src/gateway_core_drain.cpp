// How a gateway ends: takes no more, answers what it admitted, writes it, closes.

#include "gateway_core.hpp"

namespace skep {

void GatewayCore::end_intake(std::function<void()> ended) {
  if (state_ != State::open) return ended();
  intake_ended_ = std::move(ended);
  state_ = State::intake_ended;
  stop_intake();
}

void GatewayCore::drain(std::function<void()> drained) {
  if (state_ == State::closed) return drained();
  drained_ = std::move(drained);
  if (state_ != State::open && state_ != State::intake_ended) return;
  if (intake_ended_) std::exchange(intake_ended_, nullptr)();
  state_ = State::draining;
  stop_intake();
}

void GatewayCore::stop_intake() {
  if (transport_) transport_->close();
  arrived();
  drain_until_ = now_ + options_.drain_time_max;
  watch_->by(drain_until_);
  const auto sessions = sessions_;  // may end at once
  for (const auto& [id, session] : sessions) session->end_input();
  waiting_.clear();
  room_.forget_starved();
  turn_->soon();
}

/// drain_time_max is over.
void GatewayCore::give_up_open() {
  const Failure failure{errc::unavailable, "the gateway shut down before the answer came: drain_time_max = " +
                                               to_string(options_.drain_time_max)};
  std::uint64_t open = 0;
  for (auto& [id, session] : sessions_) {
    const auto given_up = session->replies().expire_all(failure);
    open += given_up;
    if (given_up > 0) touch(*session);
  }
  counters_.failed += open;
  counters_.requests_open -= open;
  log(LogLevel::warning, "drain_time_max is over: " + std::to_string(open) + " requests unanswered, " +
                             std::to_string(outbound_.waiting()) + " records not sent out");
}

void GatewayCore::close_all() {
  state_ = State::closing;
  drain_until_ = clock_now() + options_.close_time_max;
  watch_->by(drain_until_);
  deliver_touched();
  const auto sessions = sessions_;
  for (const auto& [id, session] : sessions) session->finish();
}

void GatewayCore::advance_intake_end() {
  if (!intake_ended_) return;
  const bool done = counters_.requests_open == 0 && outlet_.idle();
  if (!done && clock_now() < drain_until_) return;
  if (!done) give_up_open();
  std::exchange(intake_ended_, nullptr)();
}

void GatewayCore::advance_drain() {
  const auto late = [this] { return clock_now() >= drain_until_; };
  if (state_ == State::draining) {
    const bool done = counters_.requests_open == 0 && outlet_.idle() && outbound_.empty();
    if (!done && !late()) return;
    if (!done) give_up_open();
    close_all();
  }
  if (state_ == State::closed || (!sessions_.empty() && !late())) return;
  for (const auto& [id, session] : sessions_) {
    release(*session);
    session->abort();
  }
  sessions_.clear();
  state_ = State::closed;
  send_out();
  if (drained_) std::exchange(drained_, nullptr)();
}

}  // namespace skep
