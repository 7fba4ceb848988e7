#include "websocket_session.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <string>

#include "gated_socket.hpp"
#include "gateway_core.hpp"
#include "http_upgrade.hpp"
#include "websocket_message.hpp"

namespace skep {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

constexpr std::size_t buffer_bytes_kept = limits::session_free_bytes / 2;  ///< by an idle session

/// Goes through upgrading -> open -> closing; any of them ends in closed (`gateway_` null). A client that has sent its
/// Close is still open: what it is owed goes out before the answer to that, for close_time_max at most.
class WebSocketSession final : public Session {
 public:
  WebSocketSession(GatewayCore& gateway, Socket socket, WebSocketSettings settings, GatewayCore::Admit admit)
      : Session(gateway),
        settings_(std::move(settings)),
        admit_(admit),
        peer_(peer_of(socket)),
        stream_(std::move(socket), settings_.message_bytes_max) {}

  void start() override;
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  std::size_t unwritten() const override { return out_.memory(); }
  FrameCounts undelivered() const override { return out_.counts(); }
  std::size_t input_memory() const override { return in_.capacity() + ahead_.memory(); }
  void go_on() override;
  void end_input() override;
  void finish() override;
  void abort() noexcept override;
  bool takes_records() const override { return state_ == State::open && settings_.receives && !close_seen_since_; }
  std::optional<Time> check(Time now) override;

 private:
  enum class State : std::uint8_t { upgrading, open, closing, closed };
  using Failed = boost::system::error_code;

  /// A handler that keeps the session, and does nothing once it is closed.
  template <class Function>
  auto handler(Function function) {
    return [self = boost::intrusive_ptr(this), function](Failed failed, auto...) {
      if (self->gateway_ != nullptr) function(*self, failed);
    };
  }

  void on_header();
  void respond(const UpgradeRefusal& refusal);
  void accept();
  void read();
  [[nodiscard]] std::size_t read_size() const;
  void on_read(Failed failed);
  void on_read_failed(Failed failed);
  void keep_rest();
  void starve();
  void drop_input();
  void on_message();
  void take(std::string_view bytes, bool is_text);
  void take_ahead();
  void send_next();
  void written();
  void ping();
  void close_with(websocket::close_code code, std::string_view reason);
  void stopped(FrameScan::Stop why);
  void answer_close();
  void being_closed();
  void begin_close_time();
  [[nodiscard]] std::optional<Time> check_message(Time now);
  [[nodiscard]] std::optional<Time> check_ending(Time now);
  void close_when_written();
  void lose(std::string_view why, GatewayCore::Left how = GatewayCore::Left::by_peer);
  void say(bool warn, std::string_view why) const;
  void close(GatewayCore::Left how = GatewayCore::Left::by_peer);

  WebSocketSettings settings_;
  GatewayCore::Admit admit_;
  std::string peer_;  ///< for the log
  websocket::stream<GatedSocket> stream_;
  beast::flat_buffer in_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
  WebSocketMessages ahead_;  ///< read, and waiting to be taken
  WebSocketMessages out_;    ///< the first is being written while `writing_since_`
  std::string scratch_;
  State state_ = State::upgrading;
  websocket::close_reason reason_;
  Time last_input_{};
  std::optional<Time> writing_since_;
  std::optional<Time> close_seen_since_;  ///< the client's Close is here, and not answered
  std::optional<Time> ending_since_;      ///< it will be sent a Close once nothing is owed
  std::optional<Time> closing_since_;     ///< it was
  bool passing_over_ = false;             ///< the message that is coming was refused
  bool owed_in_vain_ = false;             ///< answers that did not come in time
  bool starved_ = false;                  ///< it waits for room in the node's budget
  bool reading_ = false;
  bool pinging_ = false;
  bool close_sent_ = false;
  bool closed_by_peer_ = false;  ///< before this side did
};

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
  stream_.control_callback([this](websocket::frame_type type, beast::string_view) {
    last_input_ = std::chrono::steady_clock::now();
    if (type == websocket::frame_type::close) being_closed();
  });
  stream_.async_accept(parser_->get(), handler([](auto& self, Failed failed) {
                         if (failed) return self.lose("no WebSocket: " + failed.message());
                         self.parser_.reset();
                         if (self.state_ == State::closing) return self.close_when_written();  // a drain came first
                         self.state_ = State::open;
                         self.gateway_->watch(std::chrono::steady_clock::now() + self.settings_.ping_interval);
                         self.gateway_->touch(self);
                         self.read();
                       }));
}

