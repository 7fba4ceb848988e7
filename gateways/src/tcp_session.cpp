#include "tcp_session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>

#include "gateway_core.hpp"

namespace skep {

TcpSession::TcpSession(GatewayCore& gateway, Client client, const Settings& settings)
    : Session(gateway),
      settings_(settings),
      stream_(std::move(client.stream)),
      visit_(std::move(client.visit)),
      verdict_(std::move(client.verdict)),
      peer_(stream_.peer() + in_brackets(visit_.client())),
      parser_(settings.framing, settings.frame_bytes_max),
      out_(settings.framing) {}

void TcpSession::start() {
  idle_since_ = std::chrono::steady_clock::now();
  gateway_->watch(idle_since_ + settings_.idle_max);
  if (visit_.asks_token() && input_ == Input::reading) {
    token_.emplace(settings_.framing, limits::token_line_bytes_max);
    token_due_ = idle_since_ + settings_.token_time_max;
    gateway_->watch(token_due_);
  }
  await_input();
}

// Input.

void TcpSession::await_input() {
  if (reading_ || gateway_ == nullptr) return;
  if (end_seen_ || input_ == Input::stopped) return await_error();
  if (input_ == Input::ended && !shut_since_) return await_error();
  if (!shut_since_ && read_size() == 0) {
    if (input_ == Input::reading) starve();
    return await_error();
  }
  reading_ = true;
  stream_.await_input([this, self = SessionPtr(this)](boost::system::error_code failed) {
    reading_ = false;
    if (gateway_ == nullptr) return;
    if (failed) return lose(failed.message());
    if (shut_since_) return discard();
    on_readable();
  });
}

/// How much is read next: all there is if it can be refused, else what there is room for.
std::size_t TcpSession::read_size() const {
  constexpr auto all = limits::session_read_ahead_bytes;
  if (input_ == Input::reading && !gateway_->blocks()) return all;
  if (input_ == Input::waiting && parser_.buffered() >= limits::session_read_ahead_bytes) return 0;
  if (gateway_->room().has_room(*this)) return all;
  return limits::session_free_bytes - std::min(limits::session_free_bytes, parser_.buffered());
}

void TcpSession::starve() {
  input_ = Input::starved;
  gateway_->room().starve(*this);
}

/// Nothing more is read: a lost connection is still to be noticed.
void TcpSession::await_error() {
  if (watching_ || gateway_ == nullptr) return;
  watching_ = true;
  stream_.await_error([this, self = SessionPtr(this)](boost::system::error_code failed) {
    watching_ = false;
    if (gateway_ != nullptr) lose(failed ? failed.message() : "connection lost");
  });
}

void TcpSession::on_readable() {
  gateway_->arrived();
  const auto room = gateway_->loop().scratch();
  const auto size = std::min(room.size(), read_size());
  if (size == 0) return await_input();
  boost::system::error_code failed;
  const auto bytes = stream_.read_some(room.first(size), failed);
  if (failed == boost::asio::error::would_block) return await_input();
  if (failed == boost::asio::error::eof) {
    end_seen_ = true;
    if (token_) end_of_token();
  } else if (failed) {
    if (verdict_ && stream_.refused()) refused_by_server(stream_.why(failed));
    return lose(stream_.why(failed));
  } else {
    if (hear_server({room.data(), bytes})) return lose("it speaks TLS");
    if (!std::exchange(heard_, true) && is_tls({room.data(), bytes})) return refuse_tls();
    idle_since_ = gateway_->now();
    feed({room.data(), bytes});
  }
  if (input_ == Input::starved) input_ = Input::reading;
  if (input_ != Input::waiting) take_frames();
  keep_rest();
  await_input();
}

void TcpSession::refused_by_server(const std::string& why) {
  std::exchange(verdict_, nullptr)->refused(why);
  told_ = true;
}

/// What a server says first. Whether it wants TLS, where this side has none.
bool TcpSession::hear_server(std::string_view bytes) {
  if (!verdict_) return false;
  if (stream_.has_tls() || !is_tls_alert(bytes)) return std::exchange(verdict_, nullptr)->heard(), false;
  refused_by_server("it speaks TLS, and this gateway has no tls_authorities");
  return true;
}

/// Lent until `keep_rest`, and before anybody else reads into the loop's scratch.
void TcpSession::feed(std::string_view bytes) {
  if (!token_) return parser_.lend(bytes);
  token_->feed(bytes);
  const auto frame = token_->next();
  if (frame && !frame->has_value()) return;
  if (show_token(frame ? *frame : std::nullopt)) parser_.feed(token_->rest());
  token_.reset();
}

/// The stream has ended before the first frame has: as with others, its last line needs no end.
void TcpSession::end_of_token() {
  const auto rest = token_->rest();
  (void)show_token(settings_.framing == Framing::line && !rest.empty() ? std::optional(rest) : std::nullopt);
  token_.reset();
}

/// Of the client's first frame. Whether it may go on.
bool TcpSession::show_token(std::optional<std::string_view> frame) {
  switch (visit_.judge(frame ? bearer_token(*frame) : std::nullopt)) {
    case TokenVerdict::wrong:
      end_with({errc::unauthorized, "no token that is right: the first frame is \"Bearer TOKEN\"", true});
      return false;
    case TokenVerdict::too_many:
      end_with({errc::overloaded, "too many wrong tokens: wrong_tokens_max", true});
      return false;
    case TokenVerdict::right:
      peer_ = stream_.peer() + in_brackets(visit_.client());
  }
  if (!gateway_->enter(*this, settings_.sessions_max)) return turn_away(), false;
  gateway_->touch(*this);  // from now on records go out to it
  return true;
}

void TcpSession::end_with(Failure failure) {
  end_of_input();
  gateway_->refuse(*this, std::move(failure));
}

/// Where frames that begin so are none anyway.
bool TcpSession::is_tls(std::string_view bytes) const {
  const bool could_be_frame = settings_.content == WireContent::raw && settings_.framing == Framing::line;
  return !stream_.has_tls() && !could_be_frame && begins_tls(bytes);
}

void TcpSession::refuse_tls() {
  visit_.refuse(Refused::protocol, "it speaks TLS, and this gateway has no tls_certificate");
  token_.reset();
  end_with({errc::bad_record, "this gateway speaks without TLS", true});
  await_input();
}

/// What came of a frame that is not whole takes its place in the node's budget as it comes, or is refused.
void TcpSession::keep_rest() {
  if (gateway_ == nullptr) return;
  parser_.trim();
  if (gateway_->room().hold(*this) || input_ != Input::reading || input_memory() <= limits::session_free_bytes) return;
  if (gateway_->blocks()) return starve();
  gateway_->refuse(*this, gateway_->room().failure());
  parser_.pass_over();
  gateway_->room().hold(*this);
}

void TcpSession::take_frames() {
  bool took = false;
  while (input_ == Input::reading) {
    const auto take = gateway_->may_take(*this);
    if (take != Take::yes) {
      input_ = Input::waiting;
      frame_since_.reset();  // now the swarm is what it waits for
      if (take == Take::wait_for_swarm) gateway_->wait(*this);
      return;
    }
    const auto frame = parser_.next();
    if (!frame) {  // where the next frame begins is unknown
      end_of_input();
      return gateway_->refuse(*this, {frame.error().code, frame.error().message, true});
    }
    if (!frame->has_value()) return end_seen_ ? on_end_of_stream() : await_rest_of_frame(took);
    on_frame(**frame);
    took = true;
  }
}

/// A peer that sends a byte now and then is never idle.
void TcpSession::await_rest_of_frame(bool of_new_frame) {
  if (parser_.buffered() == 0 && !parser_.passing_over()) return frame_since_.reset();
  if (frame_since_ && !of_new_frame) return;
  frame_since_ = gateway_->now();
  gateway_->watch(*frame_since_ + settings_.frame_time_max);
}

std::optional<Session::Time> TcpSession::frame_due() const {
  if ((input_ != Input::reading && input_ != Input::starved) || !frame_since_) return std::nullopt;
  return *frame_since_ + settings_.frame_time_max;
}

void TcpSession::refuse_late_frame() {
  const auto limit = to_string(settings_.frame_time_max);
  Failure failure{errc::bad_record, "the frame is not whole after frame_time_max = " + limit, true};
  if (input_ == Input::starved) {
    failure = gateway_->room().failure();
    failure.message += "; the frame had to wait for longer than frame_time_max = " + limit;
  }
  end_of_input();
  gateway_->refuse(*this, std::move(failure));
}

/// What is here and was not taken goes.
void TcpSession::end_of_input() {
  input_ = Input::ended;
  parser_.clear();
  gateway_->room().forget(*this);
  gateway_->room().hold(*this);
}

/// A server that does not want what this gateway sends may say so and end the connection. Where no bee reads what it
/// says, that is for the log.
void TcpSession::tell_complaint(std::string_view frame) {
  constexpr std::size_t told_max = 256;
  if (!gateway_->unread() || !frame.starts_with(R"({"error")")) return;
  refusal_logged_ = true;
  gateway_->log(LogLevel::warning, "session " + std::to_string(id()) + ": " + peer_ + " says " +
                                       std::string(frame.substr(0, told_max)) + " (further ones are only counted)");
}

/// Who says a secret to somebody who does not want it hears so, and nobody else hears the secret.
bool TcpSession::refuse_unasked_token(std::string_view frame) {
  if (!visit_.is_client() || visit_.asks_token() || !shows_token(frame)) return false;
  visit_.refuse(Refused::protocol, "it shows a token, and this gateway has no tokens");
  end_with({errc::bad_record, std::string(no_token_asked).append(", and takes none for a record"), true});
  return true;
}

void TcpSession::on_frame(std::string_view frame) {
  if (!framed_ && !frame.empty()) {
    framed_ = true;
    if (refuse_unasked_token(frame)) return;
    if (!visit_.is_client()) tell_complaint(frame);
  }
  const auto bytes = std::as_bytes(std::span(frame));
  gateway_->submit(*this, Payload::borrow(bytes, {kind_of(settings_.content)}));
}

void TcpSession::refused(const Failure& failure) {
  if (hears_refusals() || std::exchange(refusal_logged_, true)) return;
  gateway_->log(LogLevel::warning, "session " + std::to_string(id()) + ": what " + peer_ +
                                       " sends is refused: " + failure.message + " (further ones are only counted)");
}

void TcpSession::on_end_of_stream() {
  input_ = Input::ended;
  const auto rest = parser_.rest();
  if (!rest.empty() && settings_.framing == Framing::line) on_frame(rest);
  if (!rest.empty() && settings_.framing == Framing::length) {
    gateway_->refuse(*this, {errc::bad_record, "the stream ended inside a frame", true});
  }
  end_of_input();
  gateway_->touch(*this);
}

void TcpSession::go_on() {
  if (gateway_ == nullptr || (input_ != Input::waiting && input_ != Input::starved)) return;
  input_ = Input::reading;
  gateway_->arrived();
  take_frames();
  keep_rest();
  await_input();
}

void TcpSession::end_input() {
  if (gateway_ == nullptr || input_ == Input::ended) return;
  const Failure failure{errc::unavailable, "the gateway is shutting down", true};
  for (auto frame = parser_.next(); frame && frame->has_value(); frame = parser_.next()) {
    gateway_->refuse(*this, failure);
  }
  input_ = Input::stopped;
  parser_.clear();
  gateway_->room().hold(*this);
}

// Output.

Outgoing TcpSession::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr) return what;
  const auto text = answer_text(answer, settings_.content, scratch_);
  const auto went = as_written(what, append_answer(settings_.framing, text, out_.end()));
  out_.added(went);
  return went;
}

