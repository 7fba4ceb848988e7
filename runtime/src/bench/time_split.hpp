#pragma once
// Where the time of requests goes inside a swarm, from what its bees and gateways measure of themselves: readings
// before and after. Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "skep/runtime/lint.hpp"
#include "skep/runtime/metrics.hpp"

namespace skep::bench {

/// Of one request, on the average. What was not measured is not there.
struct TimeSplit {
  using Duration = std::chrono::nanoseconds;

  struct Bee {
    std::string name;
    std::uint64_t records = 0;
    Duration queue{};          ///< of a record: from sent until it is taken up
    Duration slice{};          ///< of work on what was taken up at once
    double slice_records = 0;  ///< that it was
  };

  std::uint64_t requests = 0;       ///< that the swarm answered
  std::optional<Duration> outside;  ///< sockets, the kernel, whoever sends: what the gateway does not see
  std::optional<Duration> gateway;  ///< the gateway itself, credit, changes of threads
  std::optional<Duration> queue;    ///< in front of bees
  std::optional<Duration> fill;     ///< while batches filled, as bees ask for; only where one does
  std::optional<Duration> compute;  ///< bees at work on what it was taken up with
  std::vector<Bee> bees;            ///< that were given anything, in the order of the file
};

/// The way of a gateway's requests to their answers.
struct AnswerPath {
  std::string gateway;
  std::vector<std::string> bees;  ///< by which they may go, in the order of the file
};

[[nodiscard]] AnswerPath answer_path(const SwarmPlan& plan, const std::string& gateway);

struct Readings {
  SwarmMetrics before, after;
};

/// `latency`: the mean at the client; nothing: not all of its requests were answered. Nothing where nothing was
/// measured or answered.
[[nodiscard]] std::optional<TimeSplit> split_time(const Readings& readings, const AnswerPath& path,
                                                  std::optional<TimeSplit::Duration> latency);

}  // namespace skep::bench
