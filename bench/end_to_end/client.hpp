#pragma once
// One connection of the load generator: keeps a number of requests in flight and checks every answer, in order.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "end_to_end/questions.hpp"
#include "end_to_end/socket.hpp"
#include "end_to_end/wire.hpp"
#include "support/samples.hpp"

namespace bench {

/// What all connections of one run share.
struct Load {
  Questions questions;
  std::uint32_t in_flight = 1;
  Clock::time_point measure_from{};  ///< answers before are warm-up
  Clock::time_point measure_until{};
  bool sending = true;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t measured = 0;  ///< answers between measure_from and measure_until
  Samples latencies{};         ///< of these
};

/// Where clients connect to, and how.
struct Target {
  Protocol protocol;
  bool binary;  ///< what is sent, over a WebSocket
  std::uint16_t port;
  SSL_CTX* tls;  ///< null: plain
};

class Client {
 public:
  Client(const Target& target, std::uint32_t number, Load& load);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
  [[nodiscard]] bool opened() { return wire_.opened(); }
  [[nodiscard]] bool blocked() const { return !out_.empty(); }  ///< the socket takes no more for now
  /// The first requests.
  void start();
  /// The socket has something to read, or takes bytes again. Throws std::runtime_error.
  void read();
  void flush();

 private:
  void take_answers();
  void request(Clock::time_point now);
  void take(std::string_view answer, Clock::time_point now);

  Load& load_;
  Socket socket_;
  Wire wire_;
  std::uint32_t number_;
  std::string out_;
  std::size_t written_ = 0;  ///< of `out_`
  std::uint32_t requests_ = 0;
  std::uint32_t answers_ = 0;
  std::deque<Clock::time_point> sent_at_;
};

}  // namespace bench
