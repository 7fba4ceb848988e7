#pragma once
// Replicas at the end of an edge, for tests of OutEdge.

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "skep/actors/in_edges.hpp"
#include "skep/actors/out_edge.hpp"

namespace skep::test {

using Numbers = std::vector<std::uint64_t>;

inline Record record(std::uint64_t number, std::string_view key = "k") {
  RecordHeader header;
  header.id = {0, number};
  header.key = key;
  return Record(header, Payload::raw(std::string(number % 4, 'x')));
}

/// An edge, and the replicas at its end, each with a credit of its own.
class Replicas {
 public:
  Replicas(OutEdgeSettings settings, std::size_t count, std::uint64_t credit) : edge_(settings, {1, 1}, 1) {
    for (std::size_t i = 0; i < count; ++i) {
      placements_.emplace_back(Epoch{1, 1});
      inputs_.emplace_back(InEdges::Settings{{1, 1}, settings.delivery, {{credit, 1000}, {}}, {}});
    }
    got_.resize(count);
    waiting_.resize(count);
    rewire();
  }

  Numbers rewire() {
    std::vector<OutEdge::Returned> returned;
    edge_.rewire(placements_, returned);
    open_ -= returned.size();
    return numbers(returned);
  }
  /// A replica ends with all it has; another takes its place. Returns what its sender takes out.
  Numbers replace(std::uint32_t replica) {
    const Epoch next{placements_[replica].epoch.counter + 1, 1};
    placements_[replica] = next;
    inputs_[replica] = InEdges({next, Delivery::at_least_once, {{100, 1000}, {}}, {}});
    waiting_[replica].clear();
    return rewire();
  }
  Numbers push(std::uint64_t number, std::string_view key = "k") { return push(number, key, Cause{number}); }
  Numbers push(std::uint64_t number, std::string_view key, Cause cause) {
    std::vector<OutEdge::Returned> returned;
    open_ += edge_.copies();
    edge_.push(record(number, key), returned, cause);
    return numbers(returned);
  }
  Numbers push_all(std::uint64_t first, std::uint64_t count) {
    std::vector<OutEdge::Returned> returned;
    open_ += edge_.copies() * count;
    std::vector<Record> records;
    for (auto number = first; number < first + count; ++number) records.push_back(record(number, key_of(number)));
    edge_.push_all(
        std::span(records), [](Record& each) { return std::move(each); }, returned, Cause{1});
    return numbers(returned);
  }
  static std::string key_of(std::uint64_t number) { return std::to_string(number % 7); }
  /// Until nothing more can go.
  void flush() {
    while (edge_.sendable()) {
      edge_.flush({}, [this](std::uint32_t replica, EdgePacket&& packet) { take(replica, packet); });
      for (std::uint32_t replica = 0; replica < inputs_.size(); ++replica) acknowledge(replica);
    }
  }
  /// The same, and what has records is lost on the way.
  void flush_lossily() {
    while (edge_.sendable()) {
      edge_.flush({}, [this](std::uint32_t replica, EdgePacket&& packet) {
        if (packet.records.empty()) take(replica, packet);
      });
      for (std::uint32_t replica = 0; replica < inputs_.size(); ++replica) acknowledge(replica);
    }
  }
  void accept(std::uint32_t replica, std::size_t count) {
    for (; count > 0; --count) {
      const auto [session, sequence, bytes] = waiting_[replica].front();
      inputs_[replica].accepted(session, {1, bytes});
      inputs_[replica].done(session, sequence, 1);
      waiting_[replica].pop_front();
    }
    acknowledge(replica);
    flush();
  }
  void accept_all_of(std::uint32_t replica) { accept(replica, waiting_[replica].size()); }
  void accept_all() {
    for (std::uint32_t replica = 0; replica < inputs_.size(); ++replica) accept_all_of(replica);
  }
  [[nodiscard]] bool idle(std::uint32_t replica) const { return waiting_[replica].empty(); }
  [[nodiscard]] bool holds_any() const {
    return std::ranges::any_of(waiting_, [](const auto& each) { return !each.empty(); });
  }

  OutEdge edge_;
  std::vector<OutEdge::Placement> placements_;
  std::vector<InEdges> inputs_;
  std::vector<Numbers> got_;  ///< by replica
  std::vector<Cause> done_;
  std::size_t open_ = 0;                          ///< causes that must be told
  std::map<std::uint32_t, std::uint32_t> paces_;  ///< by replica: what its acknowledgements say; else 0

 private:
  static Numbers numbers(const std::vector<OutEdge::Returned>& returned) {
    Numbers all;
    for (const auto& each : returned) all.push_back(each.record.id().low);
    return all;
  }
  void take(std::uint32_t replica, const EdgePacket& packet) {
    const auto received = inputs_[replica].receive(SenderKey{1}, packet);
    for (auto i = received.repeated; i < packet.records.size(); ++i) {
      got_[replica].push_back(packet.records[i].id().low);
      waiting_[replica].push_back({received.session, received.first + i - received.repeated, packet.records[i].size()});
    }
  }
  void acknowledge(std::uint32_t replica) {
    for (const auto& due : inputs_[replica].take_acks()) edge_.on_ack(replica, due.ack, {}, done_, paces_[replica]);
  }

  struct Waiting {
    InEdges::Session session;
    std::uint64_t sequence;
    std::uint64_t bytes;
  };
  std::vector<std::deque<Waiting>> waiting_;
};

}  // namespace skep::test
