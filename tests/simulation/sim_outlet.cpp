#include "sim_outlet.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace skep::simulation {

SimOutlet::SimOutlet(World& world, Place self, const Table& table) : world_(world), self_(self) {
  const auto& scenario = world.scenario;
  const auto here = scenario.stage_of(self.actor);
  for (std::size_t stage = 1; stage < stages; ++stage) {
    if (stage_before[stage] == here && scenario.stage[stage].replicas != 0) open_edge(stage, table);
  }
  for (std::uint32_t i = 0; i < scenario.stage[0].replicas; ++i) {
    const auto gateway = static_cast<ActorId>(i);
    if (!scenario.sends(self.actor, gateway) || table.of(gateway).gone) continue;
    const EdgeSender::Settings settings{
        .delivery = scenario.delivery, .window = scenario.window, .credit = false, .faults = scenario.faults};
    replies_.push_back({make_lane(gateway, table), EdgeSender(settings, self.epoch, table.of(gateway).epoch)});
  }
}

SimOutlet::Lane SimOutlet::make_lane(ActorId receiver, const Table& table) {
  const auto& placement = table.of(receiver);
  return {receiver, placement, &world_.invariants.log(self_.actor, self_.epoch, receiver, placement.epoch), {}};
}

void SimOutlet::open_edge(std::size_t stage, const Table& table) {
  const auto& scenario = world_.scenario;
  const auto& [first, replicas, route, overflow, copies, key_order] = scenario.stage[stage];
  const OutEdgeSettings settings{
      .route = route,
      .overflow = overflow,
      .window = scenario.window,
      .delivery = scenario.delivery,
      .deaths_max = scenario.is_pinned(static_cast<ActorId>(first)) ? 0 : scenario.deaths_max,
      .faults = scenario.faults};
  edges_.push_back({stage, OutEdge(settings, self_.epoch, world_.random.next()), {}});
  auto& edge = edges_.back();
  for (std::uint32_t i = 0; i < replicas; ++i) edge.lanes.push_back(make_lane(static_cast<ActorId>(first + i), table));
  rewire(edge, table);
}

SimOutlet::Edge& SimOutlet::edge(std::size_t stage) {
  const auto found = std::ranges::find(edges_, stage, &Edge::stage);
  assert(found != edges_.end());
  return *found;
}

std::size_t SimOutlet::copies(std::size_t stage) const {
  const auto found = std::ranges::find(edges_, stage, &Edge::stage);
  return found == edges_.end() ? 0 : found->out.copies();
}

// Records in.

void SimOutlet::push(std::size_t stage, Record record, Cause cause, Causes& told) {
  auto& to = edge(stage);
  before_.clear();
  for (std::uint32_t i = 0; i < to.lanes.size(); ++i) before_.push_back(to.out.waiting(i));
  to.out.push(record, returned_, cause);
  expect_routed(to, {record, cause}, before_);
  told_of_returned(told);
  expect_counts(to);
}

bool SimOutlet::is_target(const Edge& edge, std::size_t lane, const Record& record) const {
  if (edge.lanes[lane].placement.gone) return false;
  return stage_of(edge).route != Route::key || receiver_of_slot(key_slot(record.key()), edge.lanes.size()) == lane;
}

/// Where it has gone is seen by what waits; what did not go where it should was handed back.
void SimOutlet::expect_routed(Edge& edge, const EdgeSender::Undone& pushed, const std::vector<std::size_t>& before) {
  auto& invariants = world_.invariants;
  const auto& [record, cause] = pushed;
  const auto number = number_of(record);
  bool any = false;
  for (std::size_t i = 0; i < edge.lanes.size(); ++i) any = any || is_target(edge, i, record);
  if (!any) {
    take_unavailable(edge, number, cause);
  } else if (stage_of(edge).route == Route::any) {
    expect_any(edge, number, before);
  }
  for (std::uint32_t i = 0; i < edge.lanes.size(); ++i) {
    const auto grown = edge.out.waiting(i) - before[i];
    const bool target = is_target(edge, i, record);
    invariants.expect(grown == 0 || (grown == 1 && target), "routes: a record went where it should not", number, i);
    if (grown == 1) edge.lanes[i].give(number, cause), invariants.given(1);
    if (grown == 0 && target && stage_of(edge).route != Route::any) expect_dropped(edge, i, number, before[i]);
  }
}

