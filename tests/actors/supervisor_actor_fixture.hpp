#pragma once
// A supervisor and real bees on CAF's test coordinator: in -> first -> last -> sink, with a gateway beside them.

#include <array>
#include <functional>
#include <memory>
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

class GatewayProbe final : public caf::event_based_actor {
 public:
  GatewayProbe(caf::actor_config& config, GatewaySeen& seen) : caf::event_based_actor(config), seen_(seen) {}

  void on_exit() override { waiting_ = {}; }  // a promise holds its own actor

 protected:
  caf::behavior make_behavior() override {
    set_default_handler(caf::drop);
    return {
        [this](RoutingTable& table) -> caf::result<void> {
          seen_.tables.push_back(std::move(table));
          if (seen_.answers_start) return caf::unit;
          waiting_ = make_response_promise();
          return caf::delegated<void>{};
        },
        [this](BecomeUnavailable& message) {
          seen_.unavailable.push_back(std::move(message.reason));
          seen_.tables_before = seen_.tables.size();
        },
        [this](const ReplyBatch&) {  // the test says: now
          if (waiting_.pending()) waiting_.deliver(caf::unit);
        },
    };
  }

 private:
  GatewaySeen& seen_;
  caf::response_promise waiting_;
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

  caf::actor actor(ChildId child) override { return actors[static_cast<std::size_t>(child)]; }
  bool is_gateway(ChildId child) const override { return child == front; }
  RoutingTable table(ChildId child) override {
    RoutingTable table;
    table.generation = ++generation;
    if (child == front) table.edges.push_back({"front -> first", 0, {}, {receiver(first)}});
    if (child == first) table.edges.push_back({"first -> last", 0, {}, {receiver(last)}, true});
    if (child == last) table.edges.push_back({"last -> sink", 0, {}, {sink}, true});
    table.gateways.push_back({1, 1, actor(front)});
    table.answers_reachable = true;
    return table;
  }
  std::vector<ChildId> respawn(ChildRun run) override {
    births[static_cast<std::size_t>(run.child)] = {run.life, 1};
    actors[static_cast<std::size_t>(run.child)] = spawn(run);
    return named_by(run.child);
  }
  static std::vector<ChildId> named_by(ChildId child) {
    if (child == last) return {first};
    if (child == first) return {front};
    return {last, first};
  }
  Receiver receiver(ChildId child) {
    const auto index = static_cast<std::size_t>(child);
    return {closed[index] ? caf::actor() : actors[index], births[index]};
  }
  std::vector<ChildId> set_receives(ChildId child, Receives receives) override {
    closed[static_cast<std::size_t>(child)] = receives != Receives::yes;
    return named_by(child);
  }
  std::set<ChildId> take_outdated() override { return std::exchange(outdated, {}); }
  void failed(const std::string& why) override { on_failed(why); }
};

class SupervisorActorTest : public BeeActorFixture {
 protected:
  void SetUp() override {
    household_->on_failed = [this](const std::string& why) { failed_.push_back(why); };
    household_->spawn = [this](ChildRun run) { return spawn_child(run); };
    household_->sink = spawn_probe(at_sink_);
    source_ = spawn_probe(from_source_);
    script(first).on_start = [this](BeeContext&) { order_.emplace_back("first"); };
    script(last).on_start = [this](BeeContext&) { order_.emplace_back("last"); };
  }

  void TearDown() override {
    household_->actors = {};  // actors that hold each other would never go
    household_->sink = nullptr;
    BeeActorFixture::TearDown();
  }

  /// It does not return from the calls of three records.
  void give_up_three_times(ChildId child) {
    script(child).on_record = [this](Record, Outbox&) { calls_.abandon(calls_.look(now()).at(0).bee, "stuck again"); };
    for (int i = 0; i < 3; ++i) {
      send_in(i, i);
      pass(std::chrono::seconds(1));
    }
  }

  Script& script(ChildId child) { return scripts_[static_cast<std::size_t>(child)]; }

  caf::actor spawn_child(ChildRun run) {
    caf::actor actor;
    if (run.child == front) {
      actor = system_.spawn<GatewayProbe>(std::ref(gateway_seen_));
    } else {
      BeeSettings settings;
      settings.name = run.child == first ? "first" : "last";
      settings.factory = factory_of(script(run.child));
      settings.epoch = household_->births[static_cast<std::size_t>(run.child)];
      settings.supervisor = supervisor_;
      settings.run = run;
      settings.dead_letters = dead_letters_;
      settings.swarm = "test";
      settings.calls = &calls_;
      actor = spawn_bee(system_, std::move(settings));
    }
    actors_.push_back(actor);
    return actor;
  }

  static std::vector<ChildSpec> children() {
    return {{.name = "bee 'last'", .rank = 0},
            {.name = "bee 'first'", .rank = 1},
            {.name = "gateway 'front'", .rank = 2, .start_time_max = 5s, .alone = true}};
  }

  /// Everything spawned and asked to start.
  std::shared_ptr<Answer> begin(SupervisorSettings supervision, std::vector<ChildSpec> specs = children()) {
    SupervisorActorSettings settings;
    settings.swarm = "test";
    settings.supervision = supervision;
    settings.children = std::move(specs);
    settings.actors = household_;
    settings.execution = Execution::shared;
    settings.log = [this](LogLevel, std::string_view, std::string_view text) { log_.emplace_back(text); };
    supervisor_ = spawn_supervisor(system_, std::move(settings));
    actors_.insert(actors_.begin(), supervisor_);  // ends first
    for (const auto child : {last, first, front}) {
      household_->actors[static_cast<std::size_t>(child)] = spawn_child({child, 1});
    }
    auto answer = std::make_shared<Answer>();
    actors_.push_back(system_.spawn<Asker<StartChildren>>(supervisor_, StartChildren{}, answer));
    settle();
    return answer;
  }
  void send_in(int from, int to) {
    put(household_->actor(first), records(from, to), household_->births[static_cast<std::size_t>(first)]);
    settle();
  }

  /// In small steps: what falls due on the way sets the next delay.
  void pass(std::chrono::milliseconds time) {
    for (settle(); time > 0ms; time -= 10ms) advance(10ms);
  }

  BeeCalls calls_;
  std::array<Script, 2> scripts_;
  GatewaySeen gateway_seen_;
  std::shared_ptr<Household> household_ = std::make_shared<Household>();
  caf::actor supervisor_;
  std::vector<std::string> order_, failed_;
};

inline constexpr SupervisorSettings two_in_ten_seconds{.intensity = 2, .period = 10s};

}  // namespace skep
