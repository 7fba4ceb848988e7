#pragma once
// The receiving end of one placement, and what it may take: order, fences and budgets are checked here.

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "skep/actors/in_edges.hpp"
#include "world.hpp"

namespace skep::simulation {

class SimInlet {
 public:
  struct Input {
    Record record;
    InEdges::Session session{};
    std::uint64_t sequence = 0;
    bool alone = false;              ///< see EdgePacket
    Invariants::Log* log = nullptr;  ///< of its session
  };

  SimInlet(World& world, Place self);

  /// What is taken of the packet is at the end of the queue.
  void receive(const EdgeForth& forth);
  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return queue_.size(); }
  [[nodiscard]] const Input& front() const { return queue_.front(); }
  /// The oldest one, which is now accepted.
  [[nodiscard]] Input accept();
  void done(InEdges::Session session, std::uint64_t first, std::uint64_t count) { edges_.done(session, first, count); }
  void apply(const Table& table);
  void send_acks();
  void expect_rest();

 private:
  struct Known {
    Epoch epoch{};  ///< of the sender, the latest
    NodeId node{};
    bool gone = false;
    InEdges::Session session{};
    std::uint64_t next = 0;  ///< sequence
    bool began = false;      ///< something was taken of the session
  };

  void expect_fence(const EdgeForth& forth, const Known& known);
  void expect_session(const EdgeForth& forth, Known& known, const InEdges::Received& received, Invariants::Log& log);
  void expect_key_order(const Record& record);
  void expect_budget();

  World& world_;
  Place self_;
  InEdges edges_;
  bool bounded_;    ///< answers are not
  bool key_order_;  ///< is promised
  bool drops_;      ///< the edge to it drops what has waited longest
  std::deque<Input> queue_;
  std::vector<Known> senders_;                            ///< by ActorId
  std::vector<bool> seen_;                                ///< by RecordNumber
  std::unordered_map<std::uint64_t, RecordNumber> last_;  ///< taken for the first time, by gateway and key
};

}  // namespace skep::simulation
