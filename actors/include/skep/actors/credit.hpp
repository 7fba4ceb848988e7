#pragma once
// Who of many senders may send how much to one receiver. Pure.
//
// The receiver owns a budget in records and bytes: what its senders may send and it has not accepted yet. Each sender
// has a small share of it without asking, those that join later a smaller one, so that half of the budget is left to
// float; that goes to senders that say how much waits at them, in the order in which they ran short, divided among
// those that are short at the time.
// So an idle sender holds little, a busy one gets nearly all, and nobody starves behind another's backlog. A sender
// that asks gives back what it cannot use (it may have records left but too few bytes, or the other way round): so none
// holds what another waits for, and no two wait for each other.
//
// Amounts are totals since a sender joined, so that telling one twice, late or out of order does no harm. A record of
// more bytes than can float passes alone: it is granted when no other floating bytes are out, and the budget in bytes
// is exceeded by that one record only (or, if its sender drops it meanwhile, by as many bytes of others). After a
// resize senders may hold shares of a larger budget, which they need never spend, beside what the smaller one allows.
// Lifetime and threads: owned by the receiver.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "skep/actors/fifo.hpp"
#include "skep/actors/limits.hpp"

namespace skep {

/// Records, and their bytes: an amount, or a total since the beginning of a session.
struct Quantity {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;

  friend Quantity operator+(Quantity a, Quantity b) noexcept { return {a.records + b.records, a.bytes + b.bytes}; }
  friend Quantity operator-(Quantity a, Quantity b) noexcept { return {a.records - b.records, a.bytes - b.bytes}; }
  friend bool operator==(Quantity, Quantity) = default;
};

/// The higher of each.
[[nodiscard]] inline Quantity highest(Quantity a, Quantity b) noexcept {
  return {a.records > b.records ? a.records : b.records, a.bytes > b.bytes ? a.bytes : b.bytes};
}

/// The lower of each.
[[nodiscard]] inline Quantity lowest(Quantity a, Quantity b) noexcept {
  return {a.records < b.records ? a.records : b.records, a.bytes < b.bytes ? a.bytes : b.bytes};
}

/// Of a sender that cannot send its next record, as totals.
struct Demand {
  Quantity spent;                ///< what it has sent
  Quantity all;                  ///< what it would have sent, were it free to
  std::uint64_t next_bytes = 0;  ///< the bytes it would have sent with the next record

  friend bool operator==(const Demand&, const Demand&) = default;
};

class CreditPool {
 public:
  enum class Member : std::uint32_t {};
  struct Settings {
    Quantity budget{limits::credit_records, limits::credit_bytes};
    Quantity share{limits::credit_share_records, limits::credit_share_bytes};  ///< of one sender, at most
    friend bool operator==(const Settings&, const Settings&) = default;
  };

  explicit CreditPool(Settings settings);

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  /// From now on. What was granted stays granted. Shares shrink at once, and grow as what is held is released. What
  /// senders still hold of larger shares is beside the budget: of each what was its share, at most.
  void resize(Settings settings);

  /// A sender whose totals begin at `base`.
  [[nodiscard]] Member join(Quantity base = {});
  /// It will send no more than `spent`: its share and what it was granted beyond are given back.
  void retire(Member member, Quantity spent);
  void leave(Member member);
  /// What the sender was granted beyond `demand.spent` is given back.
  void ask(Member member, const Demand& demand);
  /// So much, as a total, of what the sender sent was accepted, or is lost. Does not decrease (asserted).
  void released(Member member, Quantity total);

  /// What the sender may send, as a total.
  [[nodiscard]] Quantity granted(Member member) const noexcept { return at(member).granted; }
  /// What the sender may have sent, and not be told to be accepted, without asking.
  [[nodiscard]] Quantity share(Member member) const noexcept { return at(member).share; }
  /// It waits for credit that is not there now.
  [[nodiscard]] bool short_of_credit(Member member) const noexcept { return is_short(at(member)); }
  /// Granted and not released, over all senders.
  [[nodiscard]] Quantity held() const noexcept { return held_; }
  /// Members whose grant has risen since the last call.
  [[nodiscard]] std::vector<Member> take_raised();

 private:
  struct Place {
    Quantity granted, released, share;
    Quantity excused;  ///< of what it holds, from a larger share: does not count
    Demand demand;
    bool joined = false;
    bool retired = false;
    bool queued = false;  ///< in hungry_
    bool raised = false;  ///< in raised_
  };

  [[nodiscard]] Place& at(Member member) noexcept { return places_[static_cast<std::size_t>(member)]; }
  [[nodiscard]] const Place& at(Member member) const noexcept { return places_[static_cast<std::size_t>(member)]; }
  [[nodiscard]] static bool is_short(const Place& place) noexcept;
  [[nodiscard]] static Quantity held_by(const Place& place) noexcept { return place.granted - place.released; }
  [[nodiscard]] Quantity free() const noexcept;
  [[nodiscard]] Quantity next_share() const noexcept;
  void renew_share(Place& place) noexcept;
  void divide_anew();
  void excuse(Place& place, Quantity amount) noexcept;
  [[nodiscard]] Quantity counted() const noexcept { return held_ - excused_; }
  void set_granted(Place& place, Quantity total) noexcept;
  void set_held(Place& place, Quantity granted, Quantity released) noexcept;
  void grant(Member member, Quantity amount);
  void fill_share(Member member);
  void queue_if_short(Member member);
  void serve();
  [[nodiscard]] bool serve(Member member, Quantity part);

  Settings settings_;
  std::vector<Place> places_;
  std::vector<Member> vacant_;
  Fifo<Member> hungry_;  ///< short of credit, longest first
  std::vector<Member> raised_;
  Quantity held_, excused_, shares_;  ///< over all members
};

}  // namespace skep
