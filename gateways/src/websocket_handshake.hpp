#pragma once
// The beginning of a WebSocket's connection, the server's side: a client's HTTP request in, an HTTP response out. Sans
// I/O; Beast reads the header, and stays out of this file, because it compiles slowly.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access_tokens.hpp"
#include "upgrade.hpp"

namespace skep {

class WebSocketHandshake {
 public:
  enum class State : std::uint8_t {
    reading,   ///< more is needed
    accepted,  ///< a WebSocket from here on, once the response is out
    refused,   ///< the connection is to end, once the response is out
  };

  /// Whether the client may come in, with the token that it shows, or without one. Asked before it is told anything.
  using Judge = std::function<std::optional<UpgradeRefusal>(std::optional<std::string_view> token)>;

  WebSocketHandshake(const UpgradeRules& rules, Judge judge);
  ~WebSocketHandshake();

  /// What came. Keeps at most limits::upgrade_header_bytes_max and one piece.
  [[nodiscard]] State feed(std::string_view bytes);
  /// Once it is accepted or refused.
  [[nodiscard]] const std::string& response() const noexcept { return response_; }
  /// Once what it asks for is refused, which whoever judges has not done: its status, and why.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

 private:
  class Parser;

  [[nodiscard]] State conclude(std::size_t bytes_behind);
  State refuse(const UpgradeRefusal& refusal);
  State reject(const UpgradeRefusal& refusal);

  const UpgradeRules& rules_;
  Judge judge_;
  std::string header_;     ///< as far as it is here and Beast has not taken it
  std::size_t bytes_ = 0;  ///< that have come
  std::unique_ptr<Parser> parser_;
  std::string response_;
  std::string why_;
};

}  // namespace skep
