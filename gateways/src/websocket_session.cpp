#include "websocket_session.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <string>

#include "http_upgrade.hpp"
#include "websocket_session_class.hpp"

namespace skep {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

constexpr std::size_t buffer_bytes_kept = limits::session_free_bytes / 2;  ///< by an idle session

}  // namespace

// From HTTP to WebSocket.

void WebSocketSession::start() {
  last_input_ = std::chrono::steady_clock::now();
  gateway_->watch(last_input_ + settings_.upgrade_time_max);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits::upgrade_header_bytes_max));
  http::async_read_header(stream_.next_layer().next_layer(), in_, *parser_, handler([](auto& self, Failed failed) {
                            if (failed == http::error::header_limit) {
                              return self.respond({431, "the header exceeds upgrade_header_bytes_max = " +
                                                            std::to_string(limits::upgrade_header_bytes_max) + "\n"});
                            }
                            if (!failed) return self.on_header();
                            const bool connection_lost = failed.category() == boost::system::system_category();
                            if (connection_lost || failed == http::error::end_of_stream)
                              return self.lose(failed.message());
                            self.respond({400, "not HTTP: " + failed.message() + "\n"});
                          }));
}

void WebSocketSession::on_header() {
  if (admit_ == GatewayCore::Admit::full) {
    return respond({503, "too many connections: sessions_max = " + std::to_string(settings_.sessions_max) + "\n"});
  }
  if (auto refusal = check_upgrade(upgrade_request(parser_->get()), settings_.rules)) return respond(*refusal);
  if (in_.size() > 0) return respond({400, "frames before the upgrade is answered\n"});
  accept();
}

void WebSocketSession::respond(const UpgradeRefusal& refusal) {
  state_ = State::closing;
  begin_close_time();
  response_.result(refusal.status);
  response_.version(11);
  response_.set(http::field::content_type, "text/plain");
  if (refusal.status == 426) response_.set(http::field::upgrade, "websocket");
  response_.keep_alive(false);
  response_.body() = refusal.text;
  response_.prepare_payload();
  http::async_write(stream_.next_layer().next_layer(), response_, handler([](auto& self, Failed) { self.close(); }));
}

void WebSocketSession::accept() {
  // The gate refuses what is announced over message_bytes_max, and the close frame says why.
  stream_.read_message_max(limits::payload_bytes_max);
  stream_.next_layer().on_stop([this](FrameScan::Stop why) { stopped(why); });
  stream_.next_layer().on_part([this] {
    if (gateway_ != nullptr) gateway_->watch(*stream_.next_layer().part_since() + settings_.frame_time_max);
  });
  stream_.auto_fragment(false);
  stream_.control_callback([this](websocket::frame_type type, boost::beast::string_view) {
    last_input_ = std::chrono::steady_clock::now();
    if (type == websocket::frame_type::close) being_closed();
  });
  stream_.async_accept(parser_->get(), handler([](auto& self, Failed failed) {
                         if (failed) return self.lose("no WebSocket: " + failed.message());
                         self.parser_.reset();
                         if (self.state_ == State::closing) return self.close_when_written();  // a drain came first
                         self.state_ = State::open;
                         self.gateway_->watch(std::chrono::steady_clock::now() + self.ping_interval());
                         self.gateway_->touch(self);
                         self.read();
                       }));
}

// Messages in.

void WebSocketSession::read() {
  if (reading_ || gateway_ == nullptr || close_sent_) return;
  const auto size = read_size();
  if (size == 0 && ahead_.empty()) starve();
  if (size == 0) {
    held_up_ = true;
    return await_error();
  }
  if (std::exchange(held_up_, false)) excuse_wait(std::chrono::steady_clock::now());
  reading_ = true;
  stream_.async_read_some(in_, size, handler([](auto& self, Failed failed) {
                            self.reading_ = false;
                            self.on_read(failed);
                          }));
}

/// Nothing is read: a lost connection is still to be noticed.
void WebSocketSession::await_error() {
  if (std::exchange(watching_, true)) return;
  stream_.next_layer().next_layer().async_wait(Socket::wait_error, handler([](auto& self, Failed failed) {
                                                 self.watching_ = false;
                                                 self.lose(failed ? failed.message() : "connection lost");
                                               }));
}

/// The client could not be heard for a while: that counts neither as silence nor as slowness.
void WebSocketSession::excuse_wait(Time now) {
  last_input_ = now;
  stream_.next_layer().excuse_part(now);
}

/// How much is read next: all there is if it can be refused, else what there is room for.
std::size_t WebSocketSession::read_size() const {
  constexpr auto all = limits::session_read_ahead_bytes;
  if (state_ != State::open || (ahead_.empty() && !gateway_->blocks())) return all;
  if (ahead_.memory() >= limits::session_read_ahead_bytes) return 0;
  if (gateway_->room().has_room(*this)) return all;
  return limits::session_free_bytes - std::min(limits::session_free_bytes, in_.size() + ahead_.memory());
}

void WebSocketSession::starve() {
  starved_ = true;
  gateway_->room().starve(*this);
}

