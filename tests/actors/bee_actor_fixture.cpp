#include "bee_actor_fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <utility>

#include "asker.hpp"

namespace skep {
namespace {

/// To a probe: it accepts so many of the records that it has got.
struct Accept {
  std::size_t records;
};

}  // namespace
}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Accept)

namespace skep {
namespace {

/// Stands for a neighbour of the bee. Classes, not functions: CAF makes a null reference for a function's state.
class Probe final : public caf::event_based_actor {
 public:
  Probe(caf::actor_config& config, Seen& seen) : caf::event_based_actor(config), seen_(seen) {
    set_default_handler([this](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
      ++seen_.foreign;
      return caf::message{};
    });
  }

 protected:
  caf::behavior make_behavior() override {
    return {
        [this](RecordBatch& batch) { take(std::move(batch)); },
        [this](const Accept& message) {
          accept(message.records);
          acknowledge();
        },
        [this](const BatchAck& message) { seen_.acks.push_back(message); },
        [this](const BeeFailed& failure) { seen_.failures.push_back(failure); },
        [this](ReplyBatch& message) { take_replies(std::move(message)); },
    };
  }

 private:
  void take_replies(ReplyBatch&& message) {
    if (!answers_) answers_.emplace(seen_.edges);
    const auto arrival = answers_->receive(std::move(message.batch), current_sender());
    const auto count = arrival.records.size();
    seen_.replies.insert(seen_.replies.end(), arrival.records.begin(), arrival.records.end());
    answers_->accepted(arrival, 0, count);
    if (seen_.is_done_at_once) answers_->done({arrival.session, arrival.first, count});
    for (const auto& [to, ack] : answers_->take_acks()) send(caf::actor_cast<caf::actor>(to), ack);
  }
  void take(RecordBatch&& batch) {
    if (!inputs_) inputs_.emplace(seen_.edges);
    auto arrival = inputs_->receive(std::move(batch), current_sender());
    const auto count = arrival.records.size();
    if (count != 0) seen_.batches.push_back(std::move(arrival));
    if (seen_.accepts_at_once) accept(count);
    acknowledge();
  }
  void accept(std::size_t count) {
    for (; count > 0; --count) {
      while (first_ == seen_.batches.at(batch_).records.size()) {
        ++batch_;
        first_ = 0;
      }
      const auto& arrival = seen_.batches[batch_];
      if (seen_.is_done_at_once) inputs_->done({arrival.session, arrival.first + first_, 1});
      inputs_->accepted(arrival, first_++, 1);
    }
  }
  void acknowledge() {
    for (const auto& [to, message] : inputs_->take_acks()) send(caf::actor_cast<caf::actor>(to), message);
  }
  void on_exit() override {
    inputs_.reset();
    answers_.reset();
  }

  Seen& seen_;
  std::optional<EdgeInputs> inputs_, answers_;
  std::size_t batch_ = 0, first_ = 0;  ///< what is accepted next
};

}  // namespace

struct BeeActorFixture::System {
  struct Config : caf::actor_system_config {
    Config() { set("scheduler.policy", caf::atom("testing")); }
  };

  [[nodiscard]] caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }

  Config config;
  caf::actor_system system{config};
};

BeeActorFixture::BeeActorFixture() : system_(std::make_unique<System>()) {}

BeeActorFixture::~BeeActorFixture() = default;

void BeeActorFixture::TearDown() {
  for (const auto& actor : actors_) shut_down(actor);
  settle();
}

caf::actor_system& BeeActorFixture::system() {
  return system_->system;
}

void BeeActorFixture::settle() {
  while (take_one()) continue;
}

bool BeeActorFixture::take_one() {
  return system_->scheduler().try_run_once();
}

void BeeActorFixture::advance(std::chrono::nanoseconds duration) {
  system_->scheduler().advance_time(duration);
  settle();
}

void BeeActorFixture::let_pass(std::chrono::nanoseconds duration) {
  system_->scheduler().clock().current_time += duration;
}

std::chrono::steady_clock::time_point BeeActorFixture::now() {
  return system_->scheduler().clock().now();
}

caf::actor BeeActorFixture::spawn_probe(Seen& seen) {
  auto probe = system().spawn<Probe>(std::ref(seen));
  actors_.push_back(probe);
  return probe;
}

