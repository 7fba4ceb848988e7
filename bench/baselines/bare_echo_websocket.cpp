// Echoes WebSocket text messages with Asio alone: the same codec as the WebSocket gateway (its reader and writer, its
// JSON check), no bee. Beast makes the upgrade.
//
// One thread, one read of up to 64 KiB at a time, one write for all answers to what a read brought.
//
// Usage: bare_echo_websocket [--port N]; runs until it is killed.

#include <boost/asio/write.hpp>
#include <boost/beast/websocket.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>

#include "baselines/echo_server.hpp"
#include "skep/serialization/json.hpp"
#include "support/arguments.hpp"
#include "websocket/websocket_reader.hpp"
#include "websocket/websocket_writer.hpp"

namespace {

using boost::system::error_code;

/// Owned by the handler of its pending operation; gone with the last one.
class Session {
 public:
  explicit Session(bench::Socket socket) : socket_(std::move(socket)), upgrade_(socket_) {}

  static void start(std::unique_ptr<Session> self) {
    auto& session = *self;
    session.upgrade_->async_accept([self = std::move(self)](error_code error) mutable {
      self->upgrade_.reset();
      if (!error) read(std::move(self));
    });
  }

 private:
  static void read(std::unique_ptr<Session> self) {
    auto& session = *self;
    session.socket_.async_read_some(boost::asio::buffer(session.in_),
                                    [self = std::move(self)](error_code error, std::size_t size) mutable {
                                      if (error || !self->answer({self->in_.data(), size})) return;
                                      write(std::move(self));
                                    });
  }

  static void write(std::unique_ptr<Session> self) {
    if (self->out_.empty()) return read(std::move(self));
    auto& session = *self;
    boost::asio::async_write(session.socket_, boost::asio::buffer(session.out_),
                             [self = std::move(self)](error_code error, std::size_t) mutable {
                               if (error) return;
                               self->out_.clear();
                               read(std::move(self));
                             });
  }

  [[nodiscard]] bool answer(std::span<char> bytes) {
    using Kind = skep::WebSocketEvent::Kind;
    for (;;) {
      const auto event = reader_.next(bytes);
      if (event.kind == Kind::none) return true;
      if (event.kind == Kind::ping) {
        out_ += skep::websocket_control_frame(skep::WebSocketOpcode::pong, event.bytes).view();
      } else if (event.kind == Kind::piece && !(event.first && event.last)) {
        message_ += event.bytes;
        if (event.last && !echo(std::exchange(message_, {}))) return false;
      } else if (event.kind != Kind::pong && (event.kind != Kind::piece || !echo(event.bytes))) {
        return false;
      }
    }
  }

  [[nodiscard]] bool echo(std::string_view message) {
    if (!skep::check_json(message)) return false;
    out_ += skep::websocket_header({.opcode = skep::WebSocketOpcode::text, .payload_bytes = message.size()}).view();
    out_ += message;
    return true;
  }

  bench::Socket socket_;
  std::optional<boost::beast::websocket::stream<bench::Socket&>> upgrade_;
  std::array<char, 65536> in_;
  std::string out_, message_;
  skep::WebSocketReader reader_{{}};
};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  bench::serve<Session>(static_cast<std::uint16_t>(arguments.number("--port", 7102)));
}
