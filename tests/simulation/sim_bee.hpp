#pragma once
// One placement of one replica of a bee: gathers records to batches, takes these into work, some time later gives their
// outputs to its edges, or holds some of them first.
//
// It is the shell around InEdges, Batcher, Ledger, HeldRecords and OutEdge that BeeActor is for real: under
// at_least_once what a call took is done when the outputs of that call are acknowledged, those of what it held too;
// while an edge of it is blocked it takes nothing. A sink that is a one-way gateway accepts a record, and is done with
// it, when its peer has taken it.

#include <deque>
#include <optional>
#include <vector>

#include "sim_actor.hpp"
#include "sim_holds.hpp"
#include "sim_inlet.hpp"
#include "sim_outlet.hpp"
#include "skep/actors/batcher.hpp"
#include "skep/actors/ledger.hpp"

namespace skep::simulation {

class SimBee final : public SimActor {
 public:
  SimBee(World& world, Place self, const Table& table);

  void slow(std::uint32_t factor) { slowness_ = factor; }
  void fail_next() { fails_ = true; }
  void heal() { fails_ = false, slowness_ = 1; }
  void give_up() override;
  void expect_rest() override;

 private:
  void receive(const EdgeForth& forth) override;
  void on_ack(const EdgeBack& back) override;
  void apply(const Table& table) override;
  void on_timer(Timer::Kind kind) override;

  [[nodiscard]] bool keeps() const noexcept { return world_.scenario.delivery == Delivery::at_least_once; }
  void begin_work();
  [[nodiscard]] bool may_take_up() const;
  void gather();
  void take_batch();
  void expect_gathered(const Record& record);
  void take_in(SimInlet::Input input);
  void drop(const SimInlet::Input& input);
  void end_work();
  [[nodiscard]] bool poisoned() const;
  void write_out();
  void call(const SimInlet::Input& input);
  [[nodiscard]] bool hold(const SimInlet::Input& input);
  void throw_on(const Record& record);
  void let_go();
  void emit(const Record& record);
  void bury(const Record& record, std::string_view why);
  void answer(const Record& record, Record answer);
  void push(std::size_t stage, const Record& record);
  void settle(const SimOutlet::Causes& causes);
  void arm();
  void go_on();

  std::size_t stage_;
  bool out_;    ///< a one-way gateway
  bool holds_;  ///< some records
  SimInlet inlet_;
  SimOutlet outlet_;
  Ledger ledger_;
  SimHolds held_;
  Batcher batcher_;
  std::deque<SimInlet::Input> gathered_;  ///< what the batcher has
  std::vector<SimInlet::Input> work_;
  bool alone_ = false;  ///< what was taken up last is to be
  Cause cause_{};       ///< of what is put out now
  bool working_ = false;
  Duration service_{};  ///< of that work
  bool fails_ = false;
  std::uint32_t slowness_ = 1;
  std::optional<Time> armed_;
};

}  // namespace skep::simulation
