#include "bench/load_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "skep/actors/option.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"

namespace skep::bench {

namespace asio = boost::asio;
using boost::system::error_code;

LoadClient::LoadClient(asio::io_context& context, Settings settings, LoadClientOwner& owner)
    : settings_(settings), owner_(owner), socket_(context) {}

template <class Then>
auto LoadClient::guarded(Then then) {
  return [this, connection = connection_, then = std::move(then)](error_code failed, auto&&...) {
    if (connection == connection_) then(failed);
  };
}

void LoadClient::connect(const NameLookup::Endpoints& endpoints, Time deadline) {
  state_ = State::connecting;
  deadline_ = deadline;
  wire_ = std::make_unique<LoadWire>(*settings_.target, settings_.seed);
  asio::async_connect(socket_, endpoints, guarded([this](error_code failed) { on_connect(failed); }));
}

void LoadClient::on_connect(error_code failed) {
  if (failed) return end(failed.message());
  prepare(socket_);
  if (!settings_.tls) {
    stream_.emplace(std::move(socket_));
    return begin();
  }
  state_ = State::shaking;
  stream_.emplace(std::move(socket_), settings_.tls->make_ssl());
  shake();
}

void LoadClient::shake() {
  switch (const auto state = stream_->shake()) {
    case TlsLayer::Shake::wants_input:
    case TlsLayer::Shake::wants_room:
      return stream_->await_shake(state,
                                  guarded([this](error_code failed) { failed ? end(failed.message()) : shake(); }));
    case TlsLayer::Shake::failed:
      return end(stream_->why({}));
    case TlsLayer::Shake::done:
      return begin();
  }
}

void LoadClient::begin() {
  state_ = State::opening;
  wire_->open(out_);
  flush();
  await_input();
  take_answers();
}

void LoadClient::check(Time now) {
  if (state_ == State::closed || state_ == State::open || now < deadline_) return;
  const auto* late = state_ == State::connecting ? "no connection within "
                     : state_ == State::shaking  ? "it has not shaken hands within "
                                                 : "it does not become a WebSocket within ";
  end(late + skep::to_string(std::chrono::nanoseconds(limits::bench_connect_time_max)));
}

void LoadClient::await_input() {
  stream_->await_input(guarded([this](error_code failed) {
    if (failed) return end(failed.message());
    read();
  }));
}

void LoadClient::read() {
  error_code failed;
  const auto size = stream_->read_some(settings_.scratch, failed);
  if (failed == asio::error::would_block) return await_input();
  if (failed == asio::error::eof) return end(wire_->at_end());
  if (failed) return end(stream_->why(failed));
  const std::string_view bytes(settings_.scratch.data(), size);
  if (const auto other = std::exchange(heard_, true) ? "" : other_protocol(bytes); !other.empty()) return end(other);
  wire_->feed(bytes);
  const auto connection = connection_;
  take_answers();
  if (connection == connection_) await_input();
}

/// What the server speaks instead, by what it says first; "": what was expected.
std::string LoadClient::other_protocol(std::string_view first) const {
  if (!settings_.tls && is_tls_alert(first)) return "it speaks TLS (--tls-authorities)";
  constexpr std::string_view http = "HTTP/1.";
  const auto begin = first.substr(0, http.size());
  const bool frames = settings_.target->protocol == LoadTarget::Protocol::tcp;
  const std::string websocket = settings_.tls ? "wss" : "ws", tcp = settings_.tls ? "tls" : "tcp";
  if (frames && begin == http) return "it answers with HTTP: a websocket gateway is " + websocket + "://HOST:PORT/PATH";
  if (!frames && !http.starts_with(begin)) {
    return "it does not answer with HTTP: a tcp gateway is " + tcp + "://HOST:PORT";
  }
  return {};
}

/// Also whether it is open, of which bytes tell.
void LoadClient::take_answers() {
  const auto opened = wire_->opened();
  if (!opened) return end(opened.error().message);
  if (!*opened) return;
  if (state_ == State::opening) {
    state_ = State::open;
    owner_.opened(*this);
  }
  while (true) {
    const auto answer = wire_->next(out_);
    if (!answer) return end(answer.error().message);
    if (!*answer) break;
    owner_.answered(*this, **answer);
  }
  owner_.read_all(*this);
  flush();
}

void LoadClient::flush() {
  tell_full();
  while (state_ >= State::opening && !awaits_room_ && has_output()) {
    if (written_ == writing_.size()) {
      written_ = 0;
      writing_.clear();
      std::swap(out_, writing_);
    }
    error_code failed;
    written_ += stream_->write_some(std::string_view(writing_).substr(written_), failed);
    if (failed == asio::error::would_block) {
      await_room();
    } else if (failed) {
      return;  // the read that is awaited tells why
    }
  }
  tell_full();
}

bool LoadClient::has_output() const {
  return written_ < writing_.size() || !out_.empty() || stream_->holds();
}

void LoadClient::tell_full() {
  const bool full = out_.size() >= limits::session_write_bytes_max;
  if (full == full_ || state_ != State::open) return;
  full_ = full;
  owner_.full(*this, full);
}

void LoadClient::await_room() {
  awaits_room_ = true;
  stream_->await_room(guarded([this](error_code failed) {
    awaits_room_ = false;
    if (!failed) flush();
  }));
}

void LoadClient::end(const std::string& why) {
  if (state_ == State::closed) return;
  drop();
  owner_.ended(*this, why);
}

void LoadClient::drop() noexcept {
  ++connection_;
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  stream_.reset();
  out_.clear();
  writing_.clear();
  written_ = 0;
  awaits_room_ = full_ = heard_ = false;
}

void LoadClient::close() noexcept {
  if (state_ == State::open && !has_output()) {
    wire_->close(out_);
    error_code ignored;
    if (!out_.empty()) stream_->write_some(out_, ignored);
    stream_->shutdown_send(ignored);
  }
  drop();
}

}  // namespace skep::bench
