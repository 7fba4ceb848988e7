#pragma once
// Plays one scenario to its end: many nodes, one thread, virtual time, one seed.

#include <cstdint>
#include <string>
#include <vector>

#include "sim_controller.hpp"
#include "sim_node.hpp"
#include "world.hpp"

namespace skep::simulation {

struct Outcome {
  std::uint64_t seed = 0;
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0, records = 0, checks = 0;
  Counts counts;
  std::string violation;  ///< empty: none
  std::string trace;      ///< the last events, if there is a violation

  [[nodiscard]] bool ok() const noexcept { return violation.empty(); }
};

class Simulation {
 public:
  explicit Simulation(Scenario scenario, std::size_t trace_kept = 100);

  [[nodiscard]] Outcome run();

 private:
  [[nodiscard]] bool failed() const noexcept { return !world_.invariants.violation().empty(); }
  void play_until(Time end);
  void probe();
  void handle(Event event);
  void on_step(const Step& step);
  void begin(const Operation& operation, std::uint32_t number);
  void end(const Operation& operation, std::uint64_t life);
  void begin_link(const Operation& operation);
  void begin_node(const Operation& operation, std::uint32_t number);
  void begin_bee(const Operation& operation);
  void crash(const Operation& operation, std::uint32_t number);
  void retire(const Operation& operation);
  void isolate(const Operation& operation, bool cut);
  [[nodiscard]] std::size_t nodes_up() const noexcept;
  [[nodiscard]] SimNode& node(std::uint32_t index) { return nodes_[index]; }
  /// What operations are about: the placement that the controller knows.
  [[nodiscard]] SimNode& node_of(ActorId actor) { return nodes_[index(controller_.table().of(actor).node)]; }
  void notice(Step::Kind kind, std::uint32_t subject, Duration after, std::uint64_t life = 0);
  void heal();
  void expect_rest();

  World world_;
  std::vector<SimNode> nodes_;
  SimController controller_;
  std::vector<bool> retiring_;  ///< by ActorId: it is about to end for good, or has
  bool healed_ = false;
};

[[nodiscard]] inline Outcome simulate(std::uint64_t seed, Faults faults = {}, std::size_t trace_kept = 100) {
  return Simulation(Scenario::from_seed(seed, faults), trace_kept).run();
}

}  // namespace skep::simulation
