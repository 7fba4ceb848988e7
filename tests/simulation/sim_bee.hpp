#pragma once
// One placement of one replica of a bee: takes records into work, some time later gives its outputs to its edges.
//
// It is the shell around InEdges, Ledger and EdgeSender that BeeActor is for real: under at_least_once what a call took
// is done when the outputs of that call are acknowledged; while too much waits in the outbox it takes nothing.

#include <vector>

#include "sim_actor.hpp"
#include "sim_inlet.hpp"
#include "sim_outlet.hpp"
#include "skep/actors/ledger.hpp"

namespace skep::simulation {

class SimBee final : public SimActor {
 public:
  SimBee(World& world, Place self, const Table& table);

  void slow(std::uint32_t factor) { slowness_ = factor; }
  void fail_next() { fails_ = true; }
  void give_up() override;
  void expect_rest() override;

 private:
  void receive(const EdgeForth& forth) override;
  void on_ack(const EdgeBack& back) override;
  void apply(const Table& table) override;
  void on_timer(Timer::Kind kind) override;

  [[nodiscard]] bool keeps() const noexcept { return world_.scenario.delivery == Delivery::at_least_once; }
  void begin_work();
  void take_in(SimInlet::Input input);
  void end_work();
  void emit(const Record& record);
  void answer(const Record& record, Record answer);
  void push(ActorId receiver, Record record);
  [[nodiscard]] ActorId route(const Record& record);
  void settle(const SimOutlet::Causes& causes);
  void go_on();

  std::size_t stage_;
  SimInlet inlet_;
  SimOutlet outlet_;
  Ledger ledger_;
  std::vector<Record> work_;
  Cause cause_{};
  bool working_ = false;
  bool fails_ = false;
  std::uint32_t slowness_ = 1;
  std::vector<bool> gateways_gone_;
};

}  // namespace skep::simulation
