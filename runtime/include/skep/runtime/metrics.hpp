#pragma once
// What a process, its swarms, bees, edges and gateways have done, as values, and their text for Prometheus.
//
// Replicas of a bee are summed, also over those that were replaced: counters never fall while a swarm runs. What an
// actor that was given up still does after that is not counted. docs/OPERATING.md has the table of names.

#include <cstdint>
#include <string>
#include <vector>

#include "skep/actors/dead_letters.hpp"
#include "skep/actors/meter.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep {

/// Whether a swarm's bees and gateways are measured.
enum class Measure : std::uint8_t { no, yes };

struct BeeMetrics {
  std::string bee;
  std::uint32_t replicas = 0;
  std::uint64_t restarts = 0;
  BeeCounters counters;
  std::uint64_t queued = 0;      ///< now
  std::uint64_t held = 0;        ///< now
  std::uint64_t batch_fill = 0;  ///< ns
  DurationHistogram::Values queue_wait, processing;
  SizeHistogram::Values batch_size;
};

struct EdgeMetrics {
  std::string edge;  ///< "normalize.default -> classify"
  EdgeCounters counters;
};

struct GatewayMetrics {
  std::string gateway;
  std::uint64_t restarts = 0;
  GatewayCounts counters;
  DurationHistogram::Values end_to_end, overhead;
};

struct SwarmMetrics {
  std::string swarm;
  bool failed = false;
  std::uint64_t restarts = 0;
  DeadLetters::Counts dead_letters;
  bool measured = true;  ///< else bees, edges and gateways have nothing to say
  std::vector<BeeMetrics> bees;
  std::vector<EdgeMetrics> edges;
  std::vector<GatewayMetrics> gateways;
};

struct ProcessMetrics {
  std::string version;
  double start_seconds = 0;  ///< since the epoch
  double uptime_seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t descriptors = 0;
  std::uint64_t descriptors_max = 0;
};

/// Of this process, from /proc; what cannot be read is 0.
[[nodiscard]] ProcessMetrics read_process_metrics();

/// Prometheus' text format, version 0.0.4.
[[nodiscard]] std::string metrics_text(const ProcessMetrics& process, const std::vector<SwarmMetrics>& swarms);
inline constexpr const char* metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace skep
