#pragma once
// Who comes in at a listening gateway: what one address may have and open, whose token is right, and who is turned
// away, before there is anything to answer or for breaking the rules of its protocol. That is counted, and told in the
// log, a line a second at the most for each reason, because strangers may come as often as they like. A token is never
// told, but its name.
//
// Lifetime: as long as its transport or a visit; `close` before the gateway goes. Threads: the I/O thread.

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "access_tokens.hpp"
#include "address_books.hpp"
#include "entrance.hpp"
#include "net/socket.hpp"
#include "net/wakeup.hpp"
#include "paced_lines.hpp"
#include "skep/actors/log_field.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep {

/// Why a connection is turned away.
enum class Refused : std::uint8_t {
  tls,       ///< it has not shaken hands
  token,     ///< it has shown none that is right
  upgrade,   ///< what it asks for in HTTP is not to be had
  address,   ///< of its address there are too many
  protocol,  ///< it speaks another one, or breaks the rules of its own
};
inline constexpr std::size_t refused_count = 5;

[[nodiscard]] std::string_view to_string(Refused why) noexcept;  ///< as above, for the log

class Visit;

class Doorkeeper : public boost::intrusive_ref_counter<Doorkeeper, boost::thread_unsafe_counter> {
 public:
  struct Settings {
    AccessTokens tokens{};                ///< none: everybody may come in
    AddressLimits::Settings elsewhere{};  ///< of clients on other machines
    AddressLimits::Settings here{};       ///< of those on this one
  };
  struct Handlers {
    std::function<void(const std::string& line, std::span<const LogField> fields)> log;
    std::function<void()> counted;
  };

  /// `books`: perhaps also of others.
  Doorkeeper(boost::asio::io_context& context, Settings settings, AddressBooksPtr books, Handlers handlers);

  /// Nothing for one that is turned away.
  [[nodiscard]] std::optional<Visit> arrive(const Socket& socket, SeatedConnection seated = {});
  [[nodiscard]] std::size_t token_count() const noexcept { return settings_.tokens.size(); }
  [[nodiscard]] bool asks_tokens() const noexcept { return token_count() > 0; }
  /// These tokens from now on: one at least, where there was one.
  void use(AccessTokens tokens);
  void add_to(GatewayCounts& counts) const noexcept;
  void report_all();  ///< what waits for its time to be told
  void close() noexcept;

 private:
  friend class Visit;

  static constexpr std::chrono::seconds report_interval{1};
  /// Of one reason. Its last line is the next one to be told, so the fields are those of that.
  struct Lines {
    PacedLines paced{report_interval};
    std::string address{}, client{};
    std::uint64_t refused = 0;
  };

  [[nodiscard]] std::uint64_t refused(Refused what) const { return lines_[static_cast<std::size_t>(what)].refused; }
  void refuse(Refused what, const std::string& address, const std::string& client, const std::string& why);
  void report();
  void tell(Refused what, const std::optional<std::string>& line);

  Settings settings_;
  Handlers handlers_;
  AddressBooksPtr books_;
  std::array<Lines, refused_count> lines_;
  WakeupPtr wakeup_;
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

  [[nodiscard]] bool is_client() const noexcept { return door_ != nullptr; }
  [[nodiscard]] bool asks_token() const noexcept { return door_ && door_->asks_tokens(); }
  /// Nothing: it has shown none.
  [[nodiscard]] TokenVerdict judge(std::optional<std::string_view> token);
  /// Whether the token that was right is one still; so, too, where none was asked for.
  [[nodiscard]] bool may_stay() const noexcept { return !token_ || !door_ || door_->settings_.tokens.has(*token_); }
  /// Whose certificate it has shown; "": it has shown none.
  void has_certificate(std::string subject) { subject_ = std::move(subject); }
  /// What it came with, as far as that has a name: "token billing", "certificate 'CN = acme'", or both.
  [[nodiscard]] std::string client() const;
  /// `why` as in "it ...". To be told before `end`.
  void refuse(Refused what, const std::string& why);
  void end() noexcept;

 private:
  DoorkeeperPtr door_;
  std::string address_;  ///< for the log
  ClientNetwork network_;
  bool here_ = false;
  SeatedConnection seated_;
  std::string subject_;
  std::optional<AccessToken> token_;  ///< that was right
};

/// " (token billing)"; "" for a client that is nobody.
[[nodiscard]] std::string in_brackets(const std::string& client);

}  // namespace skep
