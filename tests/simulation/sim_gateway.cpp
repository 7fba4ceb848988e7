#include "sim_gateway.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "skep/gateways/limits.hpp"

namespace skep::simulation {

SimGateway::SimGateway(World& world, Place self, const Table& table)
    : SimActor(world, self), inlet_(world, self), outlet_(world, self), sessions_(world.scenario.sessions) {
  const auto& first = world.scenario.stage[1];
  for (std::uint32_t i = 0; i < first.replicas; ++i) {
    const auto receiver = static_cast<ActorId>(first.first + i);
    outlet_.open(receiver, table.of(receiver));
  }
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
  const auto key = static_cast<std::uint32_t>(world_.random.below(scenario.keys));
  const auto& first = scenario.stage[1];
  const auto receiver =
      static_cast<ActorId>(first.first + receiver_of_slot(key_slot("key-" + std::to_string(key)), first.replicas));
  if (open_count() >= scenario.requests_max || outlet_.waiting(receiver) >= scenario.waiting_max) {
    client.replies.refuse({errc::overloaded, "no room", true});
    world_.note(Trace::Mark::refused, index(self_.actor), session);
    deliver(session);
    return;
  }
  const auto deadline = world_.now() + limits::request_deadline;
  auto record = make(session, key, deadline);
  world_.note(Trace::Mark::admitted, index(self_.actor), number_of(record), session, key);
  static_cast<void>(client.replies.open(deadline));
  outlet_.push(receiver, std::move(record), Cause{});
  world_.invariants.expect(open_count() <= scenario.requests_max && outlet_.waiting(receiver) <= scenario.waiting_max,
                           "budgets: a gateway holds too much", index(self_.actor), open_count());
  go_on();
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
                   client.replies.next_request()};
  auto bytes = world_.random.between(0, world_.scenario.bytes_max);
  if (world_.scenario.oversize && world_.random.chance(3)) {
    bytes = static_cast<std::uint32_t>(2 * world_.scenario.credit.budget.bytes);
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
    take_answer(std::move(input.record));
  }
  go_on();
}

void SimGateway::take_answer(Record record) {
  const auto origin = record.origin();
  if (origin.incarnation != self_.epoch.counter) return;
  const auto found = std::ranges::find(sessions_, origin.session, &Session::number);
  if (found == sessions_.end()) return;
  if (found->replies.answer(origin.request, std::move(record)) == ReplySequencer::Accepted::yes) {
    deliver(static_cast<std::uint32_t>(found - sessions_.begin()));
  }
}

void SimGateway::deliver(std::uint32_t session) {
  auto& client = sessions_[session];
  while (const auto answer = client.replies.next()) expect_answer(session, *answer);
}

void SimGateway::expect_answer(std::uint32_t session, const Answer& answer) {
  auto& client = sessions_[session];
  ++client.answered;
  const auto* record = std::get_if<Record>(&answer);
  client.record_last = record != nullptr;
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
  for (const auto& session : sessions_) {
    world_.invariants.expect(session.replies.places() == 0 && session.answered + 1 == session.replies.next_request(),
                             "answers: a request has none", index(self_.actor), session.number, session.answered);
  }
}

void SimGateway::probe() {
  for (std::uint32_t i = 0; i < sessions_.size(); ++i) {
    sessions_[i].record_last = false;
    request(i);
  }
}

void SimGateway::expect_probes_answered() {
  for (const auto& session : sessions_) {
    world_.invariants.expect(session.record_last, "progress: with all healed, a request is not answered by a record",
                             index(self_.actor), session.number);
  }
}

}  // namespace skep::simulation
