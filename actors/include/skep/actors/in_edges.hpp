#pragma once
// The receiving end of all edges of one replica: sessions by sender, and the credit they share. Pure.
//
// For each sender the session of its latest placement is in force. When a later one appears, the earlier session is
// retired: nothing of it is taken any more, what the bee still has of it is worked on, and its credit comes back with
// that. Packets that are meant for another placement of this replica, or come from an earlier one of their sender, are
// stale: dropped, and not answered.
// Lifetime and threads: owned by the host of the replica, which keeps the records and sends the acknowledgements.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "skep/actors/credit.hpp"
#include "skep/actors/edge_session.hpp"

namespace skep {

/// Who sends on which edge, as the host knows it; the same for every placement of the sender.
enum class SenderKey : std::uint64_t {};

class InEdges {
 public:
  struct Settings {
    Epoch self{};
    Delivery delivery = Delivery::at_most_once;
    CreditPool::Settings credit{};
    Faults faults{};
  };
  /// A session. One that is gone is told from its successors.
  struct Session {
    std::uint32_t place = 0;
    std::uint32_t life = 0;
    friend bool operator==(Session, Session) = default;
  };
  enum class Verdict : std::uint8_t { stale, in_order, repeated, early };
  struct Received {
    Verdict verdict = Verdict::stale;
    Session session{};
    std::size_t repeated = 0;  ///< so many of the records are to be left out; the others are taken
    std::uint64_t first = 0;   ///< sequence of the first one taken
    std::uint64_t lost = 0;    ///< records that will never come
  };
  struct Due {
    SenderKey to;
    EdgeAck ack;
    Session session;
  };

  explicit InEdges(Settings settings);

  [[nodiscard]] Received receive(SenderKey sender, const EdgePacket& packet);
  /// The bee has accepted so much of it.
  void accepted(Session session, Quantity amount);
  /// See EdgeReceiver::done; for sessions that are retired or gone, and at at_most_once, nothing.
  void done(Session session, std::uint64_t first, std::uint64_t count);
  /// From now on earlier placements of this sender are stale.
  void fence(SenderKey sender, Epoch epoch);
  /// The sender is gone for good.
  void close(SenderKey sender);

  /// What senders are to be told now. Those with credit left hear of more only when half of their share is new.
  [[nodiscard]] std::vector<Due> take_acks();
  [[nodiscard]] bool acks_due() const noexcept { return !due_.empty(); }

  [[nodiscard]] const CreditPool& credit() const noexcept { return pool_; }
  /// Received and not accepted, over all sessions.
  [[nodiscard]] Quantity queued() const noexcept { return queued_; }
  [[nodiscard]] std::size_t size() const noexcept { return by_sender_.size(); }
  /// In force, or retired and not empty.
  [[nodiscard]] std::size_t sessions() const noexcept { return places_.size() - vacant_.size(); }

 private:
  struct Place {
    SenderKey sender{};
    std::uint32_t life = 0;
    Epoch epoch{};
    EdgeReceiver receiver{Delivery::at_most_once, {}};
    CreditPool::Member member{};
    std::uint64_t asks = 0;
    Quantity told;  ///< of what was granted
    bool in_use = false, retired = false, asking = false, prompt = false, due = false;
  };

  [[nodiscard]] Place* find(Session session) noexcept;
  [[nodiscard]] std::uint32_t open(SenderKey sender, const EdgePacket& packet);
  void retire(std::uint32_t place);
  void leave_if_empty(std::uint32_t place);
  void take(std::uint32_t place, const EdgePacket& packet, const EdgeReceiver::Received& received);
  void mark_due(std::uint32_t place);
  void mark_raised();

  Settings settings_;
  CreditPool pool_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> vacant_;
  struct Latest {
    Epoch epoch{};
    std::uint32_t place = none;
  };
  static constexpr std::uint32_t none = ~0u;
  std::unordered_map<SenderKey, Latest> by_sender_;
  std::vector<std::uint32_t> place_of_member_;
  std::vector<std::uint32_t> due_;
  Quantity queued_;
};

}  // namespace skep
