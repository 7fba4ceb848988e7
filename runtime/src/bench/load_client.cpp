#include "bench/load_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
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
  state_ = State::opening;
  wire_->open(out_);
  flush();
  await_input();
  take_answers();
}

void LoadClient::check(Time now) {
  const bool waits = state_ == State::connecting || state_ == State::opening;
  if (!waits || now < deadline_) return;
  end((state_ == State::connecting ? "no connection within " : "it does not become a WebSocket within ") +
      skep::to_string(std::chrono::nanoseconds(limits::bench_connect_time_max)));
}

void LoadClient::await_input() {
  socket_.async_wait(Socket::wait_read, guarded([this](error_code failed) {
                       if (failed) return end(failed.message());
                       read();
                     }));
}

void LoadClient::read() {
  error_code failed;
  const auto size = socket_.read_some(asio::buffer(settings_.scratch.data(), settings_.scratch.size()), failed);
  if (failed == asio::error::would_block) return await_input();
  if (failed == asio::error::eof) return end("the server has closed the connection");
  if (failed) return end(failed.message());
  wire_->feed({settings_.scratch.data(), size});
  const auto connection = connection_;
  take_answers();
  if (connection == connection_) await_input();
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
  if (const bool full = out_.size() >= limits::session_write_bytes_max; full != full_ && state_ == State::open) {
    full_ = full;
    owner_.full(*this, full);
  }
  if (out_.empty() || !writing_.empty() || state_ < State::opening) return;
  std::swap(out_, writing_);
  asio::async_write(socket_, asio::buffer(writing_), guarded([this](error_code failed) { on_written(failed); }));
}

void LoadClient::on_written(error_code failed) {
  writing_.clear();
  if (failed) return end(failed.message());
  flush();
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
  out_.clear();
  writing_.clear();
  full_ = false;
}

void LoadClient::close() noexcept {
  if (state_ == State::open && writing_.empty()) {
    wire_->close(out_);
    error_code ignored;
    if (!out_.empty()) socket_.write_some(asio::buffer(out_), ignored);
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  drop();
}

}  // namespace skep::bench