void TcpSession::flush() {
  if (gateway_ == nullptr) return;
  const bool writes = unwritten() > 0;
  while (unwritten() > 0 || stream_.holds()) {
    boost::system::error_code failed;
    const auto bytes = stream_.write_some(out_.unwritten(), failed);
    if (failed == boost::asio::error::would_block) return await_room();
    if (failed) return lose_at_write(stream_.why(failed));
    gateway_->delivered(*this, out_.wrote(bytes));
    stalled_since_.reset();
  }
  if (writes) idle_since_ = std::chrono::steady_clock::now();
  close_when_done();
}

/// A server that has ended the connection may have said why.
void TcpSession::lose_at_write(const std::string& why) {
  if (verdict_ && !stream_.has_tls()) {
    std::array<char, 16> room{};
    boost::system::error_code failed;
    const auto bytes = stream_.read_some(room, failed);
    if (!failed && hear_server({room.data(), bytes})) return lose("it speaks TLS");
  }
  lose(why);
}

void TcpSession::await_room() {
  if (!stalled_since_) {
    stalled_since_ = std::chrono::steady_clock::now();
    gateway_->watch(*stalled_since_ + gateway_->options().write_stall_max);
  }
  if (writing_) return;
  writing_ = true;
  stream_.await_room([this, self = SessionPtr(this)](boost::system::error_code failed) {
    writing_ = false;
    if (gateway_ == nullptr) return;
    if (failed) return lose(failed.message());
    stalled_since_.reset();
    gateway_->touch(*this);  // flushes, and lets what waited for room go on
  });
}

