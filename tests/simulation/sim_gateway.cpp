#include "sim_gateway.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "skep/gateways/limits.hpp"

namespace skep::simulation {
namespace {

constexpr std::size_t unread_max = 8;

}  // namespace

SimGateway::SimGateway(World& world, Place self, const Table& table)
    : SimActor(world, self), inlet_(world, self), outlet_(world, self, table), sessions_(world.scenario.sessions) {
  for (auto& session : sessions_) session.number = clients_++;
  inlet_.apply(table);
  world.invariants.gateway_started(self.actor, self.epoch);
}

std::size_t SimGateway::open_count() const noexcept {
  std::size_t sum = 0;
  for (const auto& session : sessions_) sum += session.replies.open_count();
  return sum;
}

void SimGateway::request(std::uint32_t session) {
  auto& client = sessions_[session];
  const auto& scenario = world_.scenario;
  if (scenario.one_way) {
    if (unread_.size() < unread_max) unread_.push_back(session);  // else its socket is full: it does not send
  } else if (open_count() >= scenario.requests_max || outlet_.blocked()) {
    client.replies.refuse({errc::overloaded, "no room", true});
    world_.note(Trace::Mark::refused, index(self_.actor), session);
    deliver(session);
  } else {
    send(session);
    world_.invariants.expect(open_count() <= scenario.requests_max, "budgets: a gateway holds too much",
                             index(self_.actor), open_count());
  }
  go_on();
}

void SimGateway::send(std::uint32_t session) {
  const auto& scenario = world_.scenario;
  const auto key = static_cast<std::uint32_t>(world_.random.below(scenario.keys));
  const auto deadline = scenario.one_way ? no_deadline : world_.now() + limits::request_deadline;
  auto record = make(session, key, deadline);
  const auto number = number_of(record);
  world_.note(Trace::Mark::admitted, index(self_.actor), number, session, key);
  if (poisons_ != stages) world_.invariants.poisoned(number, std::exchange(poisons_, stages));
  if (probed_ != 0) probes_.push_back(number);
  if (!scenario.one_way) static_cast<void>(sessions_[session].replies.open(deadline));
  SimOutlet::Causes told;
  outlet_.push(1, std::move(record), Cause{}, told);
  world_.invariants.expect(outlet_.never_sent() <= scenario.window, "budgets: too much waits in a gateway",
                           index(self_.actor), outlet_.never_sent());
}

void SimGateway::poison(std::size_t stage) {
  const auto& scenario = world_.scenario;
  const bool out = stage == stage_sink && scenario.sinks_out;  // a gateway works on nothing
  // One, in few copies: each is some restarts, and those wait seconds for each other.
  const bool few = scenario.stage[stage].copies <= 3 && !std::exchange(poisoned_, true);
  if (scenario.deaths_max != 0 && !out && few) poisons_ = stage;
  request(0);
}

/// As long as the swarm keeps up.
void SimGateway::read() {
  while (!unread_.empty() && !outlet_.blocked()) {
    send(unread_.front());
    unread_.pop_front();
    if (outlet_.blocked()) outlet_.flush();  // there may be credit for what fills the window
  }
}

/// Nobody is there for them.
void SimGateway::answer_returned() {
  for (const auto& record : outlet_.take_returned()) {
    if (!world_.scenario.one_way) take_answer(record, Failure{errc::unavailable, "handed back", true});
  }
}

Record SimGateway::make(std::uint32_t session, std::uint32_t key, Time deadline) {
  auto& client = sessions_[session];
  const auto number = world_.invariants.admitted(self_.actor, self_.epoch, key);
  const auto name = "key-" + std::to_string(key);
  RecordHeader header;
  header.root = header.id = {self_.epoch.counter, number};
  header.key = name;
  header.deadline = deadline;
  header.origin = {index(self_.node), index(self_.actor), self_.epoch.counter, client.number,
                   world_.scenario.one_way ? 0 : client.replies.next_request()};
  auto bytes = world_.random.between(0, world_.scenario.bytes_max);
  if (world_.scenario.oversize && world_.random.chance(3)) {
    bytes = static_cast<std::uint32_t>(world_.scenario.oversize_bytes());
  }
  return Record(header, Payload::raw(std::string(bytes, 'x')));
}

void SimGateway::leave(std::uint32_t session) {
  sessions_[session] = {};
  sessions_[session].number = clients_++;
}

void SimGateway::receive(const EdgeForth& forth) {
  inlet_.receive(forth);
  while (!inlet_.empty()) {
    auto input = inlet_.accept();
    inlet_.done(input.session, input.sequence, 1);
    const bool taken = take_answer(input.record, input.record);
    world_.invariants.answer_came(input.record, taken);
  }
  go_on();
}

/// Whether it is the first one, and its client is there.
bool SimGateway::take_answer(const Record& request, Answer answer) {
  const auto origin = request.origin();
  if (origin.incarnation != self_.epoch.counter) return false;
  const auto found = std::ranges::find(sessions_, origin.session, &Session::number);
  if (found == sessions_.end()) return false;
  if (found->replies.answer(origin.request, std::move(answer)) != ReplySequencer::Accepted::yes) return false;
  deliver(static_cast<std::uint32_t>(found - sessions_.begin()));
  return true;
}

void SimGateway::deliver(std::uint32_t session) {
  auto& client = sessions_[session];
  while (const auto answer = client.replies.next()) expect_answer(session, *answer);
}

void SimGateway::expect_answer(std::uint32_t session, const Answer& answer) {
  auto& client = sessions_[session];
  ++client.answered;
  const auto* record = std::get_if<Record>(&answer);
  world_.note(Trace::Mark::answer, index(self_.actor), session, client.answered, record != nullptr);
  world_.invariants.answered(record != nullptr);
  if (record == nullptr) return;
  const auto& origin = record->origin();
  world_.invariants.expect(
      origin.request == client.answered && origin.session == client.number && origin.incarnation == self_.epoch.counter,
      "answers: not the answer to this request", index(self_.actor), origin.request, client.answered);
}

void SimGateway::on_ack(const EdgeBack& back) {
  SimOutlet::Causes done;
  outlet_.on_ack(back, done);
  go_on();
}

void SimGateway::apply(const Table& table) {
  SimOutlet::Causes done;
  outlet_.apply(table, done);
  inlet_.apply(table);
  go_on();
}

void SimGateway::on_timer(Timer::Kind kind) {
  if (kind == Timer::Kind::resend) {
    outlet_.on_timer();
    return go_on();
  }
  armed_.reset();
  const Failure late{errc::deadline_exceeded, "no answer in time", false};
  for (std::uint32_t i = 0; i < sessions_.size(); ++i) {
    static_cast<void>(sessions_[i].replies.expire(world_.now(), late));
    deliver(i);
  }
  arm();
}

void SimGateway::arm() {
  std::optional<Time> first;
  for (const auto& session : sessions_) {
    const auto deadline = session.replies.earliest_deadline();
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  if (!first || (armed_ && *armed_ <= *first)) return;
  armed_ = first;
  world_.timer(*first, self_, Timer::Kind::deadline);
}

void SimGateway::go_on() {
  answer_returned();
  outlet_.flush();
  read();
  outlet_.flush();
  inlet_.send_acks();
  arm();
}

void SimGateway::give_up() {
  outlet_.give_up();
  world_.invariants.gateway_ended(self_.actor);
}

void SimGateway::expect_rest() {
  inlet_.expect_rest();
  outlet_.expect_rest();
  world_.invariants.expect(unread_.empty(), "progress: a client waits", index(self_.actor), unread_.size());
  for (const auto& session : sessions_) {
    world_.invariants.expect(session.replies.places() == 0 && session.answered + 1 == session.replies.next_request(),
                             "answers: a request has none", index(self_.actor), session.number, session.answered);
  }
}

void SimGateway::probe(std::uint32_t session) {
  poisons_ = stages;
  ++probed_;
  request(session);
}

void SimGateway::expect_probes_answered() {
  auto& invariants = world_.invariants;
  if (probed_ == 0) return;
  const bool holds = world_.scenario.holder != stages;  // then there may be no room for it
  bool all = probes_.size() == probed_;
  for (const auto probe : probes_) {
    const auto& fate = invariants.fate(probe);
    const bool settled = world_.scenario.one_way ? invariants.is_settled(probe) : fate.answered;
    all = all && (settled || (holds && fate.excused != 0));
  }
  invariants.expect(all, "progress: with all healed, a request is not answered by a record", index(self_.actor),
                    probes_.size(), probed_);
}

}  // namespace skep::simulation
