#pragma once
// What crosses between one sender and one receiver: records in order, within credit, acknowledged. Pure: packets and
// time in, packets out; the same for two bees of one process and for two nodes whose link loses, delays and repeats.
//
// Both ends have an epoch, the number of their placement. A bee that is rebuilt in place keeps its epoch and its
// sessions; one that is placed anew has a higher epoch, and with it new sessions. A packet names both epochs: what was
// meant for another placement, or comes from one that has been replaced, is dropped.
//
// The sending end:
//   asking    records wait, none may go; the receiver was told so, and grants when it can
//   open      the next record may go
// Records get their sequence when they leave the queue. Under at_least_once they are kept until they are acknowledged,
// at most `window` of them, and go again when no progress is seen for `resend_after` (doubled up to resend_after_max)
// or when the receiver is placed anew. Under at_most_once nothing is kept; what was on its way to a receiver that is
// gone is counted lost. A packet without records asks for an acknowledgement.
// A record may be what ends its receivers. So with `deaths_max`, what was lost goes again one by one, each when the one
// before it is done; a record that was alone in its receiver's hands at so many ends is dangerous, and taken out.
//
// The receiving end, for each packet:
//   repeated  every record was there before        dropped, acknowledged again
//   early     records before it are missing        at_least_once: dropped, acknowledged again, comes again
//                                                  at_most_once: those are lost, it is taken
//   in order  (its first ones may be repeated)     taken
// Everything is counted in totals since the session began; an end takes the highest it was told.
//
// `Faults` break one rule each, for the tests that must notice. Threads: each end belongs to its host.

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "skep/actors/credit.hpp"
#include "skep/actors/fifo.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/record_queue.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// Number of a placement: the count of decisions, and the node that decided. Compared in that order.
struct Epoch {
  std::uint64_t counter = 0;
  std::uint32_t node = 0;
  friend auto operator<=>(const Epoch&, const Epoch&) = default;
};

enum class Delivery : std::uint8_t {
  at_most_once,   ///< what is lost on the way is counted
  at_least_once,  ///< what is lost on the way goes again
};

/// Deliberate faults: each must turn a test red.
struct Faults {
  bool early_ack = false;        ///< acknowledges what was received, not what is done
  bool no_fence = false;         ///< takes packets of any epoch
  bool no_credit = false;        ///< sends without credit
  bool no_dedup = false;         ///< takes what it had before
  bool early_done = false;       ///< an input is done although the bee holds it
  bool miscounted_drop = false;  ///< what an overflow rule drops last is not told
};

/// What a record's acknowledgement is told to: see Ledger. 0: nobody.
enum class Cause : std::uint64_t {};

/// Sender to receiver. Without records it asks for an acknowledgement, or for credit.
struct EdgePacket {
  Epoch sender{}, receiver{};
  Quantity base{};   ///< where a receiver begins that knows nothing of this session; all before is done, or lost
  Quantity first{};  ///< what was sent before these records
  std::vector<Record> records{};
  std::uint64_t bytes = 0;  ///< of their payloads, so that a receiver need not touch each; counted anew at a border
  std::uint64_t asks = 0;   ///< how often the sender has run short of credit, this time included
  Demand demand{};          ///< as of that time
  bool prompt = false;      ///< from now on, say at once what was accepted
  bool alone = false;       ///< while its record is in the receiver's hands, nothing else is to be
};

/// Receiver to sender.
struct EdgeAck {
  Epoch sender, receiver;
  std::uint64_t expected = 0;  ///< all before it were received, or are lost
  Quantity released;           ///< so much was accepted by the bee, or is lost
  std::uint64_t done = 0;      ///< all before it are done with, their outputs too
  std::uint64_t asks = 0;      ///< the last one that `granted` takes into account
  Quantity granted;            ///< may be sent in all
};

