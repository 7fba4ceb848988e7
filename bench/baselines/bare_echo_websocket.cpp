// Echoes WebSocket text messages with Beast's stream alone: the same codec as the WebSocket gateway (RFC 6455, its
// JSON check), no bee. One thread; Beast reads and writes message by message.
//
// Usage: bare_echo_websocket [--port N]; runs until it is killed.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "baselines/echo_server.hpp"
#include "skep/serialization/json.hpp"
#include "support/arguments.hpp"

namespace {

namespace beast = boost::beast;

/// Owned by the handler of its pending operation; gone with the last one.
class Session {
 public:
  explicit Session(bench::Socket socket) : stream_(std::move(socket)) {}

  static void start(std::unique_ptr<Session> self) {
    auto& session = *self;
    session.stream_.async_accept([self = std::move(self)](beast::error_code error) mutable {
      if (!error) read(std::move(self));
    });
  }

 private:
  static void read(std::unique_ptr<Session> self) {
    auto& session = *self;
    session.stream_.async_read(session.message_,
                               [self = std::move(self)](beast::error_code error, std::size_t) mutable {
                                 const auto bytes = self->message_.cdata();
                                 if (error || !skep::check_json({static_cast<const char*>(bytes.data()), bytes.size()}))
                                   return;
                                 write(std::move(self));
                               });
  }

  static void write(std::unique_ptr<Session> self) {
    auto& session = *self;
    session.stream_.text(session.stream_.got_text());
    session.stream_.async_write(session.message_.cdata(),
                                [self = std::move(self)](beast::error_code error, std::size_t) mutable {
                                  if (error) return;
                                  self->message_.clear();
                                  read(std::move(self));
                                });
  }

  beast::websocket::stream<bench::Socket> stream_;
  beast::flat_buffer message_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  bench::serve<Session>(static_cast<std::uint16_t>(arguments.number("--port", 7102)));
}
