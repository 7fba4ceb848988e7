#include "entrance.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "skep/gateways/gateway.hpp"

namespace skep {
namespace {

/// The same connection on another loop. Not open, if it has gone again.
Socket moved(Socket socket, boost::asio::io_context& to) {
  Socket there(to);
  boost::system::error_code failed;
  const auto protocol = socket.local_endpoint(failed).protocol();
  if (failed) return there;
  const auto descriptor = socket.release(failed);
  if (failed) return there;
  if (there.assign(protocol, descriptor, failed)) ::close(descriptor);
  there.non_blocking(true, failed);
  return there;
}

}  // namespace

SeatedConnection::SeatedConnection(SeatPtr seat) : seat_(std::move(seat)) {
  seat_->connections_.fetch_add(1, std::memory_order_relaxed);
}

SeatedConnection& SeatedConnection::operator=(SeatedConnection&& other) noexcept {
  end();
  seat_ = std::move(other.seat_);
  return *this;
}

void SeatedConnection::end() noexcept {
  if (const auto seat = std::exchange(seat_, nullptr)) seat->connections_.fetch_sub(1, std::memory_order_relaxed);
}

EntrancePtr make_entrance() {
  return std::make_shared<Entrance>();
}

AddressBooksPtr Entrance::books(const AddressLimits::Settings& elsewhere, const AddressLimits::Settings& here) {
  const std::scoped_lock lock(mutex_);
  if (!books_) books_ = std::make_shared<AddressBooks>(elsewhere, here);
  return books_;
}

void Entrance::enter(SeatPtr seat) {
  const std::scoped_lock lock(mutex_);
  const auto after =
      std::ranges::upper_bound(seats_, seat->thread_, {}, [](const SeatPtr& each) { return each->thread_; });
  seats_.insert(after, std::move(seat));
}

void Entrance::leave(const SeatPtr& seat) {
  const std::scoped_lock lock(mutex_);
  std::erase(seats_, seat);
}

/// An actor that is down has none.
SeatPtr Entrance::choose(const SeatPtr& own) {
  const std::scoped_lock lock(mutex_);
  const auto fewest = std::ranges::min_element(seats_, {}, [](const SeatPtr& seat) { return seat->connections(); });
  return fewest == seats_.end() ? own : *fewest;
}

void Entrance::hand_on(Socket socket, const SeatPtr& own) {
  const auto seat = choose(own);
  SeatedConnection connection(seat);
  if (seat == own) return own->take(std::move(socket), std::move(connection));
  auto there = moved(std::move(socket), seat->context_);
  if (!there.is_open()) return;
  boost::asio::post(seat->context_, [seat, there = std::move(there), connection = std::move(connection)]() mutable {
    seat->take(std::move(there), std::move(connection));
  });
}

void Entrance::make_room() {
  const std::scoped_lock lock(mutex_);
  for (const auto& seat : seats_) boost::asio::post(seat->context_, [seat] { seat->make_room(); });
}

}  // namespace skep
