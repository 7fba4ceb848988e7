// How a gateway ends: takes no more, answers what it admitted, writes it, closes.

#include <algorithm>
#include <utility>

#include "for_ever.hpp"
#include "gateway_core.hpp"
#include "skep/actors/edge_messages.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {
namespace {

/// Once.
void call_all(std::vector<std::function<void()>>& calls) {
  for (auto& call : std::exchange(calls, {})) call();
}

}  // namespace

void GatewayCore::limit_wait_for_peers() {
  peers_until_ = clock_now() + options_.drain_time_max;
  watch_->by(peers_until_);
}

void GatewayCore::end_intake(std::chrono::milliseconds time_max, std::function<void()> ended) {
  const bool begun = state_ == State::intake_ended && !intake_ended_.empty();
  if (state_ != State::open && !begun) return ended();
  intake_ended_.push_back(std::move(ended));
  if (begun) return;
  state_ = State::intake_ended;
  stop_intake(time_max);
}

void GatewayCore::drain(std::chrono::milliseconds time_max, std::function<void()> drained) {
  if (state_ == State::closed) return drained();
  drained_.push_back(std::move(drained));
  if (state_ != State::open && state_ != State::intake_ended) return;
  call_all(intake_ended_);
  state_ = State::draining;
  stop_intake(time_max);
}

void GatewayCore::stop_intake(std::chrono::milliseconds time_max) {
  if (transport_) {
    transport_->close();
    transport_->take_up();  // what is on its way is refused, and told so
  }
  arrived();
  const Time::duration left = std::min<std::chrono::milliseconds>(time_max, for_ever);
  end_by_ = now_ + left;
  // Clients that are told of it close then, and nobody reads counters that come late.
  const auto reserve = std::min<Time::duration>(options_.close_time_max, left / 4);
  drain_until_ = std::min(now_ + options_.drain_time_max, end_by_ - reserve);
  watch_->by(drain_until_);
  const auto sessions = sessions_;  // may end at once
  for (const auto& [id, session] : sessions) session->end_input();
  waiting_.clear();
  room_.forget_starved();
  turn_->soon();
}

/// drain_time_max, or the node's, is over, and so many records will not go out.
void GatewayCore::give_up_open(std::size_t records) {
  const Failure failure{errc::unavailable, "the gateway shut down before the answer came (drain_time_max)"};
  std::uint64_t open = 0;
  for (auto& [id, session] : sessions_) {
    const auto given_up = session->replies().expire_all(failure);
    open += given_up;
    if (given_up > 0) touch(*session);
  }
  counters_.lost += open;
  counters_.cut_off += open;
  close_requests(open);
  std::string what;
  if (open > 0) what = counted(open, "request") + " unanswered";
  if (records > 0) what += (what.empty() ? "" : ", ") + counted(records, "record") + " not sent out";
  if (!what.empty())
    log(LogLevel::warning,
        "drain_time_max is over: " + what + " (this gateway's is " + to_string(options_.drain_time_max) + ")");
}

/// What was to be written has what is left of drain_time_max.
void GatewayCore::close_all() {
  state_ = State::closing;
  close_until_ = std::min(std::max(drain_until_, clock_now() + options_.close_time_max), end_by_);
  watch_->by(close_until_);
  deliver_touched();
  const auto sessions = sessions_;
  for (const auto& [id, session] : sessions) session->finish();
}

void GatewayCore::advance_intake_end() {
  if (intake_ended_.empty()) return;
  const bool done = counters_.requests_open == 0 && outlet_.idle();
  if (!done && clock_now() < drain_until_) return;
  if (!done) give_up_open(0);  // records still go out
  call_all(intake_ended_);
}

void GatewayCore::advance_drain() {
  if (state_ == State::draining) {
    const bool done = counters_.requests_open == 0 && outlet_.idle() && outbound_.empty();
    if (!done && clock_now() < drain_until_) return;
    if (!done) give_up_open(outbound_.waiting());
    close_all();
  }
  if (state_ == State::closed || (!sessions_.empty() && clock_now() < close_until_)) return;
  cut_off_all();
  send_out();
  call_all(drained_);
}

void GatewayCore::make_unavailable(std::string reason) {
  unavailable_ = std::move(reason);
  std::uint64_t open = 0;
  for (auto& [id, session] : sessions_) {
    const auto given_up = session->replies().expire_all({errc::unavailable, unavailable_});
    open += given_up;
    if (given_up > 0) touch(*session);
  }
  counters_.failed += open;
  close_requests(open);
  turn_->soon();
}

void GatewayCore::break_off() {
  if (transport_) {
    transport_->close();
    transport_->take_up();  // what it has not taken up yet was never admitted
  }
  waiting_.clear();
  room_.forget_starved();
  cut_off_all();
  acknowledge();
  publish();
  call_all(intake_ended_);
  call_all(drained_);
}

void GatewayCore::cease(const Cease& how) {
  if (how.all_drained && state_ == State::closed) return;
  ceased_ = true;
  outlet_.cease();
  for (auto& [sender, batch] : std::exchange(late_, {})) outbound_.add(std::move(batch), sender);
  if (state_ != State::closed) {
    state_ = State::closing;
    stop_intake(std::chrono::milliseconds{0});
    give_up_open(outbound_.waiting());
    cut_off_all();
  }
  send_out();
  publish();
  call_all(intake_ended_);
  call_all(drained_);
}

void GatewayCore::end() {
  if (state_ == State::closed) return;
  outlet_.cease();
  state_ = State::closing;
  stop_intake(std::chrono::milliseconds{0});
  cut_off_all();
  publish();
  call_all(intake_ended_);
  call_all(drained_);
}

void GatewayCore::cut_off_all() {
  for (const auto& [id, session] : std::exchange(sessions_, {})) {
    release(*session);
    session->abort();
    cut_off(*session);
  }
  turned_away_ = uncounted_ = 0;
  strangers_.clear();
  log_expired();
  state_ = State::closed;
}

/// The gateway has ended this session, whose client had to take what is left.
void GatewayCore::cut_off(Session& session) {
  const auto answers = take_unfinished(session);
  const auto& alone = sent_.left(session.records_);
  const auto records = count_of(alone);
  const auto lost = answers + records - outbound_.take_back(alone);
  counters_.lost += lost;
  if (!draining()) return;
  counters_.cut_off += lost;
  if (answers + records == 0) return;
  log(LogLevel::warning, "session " + std::to_string(session.id()) + session.from() +
                             " was closed before it had taken " + counted(answers, "answer") + " and " +
                             counted(records, "record"));
}

}  // namespace skep
