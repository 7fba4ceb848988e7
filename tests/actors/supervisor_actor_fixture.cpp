#include "supervisor_actor_fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <utility>

#include "asker.hpp"

namespace skep {
namespace {

/// To the gateway, from the test.
struct StartNow {};

}  // namespace
}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::StartNow)

namespace skep {
namespace {

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
        [this](StartNow) {
          if (waiting_.pending()) waiting_.deliver(caf::unit);
        },
    };
  }

 private:
  GatewaySeen& seen_;
  caf::response_promise waiting_;
};

std::vector<ChildId> named_by(ChildId child) {
  if (child == last) return {first};
  if (child == first) return {front};
  return {last, first};
}

}  // namespace

caf::actor Household::actor(ChildId child) {
  return actors[static_cast<std::size_t>(child)];
}

RoutingTable Household::table(ChildId child) {
  RoutingTable table;
  table.generation = ++generation;
  if (child == front) table.edges.push_back({"front -> first", 0, {}, {receiver(first)}});
  if (child == first) table.edges.push_back({"first -> last", 0, {}, {receiver(last)}, true});
  if (child == last) table.edges.push_back({"last -> sink", 0, {}, {sink}, true});
  table.gateways.push_back({1, 1, actor(front)});
  table.answers_reachable = true;
  return table;
}

std::vector<ChildId> Household::respawn(ChildRun run) {
  births[static_cast<std::size_t>(run.child)] = {run.life, 1};
  actors[static_cast<std::size_t>(run.child)] = spawn(run);
  return named_by(run.child);
}

Receiver Household::receiver(ChildId child) {
  const auto index = static_cast<std::size_t>(child);
  return {closed[index] ? caf::actor() : actors[index], births[index]};
}

std::vector<ChildId> Household::set_receives(ChildId child, Receives receives) {
  closed[static_cast<std::size_t>(child)] = receives != Receives::yes;
  return named_by(child);
}

std::set<ChildId> Household::take_outdated() {
  return std::exchange(outdated, {});
}

void SupervisorActorTest::SetUp() {
  household_->on_failed = [this](const std::string& why) { failed_.push_back(why); };
  household_->spawn = [this](ChildRun run) { return spawn_child(run); };
  household_->sink = spawn_probe(at_sink_);
  source_ = spawn_probe(from_source_);
  script(first).on_start = [this](BeeContext&) { order_.emplace_back("first"); };
  script(last).on_start = [this](BeeContext&) { order_.emplace_back("last"); };
}

void SupervisorActorTest::TearDown() {
  household_->actors = {};  // actors that hold each other would never go
  household_->sink = nullptr;
  BeeActorFixture::TearDown();
}

void SupervisorActorTest::give_up_three_times(ChildId child) {
  script(child).on_record = [this](Record, Outbox&) { calls_.abandon(calls_.look(now()).at(0).bee, "stuck again"); };
  for (int i = 0; i < 3; ++i) {
    send_in(i, i);
    pass(std::chrono::seconds(1));
  }
}

caf::actor SupervisorActorTest::spawn_child(ChildRun run) {
  caf::actor actor;
  if (run.child == front) {
    actor = system().spawn<GatewayProbe>(std::ref(gateway_seen_));
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
    actor = spawn_bee(system(), std::move(settings));
  }
  actors_.push_back(actor);
  return actor;
}

std::vector<ChildSpec> SupervisorActorTest::children() {
  return {{.name = "bee 'last'", .rank = 0},
          {.name = "bee 'first'", .rank = 1},
          {.name = "gateway 'front'", .rank = 2, .start_time_max = 5s, .alone = true}};
}

std::shared_ptr<Answer> SupervisorActorTest::begin(SupervisorSettings supervision, std::vector<ChildSpec> specs) {
  SupervisorActorSettings settings;
  settings.swarm = "test";
  settings.supervision = supervision;
  settings.children = std::move(specs);
  settings.actors = household_;
  settings.execution = Execution::shared;
  settings.log = [this](LogLevel, std::string_view, std::string_view text) { log_.emplace_back(text); };
  supervisor_ = spawn_supervisor(system(), std::move(settings));
  actors_.insert(actors_.begin(), supervisor_);  // ends first
  for (const auto child : {last, first, front}) {
    household_->actors[static_cast<std::size_t>(child)] = spawn_child({child, 1});
  }
  auto answer = std::make_shared<Answer>();
  actors_.push_back(system().spawn<Asker<StartChildren>>(supervisor_, StartChildren{}, answer));
  settle();
  return answer;
}

Supervision SupervisorActorTest::supervision() {
  const auto seen = std::make_shared<Supervision>();
  auto reader = [seen](caf::event_based_actor* self, const caf::actor& supervisor) {
    self->request(supervisor, caf::infinite, ReadSupervision{}).then([seen](const Supervision& s) { *seen = s; });
  };
  actors_.push_back(system().spawn(reader, supervisor_));
  settle();
  return *seen;
}

template <class Message>
void SupervisorActorTest::tell(Message message) {
  caf::anon_send(supervisor_, std::move(message));
}

template void SupervisorActorTest::tell(BeeStuck message);
template void SupervisorActorTest::tell(PlaceChild message);
template void SupervisorActorTest::tell(RenewTables message);

void SupervisorActorTest::let_gateway_start() {
  caf::anon_send(household_->actor(front), StartNow{});
  settle();
}

void SupervisorActorTest::send_in(int from, int to) {
  put(household_->actor(first), records(from, to), household_->births[static_cast<std::size_t>(first)]);
  settle();
}

void SupervisorActorTest::pass(std::chrono::milliseconds time) {
  for (settle(); time > 0ms; time -= 10ms) advance(10ms);
}

}  // namespace skep