// Messages in.

void WebSocketSession::read() {
  if (reading_ || gateway_ == nullptr || close_sent_) return;
  const auto size = read_size();
  if (size == 0 && ahead_.empty()) starve();
  if (size == 0) return;
  reading_ = true;
  stream_.async_read_some(in_, size, handler([](auto& self, Failed failed) {
                            self.reading_ = false;
                            self.on_read(failed);
                          }));
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
  answer_close();
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

// The end.

/// The reader has had all that stands before a Close, or before what breaks a limit, and is held back.
void WebSocketSession::stopped(FrameScan::Stop why) {
  if (gateway_ == nullptr || close_sent_) return stream_.next_layer().open();
  if (state_ == State::closing) return;  // goes on once its own Close is sent
  if (why != FrameScan::Stop::close) {
    const auto [code, reason] = limit_broken(why, settings_.message_bytes_max);
    return close_with(code, reason);
  }
  close_seen_since_ = std::chrono::steady_clock::now();
  gateway_->watch(*close_seen_since_ + gateway_->options().close_time_max);
  answer_close();
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
  reason_ = {code, beast::string_view(reason.data(), reason.size())};
  const bool upgraded = state_ == State::open;
  state_ = State::closing;
  if (!upgraded) return begin_close_time();
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
  if (state_ != State::open || !gate.part_since()) return std::nullopt;
  if (!reading_ && !starved_) gate.excuse_part(now);  // it has to wait
  const auto at = *gate.part_since() + settings_.frame_time_max;
  if (now < at) return at;
  const auto limit = "frame_time_max = " + to_string(settings_.frame_time_max);
  if (!starved_) return close_with(websocket::close_code::policy_error, limit), at;
  close_with(websocket::close_code::try_again_later, "no room for this message (payload_bytes_max) in " + limit);
  return at;
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
  if (state_ == State::open && close_seen_since_) {
    const auto at = *close_seen_since_ + gateway_->options().close_time_max;
    if (now < at) return at;
    return stream_.next_layer().open(), at + gateway_->options().close_time_max;
  }
  if (state_ == State::upgrading || closing_since_) {
    const auto at = state_ == State::upgrading ? last_input_ + settings_.upgrade_time_max
                                               : *closing_since_ + gateway_->options().close_time_max;
    if (now < at) return at;
    return lose(state_ == State::upgrading ? "no whole HTTP header in upgrade_time_max" : "it does not close",
                closed_by_peer_ ? GatewayCore::Left::by_peer : GatewayCore::Left::by_us),
           std::nullopt;
  }
  if (writing_since_) {
    const auto at = *writing_since_ + gateway_->options().write_stall_max;
    if (now < at) return std::min(at, message_at.value_or(at));
    reset_on_close(stream_.next_layer().next_layer());
    return lose("it does not read what it is sent (write_stall_max)", GatewayCore::Left::by_us), std::nullopt;
  }
  if (state_ == State::closing) return check_ending(now);
  const auto heard = reading_ ? last_input_ : now;  // while it has to wait, its pongs are not read
  if (now - heard >= settings_.idle_max) {
    say(replies().open_count() > 0 || !out_.empty(), "nothing heard for idle_max");
    owed_in_vain_ = true;  // maybe nobody is there
    close_with(websocket::close_code::policy_error, "nothing heard: idle_max = " + to_string(settings_.idle_max));
    return now + gateway_->options().close_time_max;
  }
  if (now - heard >= settings_.ping_interval) ping();
  const auto next = std::min(now + settings_.ping_interval, heard + settings_.idle_max);
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

}  // namespace

SessionPtr make_websocket_session(GatewayCore& gateway, Socket socket, WebSocketSettings settings,
                                  GatewayCore::Admit admit) {
  return new WebSocketSession(gateway, std::move(socket), std::move(settings), admit);
}

}  // namespace skep