/// To exactly one of those that are there.
void SimOutlet::expect_any(Edge& edge, RecordNumber number, const std::vector<std::size_t>& before) {
  std::size_t grown = 0, dropper = edge.lanes.size();
  for (std::uint32_t i = 0; i < edge.lanes.size(); ++i) {
    const auto& lane = edge.lanes[i];
    if (edge.out.waiting(i) != before[i]) ++grown;
    if (lane.placement.gone || before[i] < world_.scenario.window || explained_ == returned_.size()) continue;
    const bool newest = stage_of(edge).overflow == Overflow::drop_newest;
    if (newest || lane.log->given[lane.sent] == number_of(returned_[explained_].record)) dropper = i;
  }
  if (grown == 0 && dropper != edge.lanes.size()) {
    expect_dropped(edge, dropper, number, before[dropper]);
    ++grown;
  }
  world_.invariants.expect(grown == 1, "routes: a record did not go to one replica", number, grown);
}

/// The lane had no room: what has waited longest, or this record, was handed back.
void SimOutlet::expect_dropped(Edge& edge, std::size_t at, RecordNumber number, std::size_t before) {
  auto& invariants = world_.invariants;
  auto& lane = edge.lanes[at];
  auto& given = lane.log->given;
  const auto overflow = stage_of(edge).overflow;
  const bool told = explained_ < returned_.size() && returned_[explained_].why == errc::dropped;
  invariants.expect(told && overflow != Overflow::block, "drops: a record is gone, and nobody was told", number);
  invariants.expect(before >= world_.scenario.window, "drops: there was room", number, before);
  auto dropped = number;
  if (overflow == Overflow::drop_oldest) {
    given.push_back(number);
    dropped = given[lane.sent];
    given.erase(given.begin() + static_cast<std::ptrdiff_t>(lane.sent));
  }
  if (told) {
    const auto back = number_of(returned_[explained_++].record);
    invariants.expect(back == dropped, "drops: another record was handed back", back, dropped);
  }
  invariants.dropped(lane.receiver, dropped);
  world_.note(Trace::Mark::overflow, index(self_.actor), index(lane.receiver), dropped, number);
}

void SimOutlet::take_unavailable(Edge& edge, RecordNumber number, Cause cause) {
  const bool told = explained_ < returned_.size() && returned_[explained_].why == errc::unavailable &&
                    number_of(returned_[explained_].record) == number;
  world_.invariants.expect(told, "drops: nobody is there, and it was not handed back", number);
  if (!told) return;
  world_.invariants.expect(returned_[explained_].cause == cause, "causes: another one is told than was given",
                           index(self_.actor), number);
  ++explained_;
  world_.invariants.handed_back(self_.actor, number);
  if (stage_of(edge).route != Route::all) world_.invariants.excused(self_.actor, number);
}

void SimOutlet::told_of_returned(Causes& told) {
  world_.invariants.expect(explained_ == returned_.size(), "drops: a record was handed back without need",
                           index(self_.actor), returned_.size());
  explained_ = 0;
  for (auto& each : returned_) {
    told.push_back(each.cause);
    if (each.why != errc::dropped) unavailable_.push_back(std::move(each.record));
  }
  returned_.clear();
}

