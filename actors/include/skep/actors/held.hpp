#pragma once
// Records that a bee keeps beyond the call that brought them: windows, joins, answers that wait for something else.
//
// `Outbox::hold` gives a Held, a handle that only moves; the bee keeps it for as long as it works on the record. A
// record is done when its call has returned and no Held has it any more. HeldRecords is the runtime's side: it knows
// what one object holds, keeps that within its bound, and takes all of it back when the object goes.
//
// A call that throws is undone. What it held is not held: those handles are empty, though the object may live on
// (BadRecord). What it let go of is lost, as what became of it has been taken back too.
// Under at_least_once lint refuses classes that hold: nothing tells a Ledger yet of what is held.
//
// Pure. Lifetime: a Held may outlive its HeldRecords; it is empty then. Threads: the bee's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "skep/actors/limits.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

class BeeContext;
class HeldRecords;

/// Out of `Outbox::hold`: the bee holds as much as it may. Costs the record, not the object.
class TooManyHeld : public std::length_error {
 public:
  explicit TooManyHeld(const std::string& what);
  ~TooManyHeld() override;
};

/// Of one replica.
struct HeldLimits {
  std::size_t records_max = limits::held_records_max;
  std::size_t bytes_max = limits::held_bytes_max;  ///< of memory that the records keep alive

  friend bool operator==(const HeldLimits&, const HeldLimits&) = default;
};

/// One record that the bee still works on. Letting go of it (`release`, or its end) is the end of the hold.
class Held {
 public:
  Held() noexcept;  ///< holds nothing
  Held(Held&& other) noexcept;
  Held& operator=(Held&& other) noexcept;
  ~Held();

  /// Whether it holds a record: not after `release`, nor if the call that made it was undone.
  explicit operator bool() const noexcept { return place_ != nullptr && place_->holder != nullptr; }
  /// What follows throws std::logic_error if it holds nothing.
  [[nodiscard]] const Record& record() const;
  [[nodiscard]] const Record* operator->() const { return &record(); }
  /// Its deadline has passed: its client has been told, and waits no longer.
  [[nodiscard]] bool expired() const;
  /// Ends the hold: the record is the caller's to emit, reply to, fail or drop.
  [[nodiscard]] Record release();

 private:
  friend class HeldRecords;

  struct Place {
    Record record;
    HeldRecords* holder = nullptr;  ///< null: not held any more
    std::uint64_t call = 0;         ///< that held it
    Place* before = nullptr;
    Place* after = nullptr;
  };

  explicit Held(std::unique_ptr<Place> place) noexcept;
  void let_go() noexcept;

  std::unique_ptr<Place> place_;
};

class HeldRecords {
 public:
  /// `context` tells the time, and outlives this.
  HeldRecords(HeldLimits limits, const BeeContext& context) : limits_(limits), context_(context) {}
  ~HeldRecords();
  HeldRecords(const HeldRecords&) = delete;
  HeldRecords& operator=(const HeldRecords&) = delete;

  void limit(HeldLimits limits) noexcept { limits_ = limits; }
  /// Throws TooManyHeld.
  [[nodiscard]] Held hold(Record record);
  /// The call has returned: what it held is held, what it let go of is done.
  void commit() noexcept;
  /// The call has thrown: what it held is not held. Returns what it let go of, which is lost.
  [[nodiscard]] std::vector<Record> roll_back();
  /// The object goes: everything it holds, in the order in which it was held.
  [[nodiscard]] std::vector<Record> take_all();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  friend class Held;

  void link(Held::Place& place) noexcept;
  void unlink(Held::Place& place) noexcept;
  /// A handle lets go.
  void settle(Held::Place& place);

  HeldLimits limits_;
  const BeeContext& context_;
  Held::Place* first_ = nullptr;
  Held::Place* last_ = nullptr;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t call_ = 1;
  std::vector<Record> let_go_;  ///< by the current call, of earlier calls
};

}  // namespace skep
