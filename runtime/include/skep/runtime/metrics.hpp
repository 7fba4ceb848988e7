#pragma once
// What a process, its swarms, bees, edges and gateways, and the links of its cluster have done, as values, and their
// text for Prometheus.
//
// Replicas of a bee are summed, also over those that were replaced: counters never fall while a swarm runs. What an
// actor that was given up still does after that is not counted. docs/OPERATING.md has the table of names.

#include <cstdint>
#include <optional>
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

/// A certificate that a node of a cluster uses now.
struct CertificateMetrics {
  std::string certificate;  ///< "node": its own; "authority": one of those that it trusts
  std::string serial;
  double expiry_seconds = 0;  ///< since the epoch
};

/// The link to one other node, over all the times that it was up.
struct LinkMetrics {
  std::string peer;
  bool up = false;
  double changed_seconds = 0;  ///< since the epoch: since when it is so
  double silence_seconds = 0;  ///< since the last message on control, heartbeats among them, or since the beginning
  std::uint64_t losses = 0;    ///< how often it was up and ended
  std::uint64_t sent_bytes = 0, received_bytes = 0;        ///< of frames; TLS adds some
  std::uint64_t sent_messages = 0, received_messages = 0;  ///< heartbeats and hellos among them
  std::uint64_t waiting_bytes = 0;                         ///< now: of frames that the socket has not taken
  std::uint64_t refused_connections = 0;  ///< with the peer's certificate, that did not become the link's
  std::uint64_t orphans = 0;              ///< messages for bees and gateways that are not here
  std::uint64_t refused_messages = 0;     ///< messages that do not cross
};

/// Where the replicas of a swarm's bees and gateways are, as far as is known here.
struct PlacementMetrics {
  std::string swarm;
  std::uint64_t epoch = 0;                                       ///< the decision in force; 0: none yet
  std::uint64_t here = 0, elsewhere = 0, away = 0, nowhere = 0;  ///< away: on a node that is not seen
};

/// A node of a cluster, as it sees that.
struct ClusterMetrics {
  std::uint64_t nodes = 0;                   ///< configured, itself among them
  std::uint64_t nodes_seen = 0;              ///< itself, and those whose links are up
  std::uint64_t refused_strangers = 0;       ///< connections that did not show a certificate of the cluster in time
  std::uint64_t refused_not_configured = 0;  ///< connections of nodes that are not in the list
  std::vector<CertificateMetrics> certificates{};
  std::vector<LinkMetrics> links{};            ///< none before it joins
  std::vector<PlacementMetrics> placements{};  ///< the same
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

/// Prometheus' text format, version 0.0.4. No cluster: a node alone.
[[nodiscard]] std::string metrics_text(const ProcessMetrics& process, const std::vector<SwarmMetrics>& swarms,
                                       const std::optional<ClusterMetrics>& cluster = std::nullopt);
inline constexpr const char* metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace skep
