#include "websocket_session.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <span>
#include <utility>

namespace skep {
namespace {

using boost::asio::const_buffer;
using Failed = boost::system::error_code;

constexpr std::size_t input_bytes_kept = limits::session_free_bytes / 2;  ///< by an idle session
constexpr std::size_t pieces_max = 64;                                    ///< in one write; Asio takes no more

}  // namespace

WebSocketSession::WebSocketSession(GatewayCore& gateway, Client client, std::shared_ptr<const Settings> settings,
                                   GatewayCore::Admit admit)
    : Session(gateway),
      settings_(std::move(settings)),
      stream_(std::move(client.stream)),
      visit_(std::move(client.visit)),
      peer_(stream_.peer() + in_brackets(visit_.client())),
      handshake_(new WebSocketHandshake(settings_->rules, [this](auto token) { return judge(token); })),
      reader_({.message_bytes_max = settings_->message_bytes_max}),
      control_(settings_->control_frames_rate),
      full_(admit == GatewayCore::Admit::full) {}

std::optional<UpgradeRefusal> WebSocketSession::judge(std::optional<std::string_view> token) {
  if (!full_ && visit_.asks_token()) {
    switch (visit_.judge(token)) {
      case TokenVerdict::wrong:
        return UpgradeRefusal{401, "no token that is right: the request says \"Authorization: Bearer TOKEN\"\n"};
      case TokenVerdict::too_many:
        return UpgradeRefusal{429, "too many wrong tokens\n"};
      case TokenVerdict::right:
        peer_ = stream_.peer() + in_brackets(visit_.client());
        full_ = !gateway_->enter(*this, settings_->sessions_max);
    }
  }
  if (!full_) return std::nullopt;
  return UpgradeRefusal{503, "too many connections: sessions_max = " + std::to_string(settings_->sessions_max) + "\n"};
}

void WebSocketSession::start() {
  last_input_ = std::chrono::steady_clock::now();
  gateway_->watch(last_input_ + settings_->upgrade_time_max);
  await_input();
}

// From HTTP to WebSocket.

void WebSocketSession::shake(std::string_view bytes) {
  const bool tls = !std::exchange(heard_, true) && begins_tls(bytes) && !stream_.has_tls();
  if (tls) visit_.refuse(Refused::protocol, "it speaks TLS, and this gateway has no tls_certificate");
  const auto state = handshake_->feed(bytes);
  if (state == WebSocketHandshake::State::reading) return;
  if (!tls && !handshake_->why().empty()) visit_.refuse(Refused::upgrade, "its request: " + handshake_->why());
  response_ = handshake_->response();
  handshake_.reset();
  if (state == WebSocketHandshake::State::refused) {
    state_ = State::refused;
    begin_close_time();
  } else if (state_ == State::upgrading) {  // else a drain came first
    state_ = State::open;
    last_input_ = gateway_->now();
    gateway_->watch(last_input_ + ping_interval());
  }
  gateway_->touch(*this);
}

// Messages in.

void WebSocketSession::await_input() {
  if (reading_ || gateway_ == nullptr) return;
  if (!shut_ && (state_ == State::refused || reader_.ended())) return await_error();
  const auto size = read_size();
  if (size == 0 && nothing_waits()) starve();
  if (size == 0) {
    if (!std::exchange(held_up_, true)) control_.hold(std::chrono::steady_clock::now());
    return await_error();
  }
  if (std::exchange(held_up_, false)) excuse_wait(std::chrono::steady_clock::now());
  reading_ = true;
  granted_ = size;
  stream_.await_input([this, self = SessionPtr(this)](Failed failed) {
    reading_ = false;
    if (gateway_ == nullptr) return;
    if (failed) return lose(failed.message());
    on_readable();
  });
}

/// Nothing is read: a lost connection is still to be noticed.
void WebSocketSession::await_error() {
  if (std::exchange(watching_, true)) return;
  stream_.await_error([this, self = SessionPtr(this)](Failed failed) {
    watching_ = false;
    if (gateway_ != nullptr) lose(failed ? failed.message() : "connection lost");
  });
}

/// The client could not be heard for a while: that counts neither as silence nor as slowness, nor as haste.
void WebSocketSession::excuse_wait(Time now) {
  last_input_ = now;
  control_.excuse(now);
  if (part_since_) part_since_ = now;
}

/// How much is read next: all there is if it can be refused, else what there is room for.
std::size_t WebSocketSession::read_size() const {
  constexpr auto all = limits::session_read_ahead_bytes;
  if (state_ != State::open || gateway_->draining() || (nothing_waits() && !gateway_->blocks())) return all;
  if (!rest_.empty() || ahead_.bytes() >= limits::session_read_ahead_bytes) return 0;
  if (gateway_->room().has_room(*this)) return all;
  return limits::session_free_bytes - std::min(limits::session_free_bytes, in_.size() + ahead_.bytes());
}

void WebSocketSession::starve() {
  starved_ = true;
  gateway_->room().starve(*this);
}

void WebSocketSession::on_readable() {
  gateway_->arrived();
  const auto room = gateway_->loop().scratch();
  const auto bytes = room.first(std::min(room.size(), granted_));
  Failed failed;
  const auto read = stream_.read_some(bytes, failed);
  if (failed == boost::asio::error::would_block) return await_input();
  if (failed) return lose(stream_.why(failed));
  if (handshake_) {
    shake({bytes.data(), read});
  } else if (!shut_) {
    last_input_ = gateway_->now();
    decode(bytes.first(read));
  }
  await_input();
}

/// As far as what comes of it has room.
void WebSocketSession::decode(std::span<char> bytes) {
  bool ended = false;  // a message, or a control frame outside of one
  while (gateway_ != nullptr) {
    if (ahead_.bytes() >= limits::session_read_ahead_bytes) {
      rest_.assign(bytes.data(), bytes.size());
      break;
    }
    const auto event = reader_.next(bytes);
    if (event.kind == WebSocketEvent::Kind::none) break;
    ended = ended || !reader_.within();
    take(event);
  }
  if (gateway_ == nullptr) return;
  time_part(ended);
  keep_rest();
}

void WebSocketSession::take(const WebSocketEvent& event) {
  switch (event.kind) {
    case WebSocketEvent::Kind::piece:
      return take_piece(event);
    case WebSocketEvent::Kind::ping:
      if (!control_.ping(gateway_->now())) return refuse_control();
      out_.pong(event.bytes);
      return gateway_->touch(*this);
    case WebSocketEvent::Kind::close:
      return on_close(event);
    case WebSocketEvent::Kind::error:
      return on_mistake(event);
    case WebSocketEvent::Kind::pong:
      if (!control_.pong(gateway_->now())) refuse_control();
      return;
    case WebSocketEvent::Kind::none:
      return;
  }
}

/// Nothing that follows counts, as behind other mistakes.
void WebSocketSession::refuse_control() {
  reader_.end();
  const auto why =
      "more pings and pongs than control_frames_rate = " + std::to_string(settings_->control_frames_rate) + " a second";
  on_mistake({.kind = WebSocketEvent::Kind::error, .code = WebSocketCloseCode::policy, .bytes = why});
}

void WebSocketSession::take_piece(const WebSocketEvent& piece) {
  if (state_ != State::open) return drop_input();
  if (passing_over_) return void(passing_over_ = !piece.last);
  if (piece.first && piece.last) return on_message(piece.bytes, piece.is_text);
  in_.append(piece.bytes);
  if (!piece.last) return;
  on_message(in_, piece.is_text);
  drop_input();
}

void WebSocketSession::on_message(std::string_view bytes, bool is_text) {
  if (ahead_.empty() && gateway_->may_take(*this) == Take::yes) return submit(bytes, is_text);
  ahead_.push(bytes, is_text);
  if (ahead_.size() == 1 && gateway_->may_take(*this) == Take::wait_for_swarm) gateway_->wait(*this);
}

void WebSocketSession::submit(std::string_view bytes, bool is_text) {
  const auto kind = is_text ? ContentKind::json : kind_of(settings_->binary);
  gateway_->submit(*this, Payload::borrow(std::as_bytes(std::span(bytes)), {kind}));
}

void WebSocketSession::take_ahead() {
  while (!ahead_.empty()) {
    const auto may = gateway_->may_take(*this);
    if (may == Take::wait_for_swarm) gateway_->wait(*this);
    if (may != Take::yes && !gateway_->draining()) return;
    const auto message = ahead_.front();
    submit(message.bytes, message.is_text);
    ahead_.pop();
  }
}

/// With what could not be decoded before.
void WebSocketSession::take_waiting() {
  for (take_ahead(); ahead_.empty() && !rest_.empty(); take_ahead()) {
    auto rest = std::exchange(rest_, {});
    decode(rest);
  }
}

void WebSocketSession::go_on() {
  const bool starved = std::exchange(starved_, false);
  if (gateway_ == nullptr || state_ != State::open || (nothing_waits() && !starved)) return;
  gateway_->arrived();
  if (held_up_) control_.excuse(gateway_->now());
  take_waiting();
  gateway_->room().hold(*this);
  if (close_seen_since_) close_seen_since_ = gateway_->now();  // for the answers to what was just taken
  end_mistaken();
  if (close_seen_ && nothing_waits()) gateway_->touch(*this);
  await_input();
}

void WebSocketSession::end_input() {
  if (gateway_ == nullptr || state_ != State::open) return;
  take_waiting();  // refused: the gateway drains
  end_mistaken();
  await_input();
}

void WebSocketSession::drop_input() {
  in_.clear();
  if (in_.capacity() > input_bytes_kept) in_.shrink_to_fit();
}

/// What came of a message that is not whole takes its place in the node's budget as it comes, or is refused.
void WebSocketSession::keep_rest() {
  if (gateway_->room().hold(*this) || state_ != State::open || in_.capacity() <= limits::session_free_bytes) return;
  if (gateway_->blocks() || !nothing_waits()) return starve();
  if (in_.empty()) return;
  gateway_->refuse(*this, gateway_->room().failure());
  passing_over_ = true;
  drop_input();
  gateway_->room().hold(*this);
}

/// Since when a part of a message, or of a frame's header, is here.
void WebSocketSession::time_part(bool ended) {
  const bool within = reader_.within();
  if (ended || !within) part_since_.reset();
  if (part_since_ || !within) return;
  part_since_ = gateway_->now();
  gateway_->watch(*part_since_ + settings_->frame_time_max);
}

// Answers out.

Outgoing WebSocketSession::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr) return what;
  const auto text = answer_text(answer, WireContent::raw, scratch_);
  const auto went = as_written(what, text.failed);
  WebSocketOutput::Message message{text.bytes, text.is_text, went};
  const auto* record = std::get_if<Record>(&answer);
  const bool stays = text.bytes.size() > WebSocketOutput::copied_bytes_max && text.bytes.data() != scratch_.data();
  if (stays && record != nullptr) message.keeper = *record;
  out_.push(message);
  return went;
}

