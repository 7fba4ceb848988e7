#pragma once
// Where the clients of one gateway come in that is spread over several I/O threads: who gets the next connection, and
// what one address may do at all of them together.
//
// The actor that listens hands each connection to the one that has the fewest, so that a few clients which stay for
// long are spread as evenly as many. One lock a connection, and none a request.
// Lifetime: shared by the actors of a gateway; outlives them. Threads: any, where nothing else is said.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "address_books.hpp"
#include "net/socket.hpp"

namespace skep {

class Seat;
using SeatPtr = std::shared_ptr<Seat>;

/// Counts for its seat until it ends; nothing, where a gateway has one thread. Threads: any.
class SeatedConnection {
 public:
  SeatedConnection() = default;
  explicit SeatedConnection(SeatPtr seat);
  ~SeatedConnection() { end(); }
  SeatedConnection(SeatedConnection&&) noexcept = default;
  SeatedConnection& operator=(SeatedConnection&& other) noexcept;
  void end() noexcept;

 private:
  SeatPtr seat_;
};

/// One actor's side. Threads: that of the actor, where its calls come.
class Seat {
 public:
  struct Calls {
    std::function<void(Socket, SeatedConnection)> take;
    std::function<void()> make_room;  ///< descriptors are scarce
  };

  /// `thread`: of its gateway's.
  Seat(boost::asio::io_context& context, std::uint32_t thread, Calls calls)
      : context_(context), thread_(thread), calls_(std::move(calls)) {}

  /// Takes nothing more: what is on its way is closed.
  void close() noexcept { calls_ = {}; }
  /// With those on their way. Threads: any.
  [[nodiscard]] std::size_t connections() const noexcept { return connections_.load(std::memory_order_relaxed); }

 private:
  friend class Entrance;
  friend class SeatedConnection;

  void take(Socket socket, SeatedConnection connection) const {
    if (calls_.take) calls_.take(std::move(socket), std::move(connection));
  }
  void make_room() const {
    if (calls_.make_room) calls_.make_room();
  }

  boost::asio::io_context& context_;
  const std::uint32_t thread_;
  Calls calls_;
  std::atomic<std::size_t> connections_{0};
};

class Entrance {
 public:
  /// All actors of a gateway have the same settings.
  [[nodiscard]] AddressBooksPtr books(const AddressLimits::Settings& elsewhere, const AddressLimits::Settings& here);
  void enter(SeatPtr seat);
  void leave(const SeatPtr& seat);
  /// To the seat that has the fewest, the first one of these: where a limit cannot be divided the first have one more,
  /// so nobody is turned away while there is a place; but for where those that have not shaken hands or shown a token,
  /// which are no sessions yet, are unevenly spread. From the thread that accepts, whose seat is `own`.
  void hand_on(Socket socket, const SeatPtr& own);
  /// Descriptors are scarce: all seats hear it.
  void make_room();

 private:
  [[nodiscard]] SeatPtr choose(const SeatPtr& own);

  std::mutex mutex_;
  std::vector<SeatPtr> seats_;  // by rising thread
  AddressBooksPtr books_;
};

}  // namespace skep
