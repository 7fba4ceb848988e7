#pragma once
// A socket whose reader is stopped where FrameScan says so, until it is let on: Beast answers a Close as soon as it
// reads one, and tells nobody of a length that it accepts. Keeps, too, since when something is here in part. For
// Beast's WebSocket stream; after the HTTP upgrade.
//
// `stopped` is called when the reader has had all that stands before the stop and wants more. A read that waits then
// ends with `open`, or with an error once `close` was called. Threads: the I/O thread.

#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "frame_scan.hpp"
#include "net/socket.hpp"

namespace skep {

class GatedSocket {
 public:
  using executor_type = Socket::executor_type;
  using next_layer_type = Socket;
  using Failed = boost::system::error_code;
  using Time = std::chrono::steady_clock::time_point;

  GatedSocket(Socket socket, std::size_t message_bytes_max)
      : socket_(std::move(socket)),
        opened_(socket_.get_executor(), Timer::time_point::max()),
        scan_(message_bytes_max) {}

  [[nodiscard]] executor_type get_executor() noexcept { return socket_.get_executor(); }
  [[nodiscard]] Socket& next_layer() noexcept { return socket_; }
  [[nodiscard]] const Socket& next_layer() const noexcept { return socket_; }

  void on_stop(std::function<void(FrameScan::Stop)> stopped) { stopped_ = std::move(stopped); }
  /// Called when the first part of something has come that is not whole: of a message, or of a frame's header, of which
  /// Beast tells nobody.
  void on_part(std::function<void()> begun) { part_begun_ = std::move(begun); }
  /// Since when such a part has been here.
  [[nodiscard]] std::optional<Time> part_since() const noexcept { return part_since_; }
  /// Its time begins anew, if there is one: it had to wait.
  void excuse_part(Time now) noexcept {
    if (part_since_) part_since_ = now;
  }
  /// Everything passes from now on.
  void open() {
    open_ = true;
    opened_.cancel();
  }
  void close() noexcept {
    Failed ignored;
    socket_.close(ignored);
    opened_.cancel();
  }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_compose<Handler, void(Failed, std::size_t)>(Read<Buffers>{*this, buffers}, handler,
                                                                          socket_);
  }
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_compose<Handler, void(Failed, std::size_t)>(Write<Buffers>{*this, buffers}, handler,
                                                                          socket_);
  }
  /// When the peer last took something of what is written.
  [[nodiscard]] Time wrote_at() const noexcept { return wrote_at_; }

 private:
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, executor_type>;

  template <class Buffers>
  struct Read {
    GatedSocket& gate;
    Buffers buffers;
    enum class At : std::uint8_t { start, socket, gate } at = At::start;

    template <class Self>
    void operator()(Self& self, Failed failed = {}, std::size_t bytes = 0) {
      if (at == At::start) return begin(self);
      if (at == At::gate) {
        if (!gate.open_) return self.complete(boost::asio::error::operation_aborted, 0);
        if (gate.held_.empty()) return read(self);
        return self.complete({}, gate.take_held(buffers));
      }
      if (failed || gate.open_) return self.complete(failed, bytes);
      const auto passed = gate.look(buffers, bytes);
      if (passed > 0) return self.complete({}, passed);
      wait(self);
    }

    template <class Self>
    void begin(Self& self) {
      if (gate.open_ && !gate.held_.empty()) {
        at = At::gate;
        return boost::asio::post(gate.get_executor(), std::move(self));
      }
      if (!gate.open_ && gate.stop_ != FrameScan::Stop::none) return wait(self);
      read(self);
    }

    template <class Self>
    void read(Self& self) {
      at = At::socket;
      const auto to = buffers;
      gate.socket_.async_read_some(to, std::move(self));
    }

    template <class Self>
    void wait(Self& self) {
      at = At::gate;
      auto& its_gate = gate;
      its_gate.opened_.async_wait(std::move(self));
      if (its_gate.stopped_) its_gate.stopped_(its_gate.stop_);
    }
  };

  template <class Buffers>
  struct Write {
    GatedSocket& gate;
    Buffers buffers;
    bool begun = false;

    template <class Self>
    void operator()(Self& self, Failed failed = {}, std::size_t bytes = 0) {
      if (!begun) {
        begun = true;
        const auto from = buffers;
        return gate.socket_.async_write_some(from, std::move(self));
      }
      if (bytes > 0) gate.wrote_at_ = std::chrono::steady_clock::now();
      self.complete(failed, bytes);
    }
  };

  /// How many of the bytes that came may be read; the others are held.
  template <class Buffers>
  std::size_t look(const Buffers& buffers, std::size_t bytes) {
    std::size_t passed = 0;
    for (const boost::asio::mutable_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
      const std::string_view here(static_cast<const char*>(buffer.data()), std::min(buffer.size(), bytes));
      bytes -= here.size();
      if (stop_ == FrameScan::Stop::none) {
        const auto seen = scan_.look(here);
        time_part(seen.ended);
        passed += seen.pass;
        stop_ = seen.stop;
        held_ += here.substr(seen.pass);
      } else {
        held_ += here;
      }
    }
    return passed;
  }

  void time_part(bool ended) {
    if (ended || !scan_.within()) part_since_.reset();
    if (part_since_ || !scan_.within()) return;
    part_since_ = std::chrono::steady_clock::now();
    if (part_begun_) part_begun_();
  }

  template <class Buffers>
  std::size_t take_held(const Buffers& buffers) {
    const auto bytes = boost::asio::buffer_copy(buffers, boost::asio::buffer(held_));
    held_.erase(0, bytes);
    return bytes;
  }

  Socket socket_;
  Timer opened_;  ///< never comes: cancelled to let a read go on
  FrameScan scan_;
  FrameScan::Stop stop_ = FrameScan::Stop::none;
  std::string held_;
  std::function<void(FrameScan::Stop)> stopped_;
  std::function<void()> part_begun_;
  std::optional<Time> part_since_;
  Time wrote_at_{};
  bool open_ = false;
};

/// How Beast ends the connection under its stream.
template <class Handler>
void async_teardown(boost::beast::role_type role, GatedSocket& gate, Handler&& handler) {
  using boost::beast::websocket::async_teardown;
  async_teardown(role, gate.next_layer(), std::forward<Handler>(handler));
}

}  // namespace skep
