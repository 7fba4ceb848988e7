#pragma once
// Datagrams as records: each that comes in is one, and its answer goes back to where it came from.
//
// Anybody can send a datagram, from any address. So nothing that comes in ends anything, makes anything grow without
// bound, or is worth a line in the log by itself: what is odd is counted, and the counts are logged now and then. An
// answer begins with "= " or "! ", and what comes in like that is passed over: two such services that somebody sets on
// each other would else talk for ever. It is short, too, so that forged addresses gain nothing.

#include <sys/socket.h>

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "skep/gateways/gateway_class.hpp"

namespace example {

/// An address as the system has it, and as people do.
struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  /// Of "127.0.0.1:9041" or "[::1]:9041". Throws std::invalid_argument.
  [[nodiscard]] static Address of(const std::string& text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

class Udp final : public skep::Gateway {
 public:
  struct Options {
    std::string listen{};
    std::string peer{};
    std::int64_t sources_max = 1000;
    skep::ByteSize datagram_bytes_max{8192};
  };

  static void describe(skep::GatewayClass<Udp>& c) {
    c.summary("Datagrams in, answers back to their senders; datagrams out.")
        .answers()
        .out()
        .listens("listen", skep::ListenProtocol::udp)
        .option("listen", &Options::listen, "address:port to receive on; port 0: the system chooses",
                {.required = true})
        .option("peer", &Options::peer, "address:port that records which bees send here go to")
        .option("sources_max", &Options::sources_max, "senders that are waiting for answers; the oldest goes first",
                {.min = 1, .max = 4000})
        .option("datagram_bytes_max", &Options::datagram_bytes_max, "one datagram", {.min = 1, .max = 65507});
  }
  explicit Udp(Options options) : options_(std::move(options)) {}
  ~Udp() override;

  void on_start(skep::GatewayContext& context) override;
  void on_readable(int descriptor) override;
  void on_answer(const skep::Answered& answer) override;
  void deliver(const skep::Record& record) override;
  void on_timer(skep::TimerId timer) override;

 private:
  /// A sender, and the session that stands for it.
  struct Source {
    Address address;
    std::string text;
    skep::GatewaySession session;
  };
  using Sources = std::list<Source>;
  enum Odd : std::uint8_t { empty, too_long, is_answer, refused, forgotten, unsent, odds };

  void take(const Address& from, std::string_view datagram);
  [[nodiscard]] skep::GatewaySession session_of(const Address& from);
  void forget(Sources::iterator source);
  void send(const Address& to, std::string_view text);
  void count(Odd what);

  Options options_;
  skep::GatewayContext* context_ = nullptr;
  int socket_ = -1;
  Address peer_;
  std::vector<char> room_;
  Sources sources_;  ///< the one that was heard last at the end
  std::unordered_map<std::string, Sources::iterator> by_text_;
  std::unordered_map<skep::GatewaySession, Sources::iterator> by_session_;
  std::uint64_t odd_[odds] = {};
  bool counting_ = false;  ///< a timer runs, at whose end they are logged
};

}  // namespace example
