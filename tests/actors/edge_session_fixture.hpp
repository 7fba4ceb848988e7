#pragma once
// An EdgeSender and the InEdges of its receiver, and what is on the wire between them in the hands of the test.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "skep/actors/edge_session.hpp"
#include "skep/actors/in_edges.hpp"

namespace skep {

inline Record record(std::uint64_t number, std::size_t bytes = 1) {
  RecordHeader header;
  header.id = {0, number};
  return Record(header, Payload::raw(std::string(bytes, 'x')));
}

/// A sender, a receiver, and a wire between them that a test bends.
class Wire {
 public:
  explicit Wire(Delivery delivery, CreditPool::Settings credit = {}, Faults faults = {}, std::uint32_t window = 1024,
                std::uint32_t deaths_max = 0)
      : sender_({.delivery = delivery, .window = window, .deaths_max = deaths_max, .faults = faults}, {1, 1}, {1, 2}),
        delivery_(delivery),
        credit_(credit),
        faults_(faults),
        receiver_(settings({1, 2})) {}

  InEdges::Settings settings(Epoch self) const { return {self, delivery_, credit_, faults_}; }
  void push(std::uint64_t first, std::uint64_t last, std::size_t bytes = 1) {
    for (auto number = first; number <= last; ++number) sender_.push(record(number, bytes), Cause{number});
  }
  std::vector<EdgePacket> packets() {
    std::vector<EdgePacket> all;
    while (auto packet = sender_.take(now_)) all.push_back(std::move(*packet));
    return all;
  }
  InEdges::Verdict deliver(const EdgePacket& packet) {
    const auto received = receiver_.receive(SenderKey{1}, packet);
    lost_ += received.lost;
    if (received.verdict == InEdges::Verdict::stale) return received.verdict;
    for (auto i = received.repeated; i < packet.records.size(); ++i) {
      got_.push_back(packet.records[i].id().low);
      waiting_.push_back({received.session, received.first + i - received.repeated, packet.records[i].size()});
    }
    return received.verdict;
  }
  void deliver_all() {
    for (auto& packet : packets()) deliver(packet);
  }
  void accept_all() {
    for (const auto& each : std::exchange(waiting_, {})) {
      receiver_.accepted(each.session, {1, each.bytes});
      receiver_.done(each.session, each.sequence, 1);
    }
  }
  bool acknowledge() {
    const auto acks = receiver_.take_acks();
    for (const auto& due : acks) sender_.on_ack(due.ack, now_, causes_);
    return !acks.empty();
  }
  /// Back and forth until nothing more happens.
  void settle() {
    for (bool any = true; any;) {
      any = false;
      for (auto& packet : packets()) {
        any = true;
        deliver(packet);
      }
      accept_all();
      any = acknowledge() || any;
    }
  }
  /// Back and forth, each record done as it comes, until `number` is in the receiver's hands.
  void work_until(std::uint64_t number) {
    constexpr int rounds_max = 10'000;
    for (int rounds = 0; got_.empty() || got_.back() != number; ++rounds) {
      ASSERT_LT(rounds, rounds_max) << "record " << number << " does not come";
      for (auto& packet : packets()) {
        deliver(packet);
        for (const auto& each : waiting_) receiver_.accepted(each.session, {1, each.bytes});
        for (const auto& each : std::exchange(waiting_, {})) {
          if (got_.back() != number) receiver_.done(each.session, each.sequence, 1);
        }
      }
      acknowledge();
    }
  }
  /// The receiver ends with all it has; another takes its place.
  void die() {
    waiting_.clear();
    receiver_ = InEdges(settings({++placement_, 2}));
    sender_.reopen({placement_, 2});
  }
  void place_anew() {
    die();
    settle();
  }
  void wait(std::chrono::nanoseconds time) {
    now_ += time;
    sender_.tick(now_);
  }

  EdgeSender::Time now_{};
  EdgeSender sender_;
  Delivery delivery_;
  CreditPool::Settings credit_;
  Faults faults_;
  InEdges receiver_;
  struct Waiting {
    InEdges::Session session;
    std::uint64_t sequence;
    std::size_t bytes;
  };
  std::vector<Waiting> waiting_;
  std::vector<std::uint64_t> got_;
  std::vector<Cause> causes_;
  std::uint64_t lost_ = 0;
  std::uint64_t placement_ = 1;
};

}  // namespace skep
