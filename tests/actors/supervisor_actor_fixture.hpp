#pragma once
// A supervisor and real bees on CAF's test coordinator: in -> first -> last -> sink, with a gateway beside them.

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bee_actor_fixture.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/actors/supervisor_actor.hpp"

namespace skep {

using namespace std::chrono_literals;

inline constexpr ChildId last{0}, first{1}, front{2};  // in the order in which they start

struct GatewaySeen {
  std::vector<RoutingTable> tables;
  std::vector<std::string> unavailable;
  std::size_t tables_before = 0;  ///< it became unavailable
  bool answers_start = true;
};

/// Two bees in a row and a gateway, and how to make each again.
class Household final : public SupervisedActors {
 public:
  std::function<caf::actor(ChildRun)> spawn;
  std::function<void(const std::string&)> on_failed;
  std::array<caf::actor, 3> actors;
  std::array<Epoch, 3> births{};
  std::array<bool, 3> closed{};
  caf::actor sink;
  std::uint32_t generation = 0;
  std::vector<std::string> starts;
  std::set<ChildId> outdated;

  caf::actor actor(ChildId child) override;
  bool is_gateway(ChildId child) const override { return child == front; }
  RoutingTable table(ChildId child) override;
  std::vector<ChildId> respawn(ChildRun run) override;
  std::vector<ChildId> set_receives(ChildId child, Receives receives) override;
  std::set<ChildId> take_outdated() override;
  void failed(const std::string& why) override { on_failed(why); }

 private:
  [[nodiscard]] Receiver receiver(ChildId child);
};

class SupervisorActorTest : public BeeActorFixture {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// It does not return from the calls of three records.
  void give_up_three_times(ChildId child);
  Script& script(ChildId child) { return scripts_[static_cast<std::size_t>(child)]; }
  caf::actor spawn_child(ChildRun run);
  static std::vector<ChildSpec> children();
  /// Everything spawned and asked to start.
  std::shared_ptr<Answer> begin(SupervisorSettings supervision, std::vector<ChildSpec> specs = children());
  [[nodiscard]] Supervision supervision();
  /// Tells the supervisor. Of what it is told in tests: see supervisor_actor_fixture.cpp.
  template <class Message>
  void tell(Message message);
  /// The gateway that does not answer its start at once does so now.
  void let_gateway_start();
  void send_in(int from, int to);
  /// In small steps: what falls due on the way sets the next delay.
  void pass(std::chrono::milliseconds time);

  BeeCalls calls_;
  std::array<Script, 2> scripts_;
  GatewaySeen gateway_seen_;
  std::shared_ptr<Household> household_ = std::make_shared<Household>();
  caf::actor supervisor_;
  std::vector<std::string> order_, failed_;
};

inline constexpr SupervisorSettings two_in_ten_seconds{.intensity = 2, .period = 10s};

}  // namespace skep
