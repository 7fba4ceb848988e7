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
#include "skep/actors/supervision_messages.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {

/// What a probe has got.
struct Seen {
  std::vector<RecordBatch> batches;
  std::vector<CreditGrant> grants;
  std::vector<Record> replies;
  std::vector<BeeFailed> failures;
  std::size_t foreign = 0;
  bool grants_at_once = true;

  [[nodiscard]] std::vector<int> numbers() const {
    std::vector<int> all;
    for (const auto& batch : batches) {
      for (const auto& record : batch.records) all.push_back(std::stoi(std::string(record.text())));
    }
    return all;
  }
  [[nodiscard]] std::size_t granted() const {
    std::size_t sum = 0;
    for (const auto& grant : grants) sum += grant.records;
    return sum;
  }
};

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
        [this](RecordBatch& batch) -> void {
          const CreditGrant grant{batch.generation, batch.edge, batch.receiver,
                                  static_cast<std::uint32_t>(batch.records.size())};
          if (seen_.grants_at_once) send(caf::actor_cast<caf::actor>(current_sender()), grant);
          seen_.batches.push_back(std::move(batch));
        },
        [this](const CreditGrant& grant) { seen_.grants.push_back(grant); },
        [this](const BeeFailed& failure) { seen_.failures.push_back(failure); },
        [this](const ReplyBatch& batch) {
          seen_.replies.insert(seen_.replies.end(), batch.records.begin(), batch.records.end());
        },
    };
  }

 private:
  Seen& seen_;
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
    table.edges.push_back({"bee.default -> sink", 0, edge, {sink_}});
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
  /// Puts a message of records into the mailbox.
  void put(std::vector<Record> records) { caf::send_as(source_, bee_, RecordBatch{7, 3, 2, std::move(records)}); }
  void give(std::vector<Record> records) {
    put(std::move(records));
    settle();
  }
  /// Gives credit back for a message that the sink got.
  void grant(std::uint32_t records) {
    caf::anon_send(bee_, CreditGrant{generation_, 0, 0, records});
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
  std::uint32_t generation_ = 0;
  std::uint32_t life_ = 1;
};

}  // namespace skep
