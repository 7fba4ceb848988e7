#pragma once
// Who comes in at a listening gateway: what one address may have and open, whose token is right, and who is turned away
// before there is anything to answer. That is counted, and told in the log, a line a second at the most, because
// strangers may come as often as they like. A token is never told.
//
// Lifetime: as long as its transport or a visit; `close` before the gateway goes. Threads: the I/O thread.

#include <boost/asio/io_context.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "access_tokens.hpp"
#include "address_books.hpp"
#include "entrance.hpp"
#include "net/socket.hpp"
#include "net/wakeup.hpp"
#include "paced_lines.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep {

/// Why a connection is turned away.
enum class Refused : std::uint8_t {
  tls,       ///< it has not shaken hands
  token,     ///< it has shown none that is right
  upgrade,   ///< what it asks for in HTTP is not to be had
  address,   ///< of its address there are too many
  protocol,  ///< it speaks another one: in no counter of its own
};

class Visit;

class Doorkeeper : public boost::intrusive_ref_counter<Doorkeeper, boost::thread_unsafe_counter> {
 public:
  struct Settings {
    AccessTokens tokens{};                ///< none: everybody may come in
    AddressLimits::Settings elsewhere{};  ///< of clients on other machines
    AddressLimits::Settings here{};       ///< of those on this one
  };
  struct Handlers {
    std::function<void(const std::string& line)> log;
    std::function<void()> counted;
  };

  /// `books`: perhaps also of others.
  Doorkeeper(boost::asio::io_context& context, Settings settings, AddressBooksPtr books, Handlers handlers);

  /// Nothing for one that is turned away.
  [[nodiscard]] std::optional<Visit> arrive(const Socket& socket, SeatedConnection seated = {});
  void add_to(GatewayCounts& counts) const noexcept;
  void close() noexcept;

 private:
  friend class Visit;

  void refuse(Refused what, const std::string& address, const std::string& why);
  void report();

  Settings settings_;
  Handlers handlers_;
  AddressBooksPtr books_;
  PacedLines lines_;
  WakeupPtr wakeup_;
  std::uint64_t tls_ = 0, tokens_ = 0, upgrades_ = 0, addresses_ = 0;  ///< refused
  bool open_ = true;
};

using DoorkeeperPtr = boost::intrusive_ptr<Doorkeeper>;

/// One connection's, until it ends.
class Visit {
 public:
  Visit() = default;  ///< of a peer that the gateway has connected to
  Visit(DoorkeeperPtr door, std::string address, ClientNetwork network, bool here, SeatedConnection seated)
      : door_(std::move(door)),
        address_(std::move(address)),
        network_(network),
        here_(here),
        seated_(std::move(seated)) {}
  ~Visit() { end(); }
  Visit(Visit&& other) noexcept = default;
  Visit& operator=(Visit&& other) noexcept;

  [[nodiscard]] bool asks_token() const noexcept { return door_ && !door_->settings_.tokens.empty(); }
  /// Nothing: it has shown none.
  [[nodiscard]] TokenVerdict judge(std::optional<std::string_view> token);
  /// `why` as in "it ...". To be told before `end`.
  void refuse(Refused what, const std::string& why);
  void end() noexcept;

 private:
  DoorkeeperPtr door_;
  std::string address_;  ///< for the log
  ClientNetwork network_;
  bool here_ = false;
  SeatedConnection seated_;
};

}  // namespace skep