class EdgeSender {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Settings {
    Delivery delivery = Delivery::at_most_once;
    std::uint32_t window = limits::edge_window;  ///< sent and not done, at most; under at_least_once
    bool credit = true;                          ///< replies need none: their room was reserved
    bool prompt = false;                         ///< wants to know at once what was accepted
    std::uint32_t deaths_max = 0;                ///< of one record, alone; under at_least_once. 0: it is tried for ever
    Faults faults{};
  };
  /// Not done, and its cause.
  struct Undone {
    Record record;
    Cause cause{};
  };

  EdgeSender(Settings settings, Epoch self, Epoch receiver);

  void push(Record&& record, Cause cause = Cause{}) {
    queue_.push(std::move(record));
    if (keeps()) causes_.push_back(cause);
  }
  /// The records that `make` makes of `items`, one of each, of one cause.
  template <class Item, class Make>
  void push_all(std::span<Item> items, Make make, Cause cause = Cause{}) {
    if (keeps()) causes_.append(items.size(), cause);
    queue_.push_all(items, make);
  }
  /// The next packet that may go now, with what it takes along; call until there is none.
  [[nodiscard]] std::optional<EdgePacket> take(Time now);
  /// The causes of records that are done with are appended to `done`.
  void on_ack(const EdgeAck& ack, Time now, std::vector<Cause>& done);
  /// The receiver was placed anew, or is in reach again where it was. Under at_least_once what is not done goes to it;
  /// else it is lost, and counted.
  void reopen(Epoch receiver);
  /// The receiver is gone for good: hands back what waits and, under at_least_once, what is not done. Else what was on
  /// its way is lost, and counted.
  [[nodiscard]] std::vector<Undone> give_up();
  /// The same, for a host that has no use for records: all of it is lost, and counted. The causes are appended to
  /// `done`, for nobody will acknowledge them.
  void abandon(std::vector<Cause>& done);
  /// For others to be sent, while the receiver finishes what it has: what it was never sent. at_least_once only, and
  /// the same for `hand_over` (asserted).
  [[nodiscard]] std::vector<Undone> hand_over_unsent();
  /// The same, while the receiver is away, and copies of what is not done, which this session tells nobody of any more.
  /// Those go to the receiver all the same if it comes to be in reach where it was, and never to another one.
  /// Nothing is to be taken from then on until `reopen`.
  [[nodiscard]] std::vector<Undone> hand_over();
  /// Nobody waits any more for what is not done: its causes are appended to `done`, and it still goes to the receiver.
  void detach(std::vector<Cause>& done);
  /// After `reopen`: the record that was taken out because it is dangerous, if there is one.
  [[nodiscard]] std::optional<Undone> take_dangerous() { return std::exchange(dangerous_, std::nullopt); }
  /// Removes the oldest record that waits, for overflow rules. `waiting()` is not 0; at_most_once only (asserted).
  /// If credit was asked for it, what the others cannot use of that is given back when they have gone.
  [[nodiscard]] Record drop_oldest();
  /// Call no earlier than `due`: what may have been lost is sent, or asked for, again by the next `take`.
  void tick(Time now);
  /// Nothing if nothing is expected.
  [[nodiscard]] std::optional<Time> due() const noexcept { return due_; }
  /// Wants to know from now on, at once, what was accepted: before an end, and where loads are compared.
  void hurry() noexcept;