/// What was given is what was sent, and what waits.
void SimOutlet::expect_counts(const Edge& edge) {
  auto& invariants = world_.invariants;
  const auto& [first, replicas, route, overflow, copies, key_order] = stage_of(edge);
  const auto window = world_.scenario.window;
  bool full = false;
  for (std::uint32_t i = 0; i < edge.lanes.size(); ++i) {
    const auto& lane = edge.lanes[i];
    const auto waiting = edge.out.waiting(i);
    if (lane.placement.gone) continue;
    invariants.expect(lane.log->given.size() - lane.sent == waiting, "drops: what waits is not what was given",
                      index(self_.actor), lane.log->given.size() - lane.sent, waiting);
    full = full || waiting >= window;
    if (overflow == Overflow::block) continue;
    const auto most = window + world_.scenario.credit.budget.records;
    invariants.expect(waiting <= most, "budgets: more waits than the window and the credit", index(self_.actor),
                      waiting, most);
  }
  invariants.expect(edge.out.blocked() == (full && overflow == Overflow::block), "drops: blocked, or not, without need",
                    index(self_.actor), index(edge.lanes[0].receiver), full);
}

bool SimOutlet::answers(ActorId gateway) const {
  return std::ranges::any_of(replies_, [&](const Reply& reply) { return reply.lane.receiver == gateway; });
}

void SimOutlet::answer(ActorId gateway, Record record, Cause cause) {
  const auto to = std::ranges::find_if(replies_, [&](const Reply& reply) { return reply.lane.receiver == gateway; });
  to->lane.give(number_of(record), cause);
  to->sender.push(std::move(record), cause);
}

// Packets out, acknowledgements in.

void SimOutlet::flush() {
  for (auto& edge : edges_) {
    edge.out.flush(world_.now(),
                   [&](std::uint32_t replica, EdgePacket&& packet) { send(edge.lanes[replica], std::move(packet)); });
    expect_counts(edge);
  }
  for (auto& [lane, sender] : replies_) {
    while (auto packet = sender.take(world_.now())) send(lane, std::move(*packet));
  }
  arm();
}

void SimOutlet::send(Lane& lane, EdgePacket&& packet) {
  auto& invariants = world_.invariants;
  invariants.expect(!lane.placement.gone, "routes: sent to one that has ended for good", index(lane.receiver));
  lane.sent = std::max(lane.sent, packet.first.records + packet.records.size());
  lane.sent_ever = std::max(lane.sent_ever, lane.sent);
  if (keeps()) {
    invariants.expect(lane.sent - lane.done <= world_.scenario.window,
                      "budgets: more is sent and not done than the window", index(self_.actor), lane.sent - lane.done);
  }
  world_.network.send(self_.node, lane.placement.node,
                      EdgeForth{self_.actor, lane.receiver, self_.node, std::move(packet)});
}

void SimOutlet::on_ack(const EdgeBack& back, Causes& told) {
  const auto before = told.size();
  for (auto& reply : replies_) {
    if (reply.lane.receiver != back.from) continue;
    reply.sender.on_ack(back.ack, world_.now(), told);
    take_told(reply.lane, told, before);
  }
  for (auto& edge : edges_) {
    const auto first = stage_of(edge).first;
    const auto replica = index(back.from) - first;
    if (index(back.from) < first || replica >= edge.lanes.size()) continue;
    edge.out.on_ack(replica, back.ack, world_.now(), told);
    take_told(edge.lanes[replica], told, before);
  }
}

/// Records are done in the order in which they were given.
void SimOutlet::take_told(Lane& lane, const Causes& told, std::size_t before) {
  if (before != told.size()) lane.alone = 0;
  for (auto i = before; i < told.size(); ++i, ++lane.done) {
    world_.invariants.expect(lane.done < lane.causes.size() && told[i] == lane.causes[lane.done],
                             "causes: another one is told than was given", index(self_.actor), lane.done);
  }
}

// Receivers that are placed anew, or end.

void SimOutlet::apply(const Table& table, Causes& told) {
  for (auto& edge : edges_) {
    rewire(edge, table);
    told_of_returned(told);
  }
  for (auto& reply : replies_) rewire(reply, table.of(reply.lane.receiver), told);
  std::erase_if(replies_, [](const Reply& reply) { return reply.lane.placement.gone; });
}

