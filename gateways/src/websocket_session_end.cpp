// The end of a WebSocket client's session, and the time limits that may bring it.

#include "http_upgrade.hpp"
#include "websocket_session_class.hpp"

namespace skep {

namespace websocket = boost::beast::websocket;

/// The reader has had all that stands before a Close, or before what breaks a limit, and is held back.
void WebSocketSession::stopped(FrameScan::Stop why) {
  if (gateway_ == nullptr || close_sent_) return stream_.next_layer().open();
  if (state_ == State::closing) return;  // goes on once its own Close is sent
  if (why != FrameScan::Stop::close) {
    broken_ = why;
    return end_broken();
  }
  close_seen_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*close_seen_since_ + gateway_->options().close_time_max);
  answer_close();
}

/// The client broke a limit: it hears so once all that it sent before has been taken.
void WebSocketSession::end_broken() {
  if (broken_ == FrameScan::Stop::none || !ahead_.empty()) return;
  const auto [code, reason] = limit_broken(broken_, settings_.message_bytes_max);
  close_with(code, reason);
}

/// Beast reads the client's Close, and answers it, once nothing is owed.
void WebSocketSession::answer_close() {
  if (!close_seen_since_ || replies().places() > 0 || !ahead_.empty() || !out_.empty()) return;
  stream_.next_layer().open();
}

/// The client has closed, or broke the protocol: Beast answers with a close frame and waits for the connection's end.
void WebSocketSession::being_closed() {
  if (gateway_ == nullptr) return;
  if (!close_sent_) closed_by_peer_ = true;
  close_sent_ = true;
  state_ = State::closing;
  begin_close_time();
}

void WebSocketSession::close_with(websocket::close_code code, std::string_view reason) {
  if (state_ == State::closing) return;
  reason_ = {code, boost::beast::string_view(reason.data(), reason.size())};
  const bool upgraded = state_ == State::open;
  state_ = State::closing;
  if (!upgraded) return begin_close_time();
  for (; !ahead_.empty(); static_cast<void>(ahead_.pop())) {
    gateway_->refuse(*this, {errc::unavailable, "the session ends: " + std::string(reason), true});
  }
  gateway_->room().forget(*this);
  ending_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*ending_since_ + gateway_->options().close_time_max);
  close_when_written();
}

/// Nothing more is written: from now on the peer has close_time_max.
void WebSocketSession::begin_close_time() {
  if (!closing_since_) closing_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*closing_since_ + gateway_->options().close_time_max);
}

void WebSocketSession::finish() {
  if (gateway_ != nullptr) close_with(websocket::close_code::going_away, "the gateway is shutting down");
}

void WebSocketSession::close_when_written() {
  if (state_ != State::closing || close_sent_ || !out_.empty() || parser_) return;
  if (replies().places() > 0 && !owed_in_vain_) return;
  close_sent_ = true;
  begin_close_time();
  const auto left = owed_in_vain_ ? GatewayCore::Left::by_us : GatewayCore::Left::by_peer;
  stream_.async_close(reason_, handler([left](auto& self, Failed) { self.close(left); }));
  stream_.next_layer().open();
}

/// When the message that is coming, or the header of a frame, is late; closes the session if it is. A peer that sends a
/// byte now and then is never idle.
std::optional<Session::Time> WebSocketSession::check_message(Time now) {
  auto& gate = stream_.next_layer();
  if (state_ != State::open || !gate.part_since() || broken_ != FrameScan::Stop::none) return std::nullopt;
  if (!reading_ && !starved_) gate.excuse_part(now);  // it has to wait
  const auto at = *gate.part_since() + settings_.frame_time_max;
  if (now < at) return at;
  const auto limit = "frame_time_max = " + to_string(settings_.frame_time_max);
  if (!starved_) return close_with(websocket::close_code::policy_error, limit), at;
  close_with(websocket::close_code::try_again_later, "no room for this message (payload_bytes_max) in " + limit);
  return at;
}

/// Its reader is held back, before a Close or a mistake: what came before is taken first, however long the swarm needs.
std::optional<Session::Time> WebSocketSession::check_held_back(Time now) {
  const auto time_max = gateway_->options().close_time_max;
  if (!ahead_.empty()) return now + time_max;
  const auto at = close_seen_since_.value_or(now) + time_max;
  if (now < at) return at;
  stream_.next_layer().open();
  const auto end = at + time_max;
  if (now < end) return end;
  return lose("its Close is not whole after close_time_max"), std::nullopt;
}

/// It closes, and waits for answers that are owed.
std::optional<Session::Time> WebSocketSession::check_ending(Time now) {
  const auto at = *ending_since_ + gateway_->options().close_time_max;
  if (now < at) return at;
  owed_in_vain_ = true;
  close_when_written();
  return at + gateway_->options().close_time_max;
}

std::optional<Session::Time> WebSocketSession::check(Time now) {
  if (gateway_ == nullptr) return std::nullopt;
  if (state_ == State::open && !stream_.is_open()) being_closed();
  const auto message_at = check_message(now);
  if (state_ == State::upgrading || closing_since_) {
    const auto at = state_ == State::upgrading ? last_input_ + settings_.upgrade_time_max
                                               : *closing_since_ + gateway_->options().close_time_max;
    if (now < at) return at;
    return lose(state_ == State::upgrading ? "no whole HTTP header in upgrade_time_max" : "it does not close",
                closed_by_peer_ ? GatewayCore::Left::by_peer : GatewayCore::Left::by_us),
           std::nullopt;
  }
  if (writing_since_) {
    const auto at = std::max(*writing_since_, stream_.next_layer().wrote_at()) + gateway_->options().write_stall_max;
    if (now >= at) {
      reset_on_close(stream_.next_layer().next_layer());
      return lose("it does not read what it is sent (write_stall_max)", GatewayCore::Left::by_us), std::nullopt;
    }
    if (!held_back()) return std::min(at, message_at.value_or(at));
  }
  if (state_ == State::closing) return check_ending(now);
  if (held_back()) return check_held_back(now);
  const auto heard = reading_ ? last_input_ : now;  // while it has to wait, its pongs are not read
  if (now - heard >= settings_.idle_max) {
    say(replies().open_count() > 0 || !out_.empty(), "nothing heard for idle_max");
    owed_in_vain_ = true;  // maybe nobody is there
    close_with(websocket::close_code::policy_error, "nothing heard: idle_max = " + to_string(settings_.idle_max));
    return now + gateway_->options().close_time_max;
  }
  const bool silent = now - heard >= ping_interval();
  if (silent) ping();
  const auto next = std::min((silent ? now : heard) + ping_interval(), heard + settings_.idle_max);
  return std::min(next, message_at.value_or(next));
}

void WebSocketSession::lose(std::string_view why, GatewayCore::Left how) {
  const bool owed = !close_sent_ && (replies().open_count() > 0 || !out_.empty());
  say(owed && how == GatewayCore::Left::by_us, why);  // what clients can do at will is not worth a warning
  close(how);
}

void WebSocketSession::say(bool warn, std::string_view why) const {
  gateway_->log(warn ? LogLevel::warning : LogLevel::debug,
                "session " + std::to_string(id()) + " from " + peer_ + " closed: " + std::string(why));
}

void WebSocketSession::close(GatewayCore::Left how) {
  auto* gateway = gateway_;
  abort();
  gateway->remove(*this, how);
}

void WebSocketSession::abort() noexcept {
  gateway_ = nullptr;
  state_ = State::closed;
  stream_.next_layer().close();
}

}  // namespace skep
