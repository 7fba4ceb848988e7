#pragma once
// What one placement of a bee holds, and until when: windows and joins let go in another order than records came.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim_inlet.hpp"
#include "skep/actors/bee.hpp"
#include "skep/actors/held.hpp"
#include "skep/actors/ledger.hpp"
#include "world.hpp"

namespace skep::simulation {

class SimHolds {
 public:
  struct Hold {
    Held handle;
    RecordNumber number{};
    Cause cause{};  ///< of what will be put out
    InEdges::Session session{};
    std::uint64_t sequence = 0;
    Time until{};
  };
  /// No more held, and still to be worked on.
  struct Free {
    Record record;
    Cause cause{};
  };

  SimHolds(World& world, Place self);

  /// Whether there was room. `hold.handle` is empty.
  [[nodiscard]] bool add(const Record& record, Hold hold);
  /// One whose time has come.
  [[nodiscard]] std::optional<Free> take_due();
  /// The object that held them is gone; its successor holds them until now. Under at_most_once nobody does: they are
  /// returned, and lost.
  [[nodiscard]] std::vector<Free> take_over();
  /// A call holds the record, and throws.
  void expect_undone(const Record& record);
  void expect_not_held(const Ledger::Inputs& done);
  [[nodiscard]] std::optional<Time> next() const;
  [[nodiscard]] const std::vector<Hold>& all() const noexcept { return holds_; }

 private:
  class Surroundings final : public BeeContext {
   public:
    explicit Surroundings(const World& world) : world_(world) {}
    [[nodiscard]] std::string_view name() const override { return "simulated"; }
    [[nodiscard]] std::uint32_t replica() const override { return 0; }
    [[nodiscard]] Time now() const override { return world_.now(); }
    [[nodiscard]] EventTime wall_clock() const override { return {}; }
    [[nodiscard]] std::mt19937_64& random() override { return random_; }
    void log(LogLevel, std::string_view) override {}
    TimerId start_timer(std::chrono::nanoseconds) override { return {}; }
    void cancel_timer(TimerId) override {}

   private:
    const World& world_;
    std::mt19937_64 random_;  ///< not used
  };

  World& world_;
  Place self_;
  Surroundings surroundings_;
  HeldRecords held_;
  std::vector<Hold> holds_;  ///< in the order in which they were held
};

}  // namespace skep::simulation
