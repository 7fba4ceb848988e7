#pragma once
// The CAF actor that hosts one replica of a bee: its mailbox, its edges, its batches, its rebuilds.
//
// The user's object is rebuilt inside it after a failure: address, mailbox and sessions survive. Under at_least_once a
// record is done, and forgotten by its sender, when its call has returned and what it put out is done. Messages it
// takes: RoutingTable (request; starts it), RecordBatch, BatchAck, Drain, Cease and ReadCounters (requests), RestartBee
// and HaltBee (requests, from its supervisor). Others are counted and ignored. A failure that is no single record's it
// reports to its supervisor (BeeFailed), and keeps its queue until that decides; without one it stays as it is.
// Lifetime: until an exit message, or the end of its actor system.

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "skep/actors/batcher.hpp"
#include "skep/actors/bee_class.hpp"
#include "skep/actors/dead_letters.hpp"
#include "skep/actors/edge_messages.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/meter.hpp"
#include "skep/actors/supervisor.hpp"
#include "skep/actors/wall_clock.hpp"

namespace skep {

class BeeCalls;

enum class Execution : std::uint8_t {
  shared,     ///< on the node's scheduler
  dedicated,  ///< a thread of its own: blocks, or computes for long
};

struct BeeSettings {
  std::string name;  ///< of the bee in its swarm
  std::uint32_t replica = 0;
  BeeFactory factory;
  bool takes_batches = false;
  bool holds_records = false;
  HeldLimits held;
  BatchSettings batch;
  Execution execution = Execution::shared;
  std::uint64_t seed = 0;                     ///< of the bee's random numbers
  LogSink log;                                ///< may be empty
  caf::actor supervisor;                      ///< may be empty
  ChildRun run{};                             ///< its supervisor's name for this actor's first life
  Epoch epoch{};                              ///< of this placement: higher than that of an actor before it
  std::shared_ptr<DeadLetters> dead_letters;  ///< may be empty: then records that a throw cost are gone
  std::string swarm;                          ///< for whoever watches
  BeeCalls* calls = nullptr;                  ///< where its calls show; null: nobody watches. Outlives the actor
  std::optional<std::chrono::nanoseconds>
      callback_time_max;  ///< of one call of this bee; else as whoever watches has it
  std::chrono::nanoseconds inline_time_max =
      limits::inline_time_max;                 ///< of its slices, on average, to run inline (inline_runs.hpp); 0: never
  const DepartedSessions* departed = nullptr;  ///< clients that have left; null: all stay. Outlives the actor
  WallClock wall_clock{};
  BeeMeterPtr meter;                                    ///< may be empty: then nothing is measured
  Delivery delivery = Delivery::at_most_once;           ///< of what comes in; its edges have their own
  std::vector<PayloadType> output_types{};              ///< see BeeRunner::Settings
  std::shared_ptr<const PayloadTypes> payload_types{};  ///< of its swarm; may be empty
};

/// Spawns the actor; it does nothing until its RoutingTable comes.
[[nodiscard]] caf::actor spawn_bee(caf::actor_system& system, BeeSettings settings);

}  // namespace skep
