#include "entrance.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <vector>

namespace skep {
namespace entrance_test {

/// A seat whose loop a test runs itself.
struct Guest {
  explicit Guest(std::uint32_t thread) : loop(1) {
    seat = std::make_shared<Seat>(loop, thread,
                                  Seat::Calls{
                                      [this](Socket socket, SeatedConnection connection) {
                                        taken.emplace_back(std::move(socket), std::move(connection));
                                      },
                                      [this] { ++asked_for_room; },
                                  });
  }
  void run() {
    loop.restart();
    loop.poll();
  }

  boost::asio::io_context loop;
  SeatPtr seat;
  std::vector<std::pair<Socket, SeatedConnection>> taken;
  int asked_for_room = 0;
};

class EntranceTest : public ::testing::Test {
 protected:
  EntranceTest() {
    for (const auto thread : {2u, 0u, 1u}) entrance_.enter(guests_[thread].seat);  // as they happen to start
  }

  /// A client that has come in by the first seat's loop.
  void arrive() {
    Socket client(clients_), accepted(guests_[0].loop);
    client.connect(listen_.local_endpoint());
    listen_.accept(accepted);
    open_.push_back(std::move(client));
    entrance_.hand_on(std::move(accepted), guests_[0].seat);
    for (auto& guest : guests_) guest.run();
  }
  [[nodiscard]] std::array<std::size_t, 3> spread() const {
    return {guests_[0].taken.size(), guests_[1].taken.size(), guests_[2].taken.size()};
  }

  boost::asio::io_context clients_;
  ListenSocket listen_{clients_, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::vector<Socket> open_;
  std::array<Guest, 3> guests_{Guest(0), Guest(1), Guest(2)};
  Entrance entrance_;
};

using Spread = std::array<std::size_t, 3>;

TEST_F(EntranceTest, EachConnectionGoesWhereTheFewestAre) {
  for (int i = 0; i < 9; ++i) arrive();
  EXPECT_EQ(spread(), (Spread{3, 3, 3}));
  guests_[1].taken.clear();
  for (int i = 0; i < 3; ++i) arrive();
  EXPECT_EQ(spread(), (Spread{3, 3, 3})) << "those that have ended make room for new ones";
}

TEST_F(EntranceTest, OfThoseTheFirstThreadIsChosen) {
  for (const auto& expected : {Spread{1, 0, 0}, Spread{1, 1, 0}, Spread{1, 1, 1}, Spread{2, 1, 1}}) {
    arrive();
    EXPECT_EQ(spread(), expected);
  }
}

TEST_F(EntranceTest, AConnectionWorksOnTheOtherLoop) {
  arrive();
  arrive();
  ASSERT_EQ(spread(), (Spread{1, 1, 0}));
  auto& [socket, connection] = guests_[1].taken.front();
  std::optional<std::size_t> read;
  std::array<char, 8> room{};
  socket.async_read_some(boost::asio::buffer(room),
                         [&](boost::system::error_code, std::size_t count) { read = count; });
  guests_[1].run();
  EXPECT_EQ(read, std::nullopt) << "it does not block";
  boost::asio::write(open_[1], boost::asio::buffer("ok", 2));
  while (!read) {
    guests_[1].loop.restart();
    guests_[1].loop.run_one();
  }
  EXPECT_EQ(std::string(room.data(), *read), "ok");
}

TEST_F(EntranceTest, AnActorThatIsDownGetsNone) {
  entrance_.leave(guests_[1].seat);
  for (int i = 0; i < 4; ++i) arrive();
  EXPECT_EQ(spread(), (Spread{2, 0, 2}));
}

TEST_F(EntranceTest, WhatIsOnItsWayToOneThatEndsIsClosed) {
  guests_[1].seat->close();
  arrive();
  arrive();
  EXPECT_EQ(spread(), (Spread{1, 0, 0}));
  EXPECT_EQ(guests_[1].seat->connections(), 0u);
  boost::system::error_code failed;
  char byte = 0;
  boost::asio::read(open_[1], boost::asio::buffer(&byte, 1), failed);
  EXPECT_TRUE(failed) << "its client sees the end";
}

TEST_F(EntranceTest, AllMakeRoomWhereDescriptorsAreScarce) {
  entrance_.make_room();
  for (auto& guest : guests_) {
    guest.run();
    EXPECT_EQ(guest.asked_for_room, 1);
  }
}

TEST_F(EntranceTest, OneAddressIsTheSameForAll) {
  const auto limits = AddressLimits::Settings{.sessions_max = 1};
  const auto client = network_of(0x0a000001);
  const auto now = AddressLimits::Time{};
  const auto one = entrance_.books(limits, {}), other = entrance_.books(limits, {});
  EXPECT_EQ(one->of(false).arrive(client, now), AddressLimits::Verdict::welcome);
  EXPECT_EQ(other->of(false).arrive(client, now), AddressLimits::Verdict::too_many);
  one->of(false).leave(client, now);
  EXPECT_EQ(other->of(false).arrive(client, now), AddressLimits::Verdict::welcome);
  EXPECT_EQ(other->of(true).arrive(client, now), AddressLimits::Verdict::welcome) << "this machine has its own";
}

}  // namespace entrance_test
}  // namespace skep
