#pragma once
// One connection of a bench, on its socket. Internal: it has Asio in it.
//
// Lifetime: within that of its io_context and its owner; its handlers are run no more once it has gone. Threads: one.

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bench/load_wire.hpp"
#include "net/name_lookup.hpp"
#include "net/stream.hpp"
#include "net/stream_tls.hpp"

namespace skep::bench {

class LoadClient;

class LoadClientOwner {
 public:
  virtual void opened(LoadClient& client) = 0;
  virtual void answered(LoadClient& client, std::string_view answer) = 0;
  /// All that came with one read was told.
  virtual void read_all(LoadClient& client) = 0;
  /// So much waits to be written that no more should be, or no longer.
  virtual void full(LoadClient& client, bool is_full) = 0;
  /// It is not connected any more, or could not be.
  virtual void ended(LoadClient& client, const std::string& why) = 0;

 protected:
  ~LoadClientOwner() = default;
};

class LoadClient {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { closed, connecting, shaking, opening, open };

  struct Settings {
    std::uint32_t number = 0;
    const LoadTarget* target = nullptr;  ///< outlives this
    StreamTlsPtr tls{};                  ///< null: without
    std::uint64_t seed = 0;
    std::span<char> scratch;  ///< for one read at a time; shared by all
  };

  LoadClient(boost::asio::io_context& context, Settings settings, LoadClientOwner& owner);
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  void connect(const NameLookup::Endpoints& endpoints, Time deadline);
  /// One that is not open by its deadline ends.
  void check(Time now);
  /// Errors: as LoadWire. Goes with `flush`.
  [[nodiscard]] Result<void> send(std::string_view payload) { return wire_->send(payload, out_); }
  void flush();
  /// In good order, as far as that needs no waiting. The owner hears no more.
  void close() noexcept;

  [[nodiscard]] std::uint32_t number() const noexcept { return settings_.number; }
  [[nodiscard]] State state() const noexcept { return state_; }

 private:
  void on_connect(boost::system::error_code failed);
  void shake();
  void begin();
  void await_input();
  void await_room();
  void read();
  [[nodiscard]] std::string other_protocol(std::string_view first) const;
  void take_answers();
  void tell_full();
  [[nodiscard]] bool has_output() const;
  void end(const std::string& why);
  void drop() noexcept;
  /// `then` is not called if the connection has changed meanwhile.
  template <class Then>
  auto guarded(Then then);

  Settings settings_;
  LoadClientOwner& owner_;
  Socket socket_;                 ///< while it connects
  std::optional<Stream> stream_;  ///< from then on
  State state_ = State::closed;
  std::uint64_t connection_ = 0;  ///< how many there were
  Time deadline_{};               ///< to be open
  std::unique_ptr<LoadWire> wire_;
  std::string out_;      ///< to be written next
  std::string writing_;  ///< being written
  std::size_t written_ = 0;
  bool awaits_room_ = false;
  bool full_ = false;
  bool heard_ = false;  ///< the server has sent something
};

}  // namespace skep::bench
