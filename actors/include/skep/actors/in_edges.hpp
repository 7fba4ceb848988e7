#pragma once
// The receiving end of all edges of one replica: sessions by sender, and the credit they share. Pure.
//
// Senders on other nodes share a credit of their own: what is on the wire is taken up by nobody, so a fast bee would
// wait for it. It is what the bee takes up within limits::remote_credit_time, so of a slow one as little waits here as
// of senders beside it.
//
// For each sender the session of its latest placement is in force. When a later one appears, the earlier session is
// retired: nothing of it is taken any more, what the bee still has of it is worked on, and its credit comes back with
// that. Packets that are meant for another placement of this replica, or come from an earlier one of their sender, are
// stale: dropped, and not answered.
// Lifetime and threads: owned by the host of the replica, which keeps the records and sends the acknowledgements.

#include <cassert>
#include <cstdint>
#include <memory>
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
  enum class From : std::uint8_t { here, other_node };
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

  /// `from` counts where a session begins.
  [[nodiscard]] Received receive(SenderKey sender, const EdgePacket& packet, From from = From::here);
  /// The bee has accepted so much of it.
  void accepted(Session session, Quantity amount);
  /// See EdgeReceiver::done; for sessions that are retired or gone, and at at_most_once, nothing.
  void done(Session session, std::uint64_t first, std::uint64_t count);
  /// From now on earlier placements of this sender are stale.
  void fence(SenderKey sender, Epoch epoch);
  /// The sender is gone for good.
  void close(SenderKey sender);

  /// What senders are to be told now. Those with credit left hear of more only when half of their share is new.
  /// `pace`: see BatchAck; 0: not known.
  [[nodiscard]] std::vector<Due> take_acks(std::uint32_t pace = 0);
  [[nodiscard]] bool acks_due() const noexcept { return !due_.empty(); }

  [[nodiscard]] const CreditPool& credit() const noexcept { return here_.pool; }
  /// Once one of them has sent something (asserted).
  [[nodiscard]] const CreditPool& credit_of_other_nodes() const noexcept {
    assert(other_nodes_);
    return other_nodes_->pool;
  }
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
    From from = From::here;
    CreditPool::Member member{};
    std::uint64_t asks = 0;
    Quantity told;  ///< of what was granted
    bool in_use = false, retired = false, asking = false, prompt = false, due = false;
  };

  struct Credit {
    CreditPool pool;
    std::vector<std::uint32_t> place_of_member{};
  };

  [[nodiscard]] Place* find(Session session) noexcept;
  [[nodiscard]] Credit& of(From from) noexcept { return from == From::here ? here_ : *other_nodes_; }
  [[nodiscard]] CreditPool& pool_of(const Place& place) noexcept { return of(place.from).pool; }
  [[nodiscard]] std::uint32_t open(SenderKey sender, const EdgePacket& packet, From from);
  void retire(std::uint32_t place);
  void leave_if_empty(std::uint32_t place);
  void take(std::uint32_t place, const EdgePacket& packet, const EdgeReceiver::Received& received);
  void mark_due(std::uint32_t place);
  void mark_raised();
  void mark_raised(Credit& credit);
  void fit_credit(std::uint32_t pace);

  Settings settings_;
  Credit here_;
  std::unique_ptr<Credit> other_nodes_;  ///< from the first sender there on
  std::vector<Place> places_;
  std::vector<std::uint32_t> vacant_;
  struct Latest {
    Epoch epoch{};
    std::uint32_t place = none;
  };
  static constexpr std::uint32_t none = ~0u;
  std::unordered_map<SenderKey, Latest> by_sender_;
  std::vector<std::uint32_t> due_;
  Quantity queued_;
};

}  // namespace skep
