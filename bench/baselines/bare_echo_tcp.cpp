// Echoes JSON lines with Asio alone: the same codec as the TCP gateway (its framing, its JSON check), no bee.
//
// One thread, one read of up to 64 KiB at a time, one write for all answers to what a read brought.
//
// Usage: bare_echo_tcp [--port N]; runs until it is killed.

#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <string_view>

#include "baselines/echo_server.hpp"
#include "skep/serialization/framing.hpp"
#include "skep/serialization/json.hpp"
#include "support/arguments.hpp"

namespace {

using boost::system::error_code;

/// Owned by the handler of its pending operation; gone with the last one.
class Session {
 public:
  explicit Session(bench::Socket socket) : socket_(std::move(socket)) {}

  static void start(std::unique_ptr<Session> self) { read(std::move(self)); }

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

  [[nodiscard]] bool answer(std::string_view bytes) {
    frames_.feed(bytes);
    while (true) {
      const auto frame = frames_.next();
      if (!frame) return false;
      if (!frame.value()) return true;
      if (!skep::check_json(*frame.value())) return false;
      if (!skep::append_frame(skep::Framing::line, *frame.value(), out_)) return false;
    }
  }

  bench::Socket socket_;
  std::array<char, 65536> in_;
  std::string out_;
  skep::FrameParser frames_{skep::Framing::line};
};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  bench::serve<Session>(static_cast<std::uint16_t>(arguments.number("--port", 7101)));
}