void WebSocketSession::flush() {
  if (gateway_ == nullptr || handshake_) return;
  do {
    send_out();
    if (gateway_ == nullptr || !response_.empty() || !out_.empty() || stream_.holds()) return;
  } while (put_close());
  if (close_sent_ || state_ == State::refused) end_stream();
}

void WebSocketSession::send_out() {
  if (writing_) return;  // there is no room yet
  std::array<std::string_view, pieces_max> pieces;
  std::array<const_buffer, pieces_max> buffers;
  while (!response_.empty() || !out_.empty() || stream_.holds()) {
    pieces[0] = response_;
    const std::size_t before = response_.empty() ? 0 : 1;
    const auto count = before + out_.gather(std::span(pieces).subspan(before));
    for (std::size_t i = 0; i < count; ++i) buffers[i] = {pieces[i].data(), pieces[i].size()};
    Failed failed;
    const auto bytes = stream_.write_some(std::span<const const_buffer>(buffers).first(count), failed);
    if (failed == boost::asio::error::would_block) return await_room();
    if (failed) return lose(stream_.why(failed));
    stalled_since_.reset();
    const auto of_response = std::min(bytes, response_.size());
    response_.erase(0, of_response);
    gateway_->delivered(*this, out_.wrote(bytes - of_response));
    gateway_->room().hold(*this);
  }
}

void WebSocketSession::await_room() {
  if (!stalled_since_) {
    stalled_since_ = std::chrono::steady_clock::now();
    gateway_->watch(*stalled_since_ + gateway_->options().write_stall_max);
  }
  if (std::exchange(writing_, true)) return;
  stream_.await_room([this, self = SessionPtr(this)](Failed failed) {
    writing_ = false;
    if (gateway_ == nullptr) return;
    if (failed) return lose(failed.message());
    stalled_since_.reset();
    gateway_->touch(*this);  // flushes, and lets what waited for room go on
  });
}

void WebSocketSession::ping() {
  if (close_sent_) return;
  out_.ping();
  control_.pinged();
  gateway_->touch(*this);
}

}  // namespace skep
