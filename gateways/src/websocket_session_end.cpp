// The end of a WebSocket client's session, and the time limits that may bring it.

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

#include "websocket_session.hpp"

namespace skep {
namespace {

/// What clients close with that have no complaint.
bool in_good_order(WebSocketCloseCode code) {
  return code == WebSocketCloseCode::no_status || code == WebSocketCloseCode::normal ||
         code == WebSocketCloseCode::going_away;
}

}  // namespace

/// What stands before it was taken, or waits to be.
void WebSocketSession::on_close(const WebSocketEvent& close) {
  close_seen_ = close.code;
  close_seen_since_ = gateway_->now();
  end_of_input();
  gateway_->watch(*close_seen_since_ + gateway_->options().close_time_max);
  gateway_->touch(*this);
}

/// Of a message that was cut short nothing is kept, nor does it wait for room.
void WebSocketSession::end_of_input() {
  drop_input();
  gateway_->room().forget(*this);
  gateway_->room().hold(*this);
}

/// The client hears of it once all that it sent before has been taken.
void WebSocketSession::on_mistake(const WebSocketEvent& mistake) {
  mistake_ = {mistake.code, std::string(mistake.bytes)};
  if (state_ == State::open) report_mistake();
  end_of_input();
  gateway_->watch(gateway_->now() + gateway_->options().close_time_max);
  gateway_->touch(*this);
  end_mistaken();
}

/// A message that is too large is refused like any other, and once; who breaks the rules is turned away.
void WebSocketSession::report_mistake() {
  if (mistake_->code == WebSocketCloseCode::too_big) {
    if (!passing_over_) gateway_->count_refused();
    return;
  }
  visit_.refuse(Refused::protocol, "it breaks the rules: " + mistake_->reason);
}

void WebSocketSession::end_mistaken() {
  if (!mistake_ || !nothing_waits() || state_ != State::open) return;
  say(false, "it breaks the rules: " + mistake_->reason);
  close_with(mistake_->code, mistake_->reason);
}

void WebSocketSession::close_with(WebSocketCloseCode code, std::string reason) {
  if (state_ == State::closing || state_ == State::refused) return;
  ending_ = {code, std::move(reason)};
  const bool upgraded = std::exchange(state_, State::closing) == State::open;
  if (!upgraded) return begin_close_time();
  for (; !ahead_.empty(); ahead_.pop()) {
    gateway_->refuse(*this, {errc::unavailable, "the session ends: " + ending_->reason, true});
  }
  rest_ = {};
  end_of_input();
  ending_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*ending_since_ + gateway_->options().close_time_max);
  gateway_->touch(*this);
  await_input();
}

/// Nothing more is written: from now on the peer has close_time_max.
void WebSocketSession::begin_close_time() {
  if (!closing_since_) closing_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*closing_since_ + gateway_->options().close_time_max);
}

void WebSocketSession::finish() {
  if (gateway_ != nullptr) close_with(WebSocketCloseCode::going_away, "the gateway is shutting down");
}

/// The Close of this side, once nothing is owed and all is written. Returns whether there is one to be written now.
bool WebSocketSession::put_close() {
  if (close_sent_ || state_ == State::refused) return false;
  const bool owed = replies().places() > 0;
  if (ending_ && (!owed || owed_in_vain_)) {
    out_.close(ending_->code, ending_->reason);
  } else if (state_ == State::open && close_seen_ && nothing_waits() && (!owed || answers_close_)) {
    out_.close(*close_seen_, {});
    closed_by_peer_ = true;
    state_ = State::closing;
  } else {
    return false;
  }
  close_sent_ = true;
  begin_close_time();
  return true;
}

/// Both sides have closed, or nothing more of the other one counts: it is thrown away until that ends, too, for closing
/// at once would make the kernel take back what the client has not read yet.
void WebSocketSession::end_stream() {
  if (shut_ || (state_ != State::refused && !reader_.ended())) return;
  boost::system::error_code failed;
  stream_.shutdown_send(failed);
  if (failed == boost::asio::error::would_block) return await_room();
  if (failed) return close(left());
  if (closed_by_peer_ && in_good_order(*close_seen_)) {
    gateway_->log(LogLevel::debug, "session " + std::to_string(id()) + from() + " closed by its client");
  } else if (closed_by_peer_) {
    say(false, "its client says " + std::to_string(static_cast<unsigned>(*close_seen_)));
  }
  shut_ = true;
  await_input();
}

/// When the message that is coming, or the header of a frame, is late; closes the session if it is. A peer that sends a
/// byte now and then is never idle.
std::optional<Session::Time> WebSocketSession::check_part(Time now) {
  if (state_ != State::open || !part_since_ || mistake_) return std::nullopt;
  if (!reading_ && !starved_) part_since_ = now;  // it has to wait
  const auto at = *part_since_ + settings_->frame_time_max;
  if (now < at) return at;
  const auto limit = "frame_time_max = " + to_string(settings_->frame_time_max);
  if (!passing_over_) gateway_->count_refused();
  if (!starved_) return close_with(WebSocketCloseCode::policy, limit), at;
  close_with(WebSocketCloseCode::try_again_later, "no room for this message (payload_bytes_max) in " + limit);
  return at;
}

