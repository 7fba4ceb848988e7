#pragma once
// One hosted bee between probes, on CAF's test coordinator: messages run one by one, time is virtual.

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scripted_bee.hpp"
#include "skep/actors/bee_actor.hpp"
#include "skep/actors/caf_error.hpp"
#include "skep/actors/edge_inputs.hpp"
#include "skep/actors/supervision_messages.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {

/// What a probe has got, and how it takes records.
struct Seen {
  InEdges::Settings edges{{}, Delivery::at_most_once, {{1u << 20, 1u << 30}, {1u << 19, 1u << 29}}, {}};
  std::vector<EdgeInputs::Arrival> batches;
  std::vector<BatchAck> acks;
  std::vector<Record> replies;
  std::vector<BeeFailed> failures;
  std::size_t foreign = 0;
  bool accepts_at_once = true;
  bool is_done_at_once = true;  ///< with what it accepts, and with answers

  /// The receiver gives no more credit than this.
  void limit_credit(std::uint64_t records) {
    accepts_at_once = false;
    edges.credit = {{records, 1u << 30}, {0, 0}};
  }
  [[nodiscard]] std::vector<int> numbers() const {
    std::vector<int> all;
    for (const auto& batch : batches) {
      for (const auto& record : batch.records) all.push_back(std::stoi(std::string(record.text())));
    }
    return all;
  }
  [[nodiscard]] std::uint64_t done() const { return acks.empty() ? 0 : acks.back().ack.done; }
  [[nodiscard]] std::uint64_t accepted() const { return acks.empty() ? 0 : acks.back().ack.released.records; }
};

/// To a probe: it accepts so many of the records that it has got.
struct Accept {
  std::size_t records;
};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Accept)

namespace skep {

/// What a request was answered with.
struct Answer {
  bool ok = false;
  std::optional<Error> error;
  BeeCounters counters;
};

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

/// Sends one request and notes the answer.
template <class Message>
class Asker final : public caf::event_based_actor {
 public:
  Asker(caf::actor_config& config, caf::actor bee, Message message, std::shared_ptr<Answer> answer)
      : caf::event_based_actor(config),
        bee_(std::move(bee)),
        message_(std::move(message)),
        answer_(std::move(answer)) {}

 protected:
  caf::behavior make_behavior() override {
    auto on_error = [this](caf::error& error) { answer_->error = from_caf_error(error); };
    if constexpr (std::is_same_v<Message, Drain> || std::is_same_v<Message, ReadCounters>) {
      request(bee_, caf::infinite, message_)
          .then(
              [this](const BeeCounters& counters) {
                *answer_ = {true, std::nullopt, counters};
              },
              on_error);
    } else {
      request(bee_, caf::infinite, message_).then([this] { answer_->ok = true; }, on_error);
    }
    return {};
  }

 private:
  caf::actor bee_;
  Message message_;
  std::shared_ptr<Answer> answer_;
};

class BeeActorFixture : public ::testing::Test {
 protected:
  struct Config : caf::actor_system_config {
    Config() { set("scheduler.policy", caf::atom("testing")); }
  };

  void TearDown() override {
    for (const auto& actor : actors_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    settle();
  }

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }
  void settle() {
    while (scheduler().try_run_once()) continue;
  }
  void advance(std::chrono::nanoseconds duration) {
    scheduler().advance_time(duration);
    settle();
  }
  std::chrono::steady_clock::time_point now() { return scheduler().clock().now(); }

  caf::actor spawn_probe(Seen& seen) {
    auto probe = system_.spawn<Probe>(std::ref(seen));
    actors_.push_back(probe);
    return probe;
  }

  BeeSettings settings(bool takes_batches = false) {
    BeeSettings settings;
    settings.name = "bee";
    settings.factory = factory_of(script_);
    settings.takes_batches = takes_batches;
    settings.log = [this](LogLevel, std::string_view, std::string_view text) { log_.emplace_back(text); };
    return settings;
  }
  void spawn(BeeSettings settings) {
    settings.supervisor = spawn_probe(at_supervisor_);
    settings.run = {ChildId{7}, 1};
    settings.dead_letters = dead_letters_;
    bee_ = spawn_bee(system_, std::move(settings));
    actors_.push_back(bee_);
    source_ = spawn_probe(from_source_);
    sink_ = spawn_probe(at_sink_);
    gateway_ = spawn_probe(at_gateway_);
    settle();
  }
  RoutingTable table(OutEdgeSettings edge = {}) {
    RoutingTable table;
    table.generation = ++generation_;
    table.edges.push_back({"bee.default -> sink", 0, edge, {sink_}, true});
    table.gateways.push_back({1, 1, gateway_});
    table.answers_reachable = true;
    return table;
  }
  /// Spawned, routed and running.
  void run(BeeSettings settings, OutEdgeSettings edge = {}) {
    spawn(std::move(settings));
    const auto answer = ask(table(edge));
    ASSERT_TRUE(answer->ok);
  }

  /// Sends a request; the answer shows once it has come.
  template <class Message>
  std::shared_ptr<Answer> ask(Message message) {
    auto answer = std::make_shared<Answer>();
    actors_.push_back(system_.spawn<Asker<Message>>(bee_, std::move(message), answer));
    settle();
    return answer;
  }
  /// As its supervisor would.
  std::shared_ptr<Answer> restart() { return ask(RestartBee{++life_}); }
  BeeCounters counters() { return ask(ReadCounters{})->counters; }

  static Record record(int number, Deadline deadline = no_deadline) {
    RecordHeader header;
    header.id = header.root = {1, static_cast<std::uint64_t>(number)};
    header.key = "session";
    header.deadline = deadline;
    header.origin = {1, 1, 1, 1, static_cast<std::uint64_t>(number)};
    return Record(header, Payload::json(std::to_string(number)));
  }
  static std::vector<Record> records(int first, int last) {
    std::vector<Record> all;
    for (int number = first; number <= last; ++number) all.push_back(record(number));
    return all;
  }
  /// Puts a message of records into the mailbox, of a session that wants prompt acknowledgements.
  void put(std::vector<Record> records) { put(bee_, std::move(records)); }
  void put(const caf::actor& bee, std::vector<Record> records, Epoch placement = {}, Stamp stamp = {}) {
    EdgePacket packet{.receiver = placement, .first = sent_, .records = std::move(records), .prompt = true};
    for (const auto& record : packet.records) sent_ = sent_ + Quantity{1, record.size()};
    packet.bytes = (sent_ - packet.first).bytes;
    caf::send_as(source_, bee, RecordBatch{sender_key(9, 0, 3), 3, 2, std::move(packet), stamp});
  }
  void give(std::vector<Record> records) {
    put(std::move(records));
    settle();
  }
  /// The sink accepts records that it has got.
  void accept(std::size_t records) {
    caf::anon_send(sink_, Accept{records});
    settle();
  }

  Script script_;
  Seen from_source_, at_sink_, at_gateway_, at_supervisor_;
  std::shared_ptr<DeadLetters> dead_letters_ = std::make_shared<DeadLetters>();
  std::vector<std::string> log_;
  Config config_;
  caf::actor_system system_{config_};
  std::vector<caf::actor> actors_;
  caf::actor bee_, source_, sink_, gateway_;
  Quantity sent_;  ///< by the source
  std::uint32_t generation_ = 0;
  std::uint32_t life_ = 1;
};

}  // namespace skep