void SimOutlet::rewire(Edge& edge, const Table& table) {
  std::vector<OutEdge::Placement> placements;
  for (const auto& lane : edge.lanes) {
    const auto& placement = table.of(lane.receiver);
    placements.push_back(placement.gone ? std::nullopt : OutEdge::Placement(placement.epoch));
  }
  const auto in_flight = edge.out.in_flight(), lost = edge.out.lost();
  edge.out.rewire(placements, returned_);
  lost_ = 0;
  for (std::size_t i = 0; i < edge.lanes.size(); ++i) note_change(edge, i, table.of(edge.lanes[i].receiver));
  if (!keeps()) {
    const auto counted = edge.out.lost() - lost;
    world_.invariants.expect(counted + edge.out.in_flight() == in_flight && lost_ <= counted,
                             "no loss: what was on its way is counted", index(self_.actor), counted, lost_);
  }
  expect_counts(edge);
}

void SimOutlet::note_change(Edge& edge, std::size_t at, const Placement& placement) {
  auto& lane = edge.lanes[at];
  if (lane.placement.gone || (!placement.gone && placement.epoch == lane.placement.epoch)) return;
  if (placement.gone) {
    lane.placement.gone = true;
    note_gone(edge, lane);
    return;
  }
  if (keeps()) {
    const auto stage = edge.stage;
    for (auto i = lane.done; i < lane.sent; ++i) world_.invariants.replayed(stage, lane.log->given[i]);
    if (lane.sent - lane.done == 1) ++lane.alone;
  }
  note_reopened(lane, placement);
  take_dangerous(lane, at);
}

/// The first one that was sent and not done may be taken out.
void SimOutlet::take_dangerous(Lane& lane, std::size_t at) {
  if (explained_ == returned_.size()) return;
  const auto& [record, why, cause, receiver] = returned_[explained_];
  if (why != errc::bee_failed || receiver != at) return;
  ++explained_;
  const bool same = lane.done < lane.log->given.size() && lane.log->given[lane.done] == number_of(record) &&
                    lane.causes[lane.done] == cause;
  world_.invariants.expect(same, "blame: another record was taken out", index(self_.actor), number_of(record));
  if (!same) return;
  world_.invariants.expect(lane.alone >= world_.scenario.deaths_max, "blame: a record was not alone so often",
                           index(self_.actor), number_of(record), lane.alone);
  lane.alone = 0;
  lane.log->take_out(lane.done);
  lane.causes.erase(lane.causes.begin() + static_cast<std::ptrdiff_t>(lane.done));
  --lane.sent_ever;
  world_.note(Trace::Mark::blamed, index(self_.actor), index(lane.receiver), number_of(record));
  world_.invariants.blamed(lane.receiver, number_of(record));
}

void SimOutlet::note_reopened(Lane& lane, const Placement& placement) {
  world_.note(Trace::Mark::reopened, index(self_.actor), index(lane.receiver), placement.epoch.counter, lane.done);
  if (keeps()) {
    lane.sent = lane.done;
  } else {
    lost_ += lose(lane, lane.sent);
    lane.base = lane.sent;
  }
  lane.placement = placement;
  auto& log = world_.invariants.log(self_.actor, self_.epoch, lane.receiver, placement.epoch);
  log.given = lane.log->given;
  lane.log = &log;
}

/// What waited, and what is kept, is handed back in its order.
void SimOutlet::note_gone(Edge& edge, Lane& lane) {
  world_.note(Trace::Mark::gone, index(self_.actor), index(lane.receiver), lane.sent, lane.log->given.size());
  auto& given = lane.log->given;
  if (!keeps()) lost_ += lose(lane, lane.sent);
  const auto begin = keeps() ? lane.done : lane.sent;
  world_.invariants.given(-static_cast<std::int64_t>(given.size() - begin));
  for (auto i = begin; i < given.size(); ++i) take_unavailable(edge, given[i], keeps() ? lane.causes[i] : Cause{});
}