void TcpSession::finish() {
  if (gateway_ == nullptr) return;
  end_of_input();
  gateway_->touch(*this);
}

void TcpSession::turn_away() {
  end_with({errc::overloaded, "too many connections: sessions_max = " + std::to_string(settings_.sessions_max), true});
}

/// The orderly end: everything asked is answered and written.
void TcpSession::close_when_done() {
  if (input_ != Input::ended || shut_since_ || replies().places() > 0) return;
  if (end_seen_) {
    if (!visit_.is_client()) say(LogLevel::info, "it has ended the connection");
    stream_.say_end();
    return close();
  }
  boost::system::error_code failed;
  stream_.shutdown_send(failed);
  if (failed == boost::asio::error::would_block) return await_room();
  if (failed) return close();
  shut_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*shut_since_ + gateway_->options().close_time_max);
  await_input();
}

void TcpSession::discard() {
  const auto room = gateway_->loop().scratch();
  boost::system::error_code failed;
  (void)stream_.read_some(room, failed);
  if (failed && failed != boost::asio::error::would_block) return close();
  await_input();
}

bool TcpSession::takes_records() const {
  return gateway_ != nullptr && settings_.receives && input_ != Input::ended && !token_;
}

// The end.

std::optional<Session::Time> TcpSession::check(Time now) {
  if (gateway_ == nullptr) return std::nullopt;
  if (shut_since_) {
    const auto at = *shut_since_ + gateway_->options().close_time_max;
    if (now < at) return at;
    return close(), std::nullopt;
  }
  if (stalled_since_) {
    const auto at = *stalled_since_ + gateway_->options().write_stall_max;
    if (now < at) return at;
    stream_.reset_on_close();
    return lose("it does not read what it is sent (write_stall_max)", GatewayCore::Left::by_us), std::nullopt;
  }
  if (token_) {
    if (now < token_due_) return token_due_;
    const auto why = "no token within token_time_max = " + to_string(settings_.token_time_max);
    visit_.refuse(Refused::token, "it has shown " + why);
    token_.reset();
    return end_with({errc::unauthorized, why, true}), std::nullopt;
  }
  const auto frame_at = frame_due();
  if (frame_at && now >= *frame_at) return refuse_late_frame(), std::nullopt;
  if (settings_.receives) return frame_at;  // a silent reader of records is no idler
  const bool owed = replies().places() > 0 || unwritten() > 0 || input_ == Input::waiting || input_ == Input::starved;
  const auto at = (owed ? now : idle_since_) + settings_.idle_max;
  if (now < at) return std::min(at, frame_at.value_or(at));
  return lose("nothing heard for idle_max", GatewayCore::Left::by_us), std::nullopt;
}

