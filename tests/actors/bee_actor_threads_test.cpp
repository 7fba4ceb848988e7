// Bees on CAF's real scheduler: what virtual time cannot show.

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <future>
#include <thread>

#include "scripted_bee.hpp"
#include "skep/actors/bee_actor.hpp"
#include "skep/actors/edge_inputs.hpp"

namespace skep {
namespace bee_actor_threads_test {

using namespace std::chrono_literals;

/// Counts records that come in order; tells when there are `total`.
class CountingSink final : public caf::event_based_actor {
 public:
  CountingSink(caf::actor_config& config, std::uint64_t total, std::promise<void>& all)
      : caf::event_based_actor(config), total_(total), all_(all) {}

 protected:
  caf::behavior make_behavior() override {
    return {[this](RecordBatch& batch) -> void {
      const auto arrival = inputs_.receive(std::move(batch), current_sender());
      inputs_.accepted(arrival, 0, arrival.records.size());
      for (const auto& [to, message] : inputs_.take_acks()) send(caf::actor_cast<caf::actor>(to), message);
      for (const auto& record : arrival.records) {
        EXPECT_EQ(record.id().low, seen_);
        if (++seen_ == total_) all_.set_value();
      }
    }};
  }

  void on_exit() override { inputs_.close(); }

 private:
  EdgeInputs inputs_{InEdges::Settings{}};
  std::uint64_t total_;
  std::uint64_t seen_ = 0;
  std::promise<void>& all_;
};

class BeeActorThreadsTest : public ::testing::Test {
 protected:
  struct Config : caf::actor_system_config {
    Config() { set("scheduler.max-threads", 3); }
  };

  void TearDown() override {
    for (const auto& actor : actors_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  caf::actor spawn_hop(Script& script, caf::actor next, Execution execution = Execution::shared) {
    BeeSettings settings;
    settings.name = "hop";
    settings.factory = factory_of(script);
    settings.execution = execution;
    auto hop = spawn_bee(system_, std::move(settings));
    actors_.push_back(hop);
    RoutingTable table;
    table.generation = 1;
    table.edges.push_back({"hop -> next", 0, {.window = 64}, {std::move(next)}});
    caf::scoped_actor self{system_};
    self->request(hop, 10s, std::move(table)).receive([] {}, [](caf::error&) { ADD_FAILURE() << "did not start"; });
    return hop;
  }

  caf::actor spawn_sink(std::uint64_t total, std::promise<void>& all) {
    auto sink = system_.spawn<CountingSink>(total, std::ref(all));
    actors_.push_back(sink);
    return sink;
  }

  static Record record(std::uint64_t number) {
    RecordHeader header;
    header.id.low = number;
    return Record(header, Payload::raw("x"));
  }

  Config config_;
  caf::actor_system system_{config_};
  std::vector<caf::actor> actors_;
};

TEST_F(BeeActorThreadsTest, NothingIsLostOrStuckThroughThreeBeesWithSmallWindows) {
  constexpr std::uint64_t total = 30'000;
  std::promise<void> all;
  Script first, second, third;
  const auto entry = spawn_hop(first, spawn_hop(second, spawn_hop(third, spawn_sink(total, all))));
  for (std::uint64_t number = 0; number < total;) {
    RecordBatch batch;
    auto& records = batch.packet.records;
    for (std::uint64_t count = number % 7; records.size() <= count && number < total;) {
      records.push_back(record(number++));
    }
    caf::anon_send(entry, std::move(batch));
  }
  ASSERT_EQ(all.get_future().wait_for(60s), std::future_status::ready);
}

TEST_F(BeeActorThreadsTest, ADedicatedBeeHasAThreadOfItsOwn) {
  std::promise<void> all, release;
  std::promise<std::thread::id> thread;
  Script blocking, passing;
  blocking.on_record = [&, future = release.get_future().share()](Record record, Outbox& out) {
    thread.set_value(std::this_thread::get_id());
    future.wait();
    out.emit(std::move(record));
  };
  std::promise<std::thread::id> other;
  passing.on_record = [&](Record, Outbox&) { other.set_value(std::this_thread::get_id()); };
  const auto sink = spawn_sink(1, all);
  const auto dedicated = spawn_hop(blocking, sink, Execution::dedicated);
  const auto shared = spawn_hop(passing, sink);
  caf::anon_send(dedicated, RecordBatch{{}, 0, 0, {.records = {record(0)}}});
  caf::anon_send(shared, RecordBatch{{}, 0, 0, {.records = {record(0)}}});
  EXPECT_NE(thread.get_future().get(), other.get_future().get());
  release.set_value();
  ASSERT_EQ(all.get_future().wait_for(60s), std::future_status::ready);
}

}  // namespace bee_actor_threads_test
}  // namespace skep