  [[nodiscard]] bool sendable() const noexcept;
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }  ///< never sent
  [[nodiscard]] std::uint64_t waiting_bytes() const noexcept { return queue_.bytes(); }
  [[nodiscard]] std::size_t allowed() const noexcept;  ///< of those, may go by their number
  [[nodiscard]] std::uint64_t unreleased() const noexcept { return sent_.records - released_.records; }
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }
  [[nodiscard]] Epoch receiver() const noexcept { return receiver_; }
  /// Nothing waits, and everything sent was accepted (at_least_once: is done, or handed over).
  [[nodiscard]] bool idle() const noexcept;

 private:
  [[nodiscard]] bool keeps() const noexcept { return settings_.delivery == Delivery::at_least_once; }
  [[nodiscard]] Quantity fitting(std::size_t count) const noexcept;
  [[nodiscard]] bool next_fits() const noexcept;
  [[nodiscard]] bool covers_asked() const noexcept;
  [[nodiscard]] bool must_ask() const noexcept { return waiting() != 0 && !asking_ && !next_fits(); }
  [[nodiscard]] bool outstanding() const noexcept;
  [[nodiscard]] bool careful() const noexcept { return base_.records < careful_end_; }
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] std::size_t waiting_again() const noexcept;
  [[nodiscard]] std::vector<Undone> take_waiting(std::size_t count);
  void keep_sent();
  void forget_handed_over();
  void find_dangerous();
  void take_again();
  void ask();
  [[nodiscard]] EdgePacket packet(Quantity first, Quantity end, std::vector<Record> records) const;
  [[nodiscard]] EdgePacket send_again();
  [[nodiscard]] std::vector<Record> pop(Quantity amount);
  void keep(const std::vector<Record>& records);
  [[nodiscard]] bool forget_done(std::uint64_t done, std::vector<Cause>& causes);

  Settings settings_;
  Epoch self_, receiver_;
  RecordQueue queue_;
  Fifo<Cause> causes_;  ///< of queue_, under at_least_once
  Fifo<Undone> kept_;   ///< sent and not done, under at_least_once: from base_ to sent_
  Quantity base_, sent_, released_, granted_;
  std::uint64_t expected_ = 0;
  std::uint64_t asks_ = 0;
  Demand asked_;
  bool asking_ = false;
  bool dropped_ = false;         ///< a record for which it has asked, maybe: there may be more credit than it can use
  Quantity again_;               ///< where sending again goes on ...
  std::uint64_t again_end_ = 0;  ///< ... and ends
  bool probe_ = false;           ///< a packet is to go, with records or without
  std::chrono::nanoseconds patience_ = limits::resend_after;
  std::optional<Time> due_;
  std::uint64_t careful_end_ = 0;  ///< records before it were lost with a receiver, and go one by one
  std::uint32_t deaths_ = 0;       ///< of the first one kept, alone
  std::uint64_t sent_most_ = 0;    ///< that this receiver was sent before it was out of reach
  std::uint64_t handed_over_ = 0;  ///< all before it were
  std::optional<Undone> dangerous_;
  std::uint64_t lost_ = 0;
};

/// The receiving end of one session, for one placement of its sender. Its host keeps the records.
class EdgeReceiver {
 public:
  enum class Verdict : std::uint8_t { in_order, repeated, early };
  struct Received {
    Verdict verdict = Verdict::in_order;
    std::size_t repeated = 0;  ///< so many of the records are to be left out; the others are taken
    std::uint64_t lost = 0;    ///< records that will never come
    std::uint64_t first = 0;   ///< sequence of the first one taken
    Quantity taken;
  };

  EdgeReceiver(Delivery delivery, Quantity base, Faults faults = {});

  [[nodiscard]] Received receive(const EdgePacket& packet);
  /// The bee has accepted so much of what was received.
  void accepted(Quantity amount) noexcept;
  /// So many records from sequence `first` on are done with. In any order, each once.
  void done(std::uint64_t first, std::uint64_t count);

  /// Received and not accepted.
  [[nodiscard]] Quantity queued() const noexcept { return queued_; }
  /// Accepted, or lost.
  [[nodiscard]] Quantity released() const noexcept { return released_; }
  [[nodiscard]] Quantity expected() const noexcept { return expected_; }
  [[nodiscard]] std::uint64_t done() const noexcept;

 private:
  Delivery delivery_;
  Faults faults_;
  Quantity expected_, released_, queued_;
  std::uint64_t done_;
  Fifo<char> done_ahead_;  ///< whether done_ + i is done
};

}  // namespace skep