void WebSocketSession::drop_input() {
  in_.consume(in_.size());
  if (in_.capacity() > buffer_bytes_kept) in_.shrink_to_fit();
}

/// What came of a message that is not whole takes its place in the node's budget as it comes, or is refused.
void WebSocketSession::keep_rest() {
  if (gateway_->room().hold(*this) || state_ != State::open || in_.capacity() <= limits::session_free_bytes) return;
  if (gateway_->blocks() || !ahead_.empty()) return starve();
  if (stream_.is_message_done()) return;
  gateway_->refuse(*this, gateway_->room().failure());
  passing_over_ = true;
  drop_input();
  gateway_->room().hold(*this);
}

void WebSocketSession::on_read(Failed failed) {
  if (failed) return on_read_failed(failed);
  gateway_->arrived();
  last_input_ = gateway_->now();
  if (state_ != State::open) {
    drop_input();
  } else if (passing_over_) {
    passing_over_ = !stream_.is_message_done();
    drop_input();
  } else if (stream_.is_message_done()) {
    on_message();
  }
  keep_rest();
  read();
}

void WebSocketSession::on_read_failed(Failed failed) {
  if (failed != websocket::error::closed || !in_good_order(stream_.reason().code)) return lose(failed.message());
  gateway_->log(LogLevel::debug, "session " + std::to_string(id()) + " from " + peer_ + " closed by its client");
  close();
}

void WebSocketSession::on_message() {
  const auto data = in_.cdata();
  const std::string_view bytes(static_cast<const char*>(data.data()), data.size());
  const bool is_text = stream_.got_text();
  if (!ahead_.empty() || gateway_->may_take(*this) != Take::yes) {
    ahead_.push({{}, std::string(bytes), is_text});
    if (ahead_.size() == 1 && gateway_->may_take(*this) == Take::wait_for_swarm) gateway_->wait(*this);
  } else {
    take(bytes, is_text);
  }
  drop_input();
}

void WebSocketSession::take(std::string_view bytes, bool is_text) {
  const auto kind = is_text ? ContentKind::json : kind_of(settings_.binary);
  gateway_->submit(*this, Payload::borrow(std::as_bytes(std::span(bytes)), {kind}));
}

void WebSocketSession::take_ahead() {
  while (!ahead_.empty()) {
    const auto may = gateway_->may_take(*this);
    if (may == Take::wait_for_swarm) gateway_->wait(*this);
    if (may != Take::yes && !gateway_->draining()) return;
    const auto message = ahead_.pop();
    take(message.text, message.is_text);
  }
}

void WebSocketSession::go_on() {
  const bool starved = std::exchange(starved_, false);
  if (gateway_ == nullptr || state_ != State::open || (ahead_.empty() && !starved)) return;
  gateway_->arrived();
  take_ahead();
  gateway_->room().hold(*this);
  if (close_seen_since_) close_seen_since_ = gateway_->now();  // for the answers to what was just taken
  answer_close();
  end_broken();
  read();
}

void WebSocketSession::end_input() {
  if (gateway_ != nullptr && state_ == State::open) take_ahead();  // refused: the gateway drains
}

// Answers out.

Outgoing WebSocketSession::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr) return what;
  const auto text = answer_text(answer, WireContent::raw, scratch_);
  const auto went = as_written(what, text.failed);
  WebSocketMessage message{{}, {}, text.is_text, went};
  if (text.bytes.data() == scratch_.data()) {
    message.text = scratch_;
  } else {
    message.record = std::get<Record>(answer);
  }
  out_.push(std::move(message));
  return went;
}

void WebSocketSession::flush() {
  if (gateway_ != nullptr && !writing_since_ && state_ != State::upgrading) send_next();
}

void WebSocketSession::send_next() {
  if (close_sent_) return;
  if (out_.empty()) {
    answer_close();
    return close_when_written();
  }
  writing_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*writing_since_ + gateway_->options().write_stall_max);
  const auto& message = out_.front();
  stream_.text(message.is_text);
  const auto bytes = message.bytes();
  stream_.async_write(boost::asio::buffer(bytes.data(), bytes.size()), handler([](auto& self, Failed failed) {
                        if (failed) return self.lose(failed.message());
                        self.written();
                        if (!self.ahead_.empty() || self.settings_.receives) self.gateway_->touch(self);
                        self.send_next();
                      }));
}

/// The first of what goes out has gone.
void WebSocketSession::written() {
  writing_since_.reset();
  FrameCounts delivered;
  delivered.add(out_.pop().what);
  gateway_->delivered(*this, delivered);
  gateway_->room().hold(*this);
}

void WebSocketSession::ping() {
  if (pinging_ || close_sent_) return;
  pinging_ = true;
  stream_.async_ping({}, handler([](auto& self, Failed failed) {
                       self.pinging_ = false;
                       if (failed) self.lose(failed.message());
                     }));
}

SessionPtr make_websocket_session(GatewayCore& gateway, Socket socket, WebSocketSettings settings,
                                  GatewayCore::Admit admit) {
  return new WebSocketSession(gateway, std::move(socket), std::move(settings), admit);
}

}  // namespace skep
