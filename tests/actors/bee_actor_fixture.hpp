#pragma once
// One hosted bee between probes, on CAF's test coordinator: messages run one by one, time is virtual.

#include <gtest/gtest.h>
#include <caf/actor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scripted_bee.hpp"
#include "skep/actors/bee_actor.hpp"
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

/// What a request was answered with.
struct Answer {
  bool ok = false;
  std::optional<Error> error;
  BeeCounters counters;
};

class BeeActorFixture : public ::testing::Test {
 protected:
  BeeActorFixture();
  ~BeeActorFixture() override;
  void TearDown() override;

  [[nodiscard]] caf::actor_system& system();
  void settle();
  /// One message is taken, if there is any.
  bool take_one();
  void advance(std::chrono::nanoseconds duration);
  /// Time that nobody notices, as while a bee works.
  void let_pass(std::chrono::nanoseconds duration);
  [[nodiscard]] std::chrono::steady_clock::time_point now();

  caf::actor spawn_probe(Seen& seen);
  BeeSettings settings(bool takes_batches = false);
  void spawn(BeeSettings settings);
  RoutingTable table(OutEdgeSettings edge = {});
  /// Spawned, routed and running.
  void run(BeeSettings settings, OutEdgeSettings edge = {});

  /// Sends the bee a request; the answer shows once it has come. Of those that a bee has: see bee_actor_fixture.cpp.
  template <class Message>
  std::shared_ptr<Answer> ask(Message message);
  /// As its supervisor would.
  std::shared_ptr<Answer> restart();
  BeeCounters counters();

  static Record record(int number, Deadline deadline = no_deadline);
  static std::vector<Record> records(int first, int last);
  /// Puts a message of records into the mailbox, of a session that wants prompt acknowledgements.
  void put(std::vector<Record> records);
  void put(const caf::actor& bee, std::vector<Record> records, Epoch placement = {}, Stamp stamp = {});
  /// As it stands, from the source.
  void put_batch(RecordBatch batch);
  void give(std::vector<Record> records);
  /// The sink accepts records that it has got.
  void accept(std::size_t records);
  /// Tells it, as what follows does; `settle` lets it act.
  void shut_down(const caf::actor& actor);
  void kill(const caf::actor& actor);

 private:
  struct System;

 protected:
  Script script_;
  Seen from_source_, at_sink_, at_gateway_, at_supervisor_;
  std::shared_ptr<DeadLetters> dead_letters_ = std::make_shared<DeadLetters>();
  std::vector<std::string> log_;
  std::unique_ptr<System> system_;
  std::vector<caf::actor> actors_;
  caf::actor bee_, source_, sink_, gateway_;
  Quantity sent_;  ///< by the source
  std::uint32_t generation_ = 0;
  std::uint32_t life_ = 1;
};

}  // namespace skep