void SimOutlet::rewire(Reply& reply, const Placement& placement, Causes& told) {
  auto& [lane, sender] = reply;
  if (placement.gone) {
    lane.placement.gone = true;
    const auto before = told.size();
    sender.abandon(told);
    if (keeps()) take_told(lane, told, before);
  } else if (placement.epoch > sender.receiver()) {
    const auto unreleased = sender.unreleased(), lost = sender.lost();
    sender.reopen(placement.epoch);
    lost_ = 0;
    if (keeps()) {
      for (auto i = lane.done; i < lane.sent; ++i) world_.invariants.replayed(0, lane.log->given[i]);
      return note_reopened(lane, placement);
    }
    note_reopened(lane, placement);
    const auto counted = sender.lost() - lost;
    world_.invariants.expect(counted == unreleased && lost_ <= counted, "no loss: what was on its way is counted",
                             index(self_.actor), counted, unreleased);
  }
}

/// Under at_most_once: what was given to the session up to `end` and not accepted. Returns how many.
std::uint64_t SimOutlet::lose(const Lane& lane, std::uint64_t end) {
  std::uint64_t count = 0;
  for (auto i = lane.base; i < end; ++i) {
    if (lane.log->is_released(i)) continue;
    ++count;
    // An answer that is lost is its client's deadline, not a lost record.
    if (!world_.scenario.is_gateway(lane.receiver)) world_.invariants.lost(lane.receiver, lane.log->given[i]);
  }
  return count;
}

void SimOutlet::give_up() {
  if (keeps()) return;
  for (const auto& edge : edges_) {
    for (const auto& lane : edge.lanes) {
      if (!lane.placement.gone) static_cast<void>(lose(lane, lane.log->given.size()));
    }
  }
}

// Time.

void SimOutlet::on_timer() {
  if (armed_ && *armed_ <= world_.now()) armed_.reset();  // else: a later one was replaced by an earlier one
  for (auto& edge : edges_) edge.out.tick(world_.now());
  for (auto& [lane, sender] : replies_) {
    if (sender.due() && *sender.due() <= world_.now()) sender.tick(world_.now());
  }
}

void SimOutlet::arm() {
  std::optional<Time> first;
  const auto consider = [&](std::optional<Time> due) {
    if (due && (!first || *due < *first)) first = due;
  };
  for (const auto& edge : edges_) consider(edge.out.due());
  for (const auto& reply : replies_) consider(reply.sender.due());
  if (!first || (armed_ && *armed_ <= *first)) return;
  armed_ = first;
  world_.timer(*first, self_, Timer::Kind::resend);
}

bool SimOutlet::blocked() const {
  return std::ranges::any_of(edges_, [](const Edge& edge) { return edge.out.blocked(); });
}

std::size_t SimOutlet::never_sent() const noexcept {
  std::size_t most = 0;
  for (const auto& edge : edges_) {
    if (stage_of(edge).overflow != Overflow::block) continue;
    for (const auto& lane : edge.lanes) {
      if (!lane.placement.gone) most = std::max(most, lane.log->given.size() - lane.sent_ever);
    }
  }
  return most;
}

void SimOutlet::expect_rest() {
  auto& invariants = world_.invariants;
  for (const auto& edge : edges_) {
    invariants.expect(edge.out.idle(), "progress: an edge is not at rest", index(self_.actor), edge.stage,
                      edge.out.waiting());
  }
  for (const auto& [lane, sender] : replies_) {
    invariants.expect(sender.idle(), "progress: a sender is not at rest", index(self_.actor), index(lane.receiver),
                      sender.waiting());
    invariants.expect(lane.sent == lane.log->given.size(), "progress: not all was sent", index(self_.actor),
                      index(lane.receiver), lane.log->given.size() - lane.sent);
  }
}

}  // namespace skep::simulation
