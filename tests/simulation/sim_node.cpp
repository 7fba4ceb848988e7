#include "sim_node.hpp"

#include <string>
#include <utility>

#include "sim_bee.hpp"
#include "sim_gateway.hpp"

namespace skep::simulation {

using namespace std::chrono_literals;

SimNode::SimNode(World& world, NodeId self)
    : world_(world),
      self_(self),
      actors_(world.scenario.actors()),
      placed_(actors_.size()),
      launched_(actors_.size()),
      children_(actors_.size()) {
  supervise_anew();
}

SimNode::~SimNode() = default;

SimBee* SimNode::bee(ActorId actor) noexcept {
  return world_.scenario.is_gateway(actor) ? nullptr : static_cast<SimBee*>(find(actor));
}

SimGateway* SimNode::gateway(ActorId actor) noexcept {
  return world_.scenario.is_gateway(actor) ? static_cast<SimGateway*>(find(actor)) : nullptr;
}

void SimNode::handle(Body body) {
  if (!up_) return;
  if (paused_) {
    waiting_.push_back(std::move(body));
  } else {
    dispatch(body);
  }
}

void SimNode::dispatch(Body& body) {
  if (auto* update = std::get_if<TableUpdate>(&body)) return apply(*update);
  SimActor* actor = nullptr;
  if (const auto* forth = std::get_if<EdgeForth>(&body)) {
    actor = find(forth->to);
  } else if (const auto* back = std::get_if<EdgeBack>(&body)) {
    world_.note(Trace::Mark::ack, index(back->from), index(back->to), back->ack.done, back->ack.expected);
    actor = find(back->to);
  } else if (const auto* timer = std::get_if<Timer>(&body)) {
    world_.note(Trace::Mark::timer, index(timer->actor), static_cast<std::uint64_t>(timer->kind));
    if (timer->kind == Timer::Kind::supervise) return on_supervisor_timer(timer->epoch);
    actor = find(timer->actor);
    if (actor != nullptr && actor->self().epoch != timer->epoch) return;
    if (actor != nullptr && timer->kind == Timer::Kind::end) return fail(timer->actor);
  }
  if (actor != nullptr) actor->handle(std::move(body));
}

void SimNode::crash() {
  for (std::uint32_t i = 0; i < actors_.size(); ++i) {
    end(static_cast<ActorId>(i));
    placed_[i] = launched_[i] = {};
    children_[i].reset();
  }
  waiting_.clear();
  table_ = {};
  up_ = paused_ = false;
  ++life_;
  supervise_anew();
}

/// Its connection to the controller takes a while to come alive again: what was replaced goes on until then.
void SimNode::resume() {
  paused_ = false;
  for (auto& body : std::exchange(waiting_, {})) {
    if (std::holds_alternative<TableUpdate>(body)) {
      world_.events.at(world_.now() + world_.random.between(Duration(0), 2s), {self_, std::move(body)});
    } else {
      dispatch(body);
    }
  }
}

void SimNode::end(ActorId actor) {
  auto& slot = actors_[index(actor)];
  if (!slot) return;
  const auto epoch = slot->self().epoch;
  world_.note(Trace::Mark::stopped, index(actor), index(self_), epoch.counter, epoch.node);
  slot->give_up();
  slot.reset();
}

void SimNode::apply(TableUpdate& update) {
  if (update.life != life_ || update.table.version <= table_.version) return;
  table_ = update.table;
  world_.note(Trace::Mark::table, index(self_), table_.version);
  for (std::uint32_t i = 0; i < actors_.size(); ++i) {
    const auto actor = static_cast<ActorId>(i);
    const auto& placement = table_.places[i];
    if (placement.epoch <= placed_[i]) {
      if (actors_[i]) actors_[i]->handle(update);
      continue;
    }
    remove(actor);
    placed_[i] = placement.epoch;
    if (placement.node == self_ && !placement.gone) add(actor);
  }
  act();
}

void SimNode::supervise_anew() {
  supervisor_ = std::make_unique<Supervisor>(
      SupervisorSettings{world_.scenario.strategy, limits::restart_intensity_max}, std::vector<ChildSpec>{});
  supervisor_->start(world_.now());
  actor_of_.clear();
  armed_.reset();
}

/// Sinks start first, and stop last.
void SimNode::add(ActorId actor) {
  const auto rank = static_cast<std::uint32_t>(stages - world_.scenario.stage_of(actor));
  const auto child = supervisor_->start_child(
      {.name = std::to_string(index(actor)), .rank = rank, .alone = world_.scenario.is_pinned(actor)}, world_.now());
  world_.invariants.expect(static_cast<bool>(child), "supervision: a child is refused", index(actor));
  if (!child) return;
  children_[index(actor)] = *child;
  actor_of_.push_back(actor);
}

void SimNode::remove(ActorId actor) {
  auto& child = children_[index(actor)];
  if (!child) return;
  static_cast<void>(supervisor_->terminate_child(*child, world_.now()));
  act();
  world_.invariants.expect(supervisor_->delete_child(*child) && !actors_[index(actor)],
                           "supervision: a child is there after its end", index(actor));
  child.reset();
}

void SimNode::fail(ActorId actor) {
  const auto child = children_[index(actor)];
  end(actor);
  supervisor_->ended(supervisor_->run(*child), ExitKind::abnormal, "ended", world_.now());
  act();
}

void SimNode::retire(ActorId actor) {
  remove(actor);
}

void SimNode::launch(ActorId actor) {
  auto& epoch = placed_[index(actor)];
  if (epoch == launched_[index(actor)]) {
    ++epoch.node;
    world_.step(world_.random.between(Duration(1000), world_.scenario.notice_max),
                {Step::Kind::restarted, index(actor), epoch.counter, epoch.node});
  }
  launched_[index(actor)] = epoch;
  world_.note(Trace::Mark::placed, index(actor), index(self_), epoch.counter, epoch.node);
  const Place place{actor, self_, epoch};
  if (world_.scenario.is_gateway(actor)) {
    actors_[index(actor)] = std::make_unique<SimGateway>(world_, place, table_);
  } else {
    actors_[index(actor)] = std::make_unique<SimBee>(world_, place, table_);
  }
}

void SimNode::act() {
  for (auto actions = supervisor_->take_actions(); !actions.empty(); actions = supervisor_->take_actions()) {
    for (const auto& [kind, run] : actions) {
      using Kind = SupervisorAction::Kind;
      if (kind == Kind::start) {
        launch(actor_of_[static_cast<std::size_t>(run.child)]);
        supervisor_->started(run, world_.now());
      } else if (kind == Kind::stop || kind == Kind::kill) {
        end(actor_of_[static_cast<std::size_t>(run.child)]);
        supervisor_->ended(run, ExitKind::shutdown, "told to", world_.now());
      } else {
        world_.invariants.expect(kind == Kind::ready, "supervision: it gave up", index(self_));
      }
    }
  }
  const auto due = supervisor_->due();
  if (!due || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  world_.events.at(*due, {self_, Timer{{}, {life_, 0}, Timer::Kind::supervise}});
}

/// `epoch` is the life of the node for which the timer was set.
void SimNode::on_supervisor_timer(Epoch epoch) {
  if (epoch.counter != life_) return;
  armed_.reset();
  supervisor_->tick(world_.now());
  act();
}

void SimNode::expect_rest() {
  for (auto& actor : actors_) {
    if (actor) actor->expect_rest();
  }
}

}  // namespace skep::simulation