/// Its Close, or its mistake, is here: what came before is taken first, however long the swarm needs.
std::optional<Session::Time> WebSocketSession::check_held_back(Time now) {
  const auto time_max = gateway_->options().close_time_max;
  if (!close_seen_ || !nothing_waits()) return now + time_max;
  const auto at = *close_seen_since_ + time_max;
  if (now < at) return at;
  answers_close_ = true;
  gateway_->touch(*this);
  const auto end = at + time_max;
  if (now < end) return end;
  return lose("it does not read what it is owed (close_time_max)"), std::nullopt;
}

/// It closes, and waits for answers that are owed.
std::optional<Session::Time> WebSocketSession::check_ending(Time now) {
  const auto at = *ending_since_ + gateway_->options().close_time_max;
  if (now < at) return at;
  if (!std::exchange(owed_in_vain_, true)) gateway_->touch(*this);
  return now + gateway_->options().close_time_max;
}

std::optional<Session::Time> WebSocketSession::check_silence(Time now) {
  const auto heard = reading_ ? last_input_ : now;  // while it has to wait, its pongs are not read
  if (now - heard >= settings_->idle_max) {
    say(replies().open_count() > 0 || !out_.empty(), "nothing heard for idle_max");
    owed_in_vain_ = true;  // maybe nobody is there
    close_with(WebSocketCloseCode::policy, "nothing heard: idle_max = " + to_string(settings_->idle_max));
    return now + gateway_->options().close_time_max;
  }
  if (now - std::max(heard, pinged_) >= ping_interval()) {
    pinged_ = now;  // other sessions of the gateway have it look after all of them
    ping();
  }
  return std::min(std::max(heard, pinged_) + ping_interval(), heard + settings_->idle_max);
}

std::optional<Session::Time> WebSocketSession::check(Time now) {
  if (gateway_ == nullptr) return std::nullopt;
  const auto part_at = check_part(now);
  if (state_ == State::upgrading || closing_since_) {
    const auto at = state_ == State::upgrading ? last_input_ + settings_->upgrade_time_max
                                               : *closing_since_ + gateway_->options().close_time_max;
    if (now < at) return at;
    if (state_ == State::upgrading) visit_.refuse(Refused::upgrade, "no whole HTTP header in upgrade_time_max");
    return lose(state_ == State::upgrading ? "no whole HTTP header in upgrade_time_max" : "it does not close",
                closed_by_peer_ ? GatewayCore::Left::by_peer : GatewayCore::Left::by_us),
           std::nullopt;
  }
  const auto stall_at =
      stalled_since_.value_or(Time::max() - gateway_->options().write_stall_max) + gateway_->options().write_stall_max;
  if (now >= stall_at) {
    stream_.reset_on_close();
    return lose("it does not read what it is sent (write_stall_max)", GatewayCore::Left::by_us), std::nullopt;
  }
  const auto at = state_ == State::closing ? check_ending(now)
                  : held_back()            ? check_held_back(now)
                  : stalled_since_         ? stall_at
                                           : check_silence(now);
  if (!at) return std::nullopt;
  return std::min({*at, stall_at, part_at.value_or(*at)});
}

void WebSocketSession::lose(std::string_view why, GatewayCore::Left how) {
  if (shut_) return close(left());
  if (close_sent_ && how == GatewayCore::Left::by_peer) how = left();
  const bool owed = !close_sent_ && (replies().open_count() > 0 || !out_.empty());
  say(owed && how == GatewayCore::Left::by_us, why);  // what clients can do at will is not worth a warning
  if (how == GatewayCore::Left::by_us) stream_.say_end();
  close(how);
}

void WebSocketSession::turn_out(const std::string& why) {
  if (handshake_) visit_.refuse(Refused::token, "it has shown no token yet, and " + why);
  lose("it has shown no token", GatewayCore::Left::by_us);
}

bool WebSocketSession::judge_again() {
  if (gateway_ == nullptr || state_ != State::open || visit_.may_stay()) return false;
  say(false, "its token has been taken out");
  close_with(WebSocketCloseCode::policy, "the token has been taken out");
  return true;
}

void WebSocketSession::say(bool warn, std::string_view why) const {
  gateway_->log(warn ? LogLevel::warning : LogLevel::debug,
                "session " + std::to_string(id()) + from() + " closed: " + std::string(why));
}

void WebSocketSession::close(GatewayCore::Left how) {
  auto* gateway = gateway_;
  abort();
  gateway->remove(*this, how);
}

void WebSocketSession::abort() noexcept {
  gateway_ = nullptr;
  state_ = State::closed;
  visit_.end();
  stream_.close();
}

}  // namespace skep