BeeSettings BeeActorFixture::settings(bool takes_batches) {
  BeeSettings settings;
  settings.name = "bee";
  settings.factory = factory_of(script_);
  settings.takes_batches = takes_batches;
  settings.log = [this](LogLevel, std::string_view, std::string_view text) { log_.emplace_back(text); };
  return settings;
}

void BeeActorFixture::spawn(BeeSettings settings) {
  settings.supervisor = spawn_probe(at_supervisor_);
  settings.run = {ChildId{7}, 1};
  settings.dead_letters = dead_letters_;
  bee_ = spawn_bee(system(), std::move(settings));
  actors_.push_back(bee_);
  source_ = spawn_probe(from_source_);
  sink_ = spawn_probe(at_sink_);
  gateway_ = spawn_probe(at_gateway_);
  settle();
}

RoutingTable BeeActorFixture::table(OutEdgeSettings edge) {
  RoutingTable table;
  table.generation = ++generation_;
  table.edges.push_back({"bee.default -> sink", 0, edge, {sink_}, true});
  table.gateways.push_back({1, 1, gateway_});
  table.answers_reachable = true;
  return table;
}

void BeeActorFixture::run(BeeSettings settings, OutEdgeSettings edge) {
  spawn(std::move(settings));
  const auto answer = ask(table(edge));
  ASSERT_TRUE(answer->ok);
}

template <class Message>
std::shared_ptr<Answer> BeeActorFixture::ask(Message message) {
  auto answer = std::make_shared<Answer>();
  actors_.push_back(system().spawn<Asker<Message>>(bee_, std::move(message), answer));
  settle();
  return answer;
}

template std::shared_ptr<Answer> BeeActorFixture::ask(RoutingTable message);
template std::shared_ptr<Answer> BeeActorFixture::ask(Replay message);
template std::shared_ptr<Answer> BeeActorFixture::ask(HaltBee message);
template std::shared_ptr<Answer> BeeActorFixture::ask(RestartBee message);
template std::shared_ptr<Answer> BeeActorFixture::ask(Drain message);
template std::shared_ptr<Answer> BeeActorFixture::ask(Cease message);
template std::shared_ptr<Answer> BeeActorFixture::ask(ReadCounters message);
template std::shared_ptr<Answer> BeeActorFixture::ask(std::string message);  // which is none of its own

std::shared_ptr<Answer> BeeActorFixture::restart() {
  return ask(RestartBee{++life_});
}

BeeCounters BeeActorFixture::counters() {
  return ask(ReadCounters{})->counters;
}

Record BeeActorFixture::record(int number, Deadline deadline) {
  RecordHeader header;
  header.id = header.root = {1, static_cast<std::uint64_t>(number)};
  header.key = "session";
  header.deadline = deadline;
  header.origin = {1, 1, 1, 1, static_cast<std::uint64_t>(number)};
  return Record(header, Payload::json(std::to_string(number)));
}

std::vector<Record> BeeActorFixture::records(int first, int last) {
  std::vector<Record> all;
  for (int number = first; number <= last; ++number) all.push_back(record(number));
  return all;
}

void BeeActorFixture::put(std::vector<Record> records) {
  put(bee_, std::move(records));
}

void BeeActorFixture::put(const caf::actor& bee, std::vector<Record> records, Epoch placement, Stamp stamp) {
  EdgePacket packet{.receiver = placement, .first = sent_, .records = std::move(records), .prompt = true};
  for (const auto& record : packet.records) sent_ = sent_ + Quantity{1, record.size()};
  packet.bytes = (sent_ - packet.first).bytes;
  caf::send_as(source_, bee, RecordBatch{sender_key(9, 0, 3), 3, 2, std::move(packet), stamp});
}

void BeeActorFixture::put_batch(RecordBatch batch) {
  caf::send_as(source_, bee_, std::move(batch));
}

void BeeActorFixture::give(std::vector<Record> records) {
  put(std::move(records));
  settle();
}

void BeeActorFixture::accept(std::size_t records) {
  caf::anon_send(sink_, Accept{records});
  settle();
}

void BeeActorFixture::shut_down(const caf::actor& actor) {
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

void BeeActorFixture::kill(const caf::actor& actor) {
  caf::anon_send_exit(actor, caf::exit_reason::kill);
}

}  // namespace skep