void TcpSession::turn_out(const std::string& why) {
  if (token_) visit_.refuse(Refused::token, "it has shown no token yet, and " + why);
  lose("it has shown no token", GatewayCore::Left::by_us);
}

bool TcpSession::judge_again() {
  if (gateway_ == nullptr || input_ == Input::ended || visit_.may_stay()) return false;
  gateway_->log(LogLevel::debug, "session " + std::to_string(id()) + from() + " ends: its token has been taken out");
  end_with({errc::unauthorized, "the token has been taken out", true});
  await_input();
  return true;
}

void TcpSession::lose(std::string_view why, GatewayCore::Left how) {
  const bool owed = replies().open_count() > 0 || unwritten() > 0;
  const bool cut_off = owed && how == GatewayCore::Left::by_us;  // what clients can do at will is not worth a warning
  const bool matters = !visit_.is_client() && !told_;            // this gateway has connected to it
  say(cut_off ? LogLevel::warning : matters ? LogLevel::info : LogLevel::debug, why);
  if (how == GatewayCore::Left::by_us) stream_.say_end();
  close(how);
}

void TcpSession::say(LogLevel level, std::string_view why) {
  told_ = true;
  gateway_->log(level, "session " + std::to_string(id()) + from() + " closed: " + std::string(why));
}

void TcpSession::close(GatewayCore::Left how) {
  if (!visit_.is_client() && !told_ && !gateway_->draining()) say(LogLevel::info, "this side has ended it");
  auto* gateway = gateway_;
  abort();
  gateway->remove(*this, how);
}

void TcpSession::abort() noexcept {
  gateway_ = nullptr;
  visit_.end();
  stream_.close();
}

}  // namespace skep
