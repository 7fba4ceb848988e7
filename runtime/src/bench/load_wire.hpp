#pragma once
// One connection of a bench as bytes in and out: lines, lengths or a WebSocket, whatever its target speaks. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bench/load_figures.hpp"
#include "bench/load_target.hpp"
#include "bench/websocket_wire.hpp"
#include "skep/serialization/framing.hpp"

namespace skep::bench {

class LoadWire {
 public:
  LoadWire(const LoadTarget& target, std::uint64_t seed);

  /// Appends what begins a connection, if anything does: a token, a request to upgrade.
  void open(std::string& out) const;
  /// Appends one request. Errors: as append_frame; nothing is appended then.
  [[nodiscard]] Result<void> send(std::string_view payload, std::string& out);
  /// Appends what ends a connection in good order, if anything does.
  void close(std::string& out);
  void feed(std::string_view bytes);
  /// Whether requests may be sent. Errors: as WebSocketWire; `errc::unauthorized` as below.
  [[nodiscard]] Result<bool> opened();
  /// The next answer, valid until the next call; nothing if more bytes are needed. Appends what the protocol itself has
  /// to say. Errors: the connection is of no more use; `errc::unauthorized`: the token is not right, there is none,
  /// or none is asked for.
  [[nodiscard]] Result<std::optional<std::string_view>> next(std::string& out);
  /// What the end of the connection means.
  [[nodiscard]] std::string at_end() const;

 private:
  struct Frames {
    Framing framing;
    FrameParser parser;
    bool heard = false;  ///< an answer
  };
  [[nodiscard]] Result<std::optional<std::string_view>> next_frame(Frames& frames);

  const LoadTarget& target_;
  std::variant<Frames, WebSocketWire> wire_;
};

/// Of an answer that is an error as gateways write it: `{"error": {"code": "overloaded", "message": "..."}}`. Nothing:
/// it is none.
[[nodiscard]] std::optional<LoadError> error_of(std::string_view answer);

}  // namespace skep::bench
