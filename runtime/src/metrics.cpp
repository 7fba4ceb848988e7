#include "skep/runtime/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

namespace skep {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double seconds_per_ns = 1e-9;

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns) * seconds_per_ns;
}

/// All families of one kind of thing (bees, edges, gateways), each with a series per thing.
class Families {
 public:
  explicit Families(std::vector<MetricFamily>& to) : to_(to) {}

  void counter(const char* name, const char* help, Labels labels, double value) {
    add(name, help, MetricType::Counter, std::move(labels)).counter.value = value;
  }
  void gauge(const char* name, const char* help, Labels labels, double value) {
    add(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
  }
  template <unsigned Shift, std::size_t Buckets>
  void histogram(const char* name, const char* help, Labels labels,
                 const typename Histogram<Shift, Buckets>::Values& values, double unit) {
    auto& to = add(name, help, MetricType::Histogram, std::move(labels)).histogram;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < Buckets; ++i) {
      below += values.buckets[i];
      const auto bound = static_cast<double>(Histogram<Shift, Buckets>::bound(i)) * unit;
      to.bucket.push_back({below, i + 1 < Buckets ? bound : std::numeric_limits<double>::infinity()});
    }
    to.sample_count = below;
    to.sample_sum = static_cast<double>(values.sum) * unit;
  }
  void durations(const char* name, const char* help, Labels labels, const DurationHistogram::Values& values) {
    histogram<10, 26>(name, help, std::move(labels), values, seconds_per_ns);
  }
  void sizes(const char* name, const char* help, Labels labels, const SizeHistogram::Values& values) {
    histogram<0, 14>(name, help, std::move(labels), values, 1);
  }
  /// The next thing: its families begin with the first one again.
  void next() noexcept { at_ = 0; }

 private:
  ClientMetric& add(const char* name, const char* help, MetricType type, Labels labels) {
    if (at_ == places_.size()) {
      places_.push_back(to_.size());
      to_.push_back({name, help, type, {}});
    }
    auto& metric = to_[places_[at_++]].metric.emplace_back();
    metric.label = std::move(labels);
    return metric;
  }

  std::vector<MetricFamily>& to_;
  std::vector<std::size_t> places_;  ///< of this kind's families, in the order in which they are added
  std::size_t at_ = 0;
};

void add_process(const ProcessMetrics& process, std::vector<MetricFamily>& to) {
  Families add(to);
  add.gauge("skep_build_info", "Always 1; the version is a label", {{"version", process.version}}, 1);
  add.gauge("skep_uptime_seconds", "Since the process started", {}, process.uptime_seconds);
  add.gauge("process_start_time_seconds", "Since the epoch", {}, process.start_seconds);
  add.counter("process_cpu_seconds_total", "User and system time", {}, process.cpu_seconds);
  add.gauge("process_resident_memory_bytes", "Resident memory", {}, process.resident_bytes);
  add.gauge("process_virtual_memory_bytes", "Virtual memory", {}, process.virtual_bytes);
  add.gauge("process_threads", "Threads", {}, process.threads);
  add.gauge("process_open_fds", "Open file descriptors", {}, process.descriptors);
  add.gauge("process_max_fds", "Limit of open file descriptors; 0: none", {}, process.descriptors_max);
}

void add_swarm(const SwarmMetrics& swarm, Families& add) {
  const Labels labels{{"swarm", swarm.swarm}};
  add.gauge("skep_swarm_failed", "1 once the swarm has given up restarting", labels, swarm.failed ? 1 : 0);
  add.counter("skep_swarm_restarts_total", "Restarts of its bees and gateways", labels, swarm.restarts);
  add.gauge("skep_swarm_dead_letters", "Dead letters kept", labels, swarm.dead_letters.records);
  add.gauge("skep_swarm_dead_letter_bytes", "Memory they keep alive", labels, swarm.dead_letters.bytes);
  add.counter("skep_swarm_dead_letters_evicted_total", "Dead letters gone because there were too many", labels,
              swarm.dead_letters.evicted);
}

void add_bee(const std::string& swarm, const BeeMetrics& bee, Families& add) {
  const Labels labels{{"swarm", swarm}, {"bee", bee.bee}};
  const auto& n = bee.counters;
  const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
    add.counter(name, help, labels, value);
  };
  add.gauge("skep_bee_replicas", "Replicas on this node, summed in all series of the bee", labels, bee.replicas);
  counter("skep_bee_records_received_total", "Records that came", n.received);
  counter("skep_bee_received_bytes_total", "Payload bytes that came", n.bytes);
  counter("skep_bee_records_sent_total", "Records sent on, once per edge", n.emitted);
  counter("skep_bee_replies_total", "Answers and errors sent to gateways", n.replied);
  counter("skep_bee_dead_letters_total", "Records that a throw cost, or for which there was no room to hold them",
          n.failed);
  counter("skep_bee_bad_records_total", "Records the bee could not read (BadRecord)", n.bad);
  counter("skep_bee_rejected_total", "Records answered with an error by the bee (Outbox::fail, reject)", n.rejected);
  counter("skep_bee_dropped_total", "Records dropped: by the bee, by an edge's overflow, or for a bee that is down",
          n.dropped);
  counter("skep_bee_lost_total", "Records sent to a receiver that ended before it accepted them", n.lost);
  counter("skep_bee_held_lost_total", "Records lost while the bee held them: it failed, or stopped", n.held_lost);
  counter("skep_bee_expired_total", "Records whose deadline passed before work began", n.expired);
  counter("skep_bee_cancelled_total", "Records whose client had left before work began", n.cancelled);
  counter("skep_bee_orphan_replies_total", "Replies without a client", n.orphaned);
  counter("skep_bee_rebuilds_total", "Objects that took a failed one's place", n.rebuilds);
  counter("skep_bee_restarts_total", "Restarts by the supervisor", bee.restarts);
  add.gauge("skep_bee_queued_records", "Records that have come and are not done", labels, bee.queued);
  add.gauge("skep_bee_held_records", "Records the bee holds beyond the call that brought them", labels, bee.held);
  add.counter("skep_bee_batch_fill_seconds_total", "Over all records: waited for a batch to fill, as the bee asks for",
              labels, seconds(bee.batch_fill));
  add.durations("skep_bee_queue_wait_seconds", "Of records, from sent until taken up", labels, bee.queue_wait);
  add.durations("skep_bee_processing_seconds", "Of slices of work: one batch, or what waited", labels, bee.processing);
  add.sizes("skep_bee_batch_records", "Records of a slice of work", labels, bee.batch_size);
}

void add_edge(const std::string& swarm, const EdgeMetrics& edge, Families& add) {
  const Labels labels{{"swarm", swarm}, {"edge", edge.edge}};
  const auto& n = edge.counters;
  add.counter("skep_edge_records_total", "Records sent", labels, n.records);
  add.counter("skep_edge_bytes_total", "Payload bytes sent", labels, n.bytes);
  add.counter("skep_edge_batches_total", "Messages that records travelled in", labels, n.batches);
  add.counter("skep_edge_overflow_drops_total", "Records dropped by the edge's overflow rule", labels, n.dropped);
  add.counter("skep_edge_dead_letters_total", "Records that ended their receiver each time they were alone with it",
              labels, n.dangerous);
  add.counter("skep_edge_unheard_total",
              "Records handed back, for their receiver had ended for good, where no client could be told", labels,
              n.unheard);
  add.gauge("skep_edge_waiting_records", "Records that wait for credit", labels, n.waiting);
}

void add_gateway(const std::string& swarm, const GatewayMetrics& gateway, Families& add) {
  const Labels labels{{"swarm", swarm}, {"gateway", gateway.gateway}};
  const auto& n = gateway.counters;
  add.counter("skep_gateway_sessions_total", "Sessions opened", labels, n.sessions);
  add.gauge("skep_gateway_sessions_open", "Sessions open now", labels, n.sessions_open);
  add.counter("skep_gateway_requests_total", "Records admitted", labels, n.requests);
  add.gauge("skep_gateway_requests_open", "Requests admitted and unanswered now", labels, n.requests_open);
  add.counter("skep_gateway_answered_total", "Requests answered with a record", labels, n.answered);
  add.counter("skep_gateway_failed_total", "Requests answered with an error from the swarm", labels, n.failed);
  add.counter("skep_gateway_refused_total", "Requests never admitted: overload, limits, malformed", labels, n.refused);
  add.counter("skep_gateway_expired_total", "Requests past their deadline", labels, n.expired);
  add.counter("skep_gateway_abandoned_total", "Requests whose client left before it had the answer", labels,
              n.abandoned);
  add.counter("skep_gateway_orphan_replies_total", "Answers that came for nobody", labels, n.orphaned);
  add.counter("skep_gateway_sent_total", "Records sent out one-way", labels, n.sent);
  add.counter("skep_gateway_lost_total", "Records and answers that did not go out, and requests given up", labels,
              n.lost);
  add.counter("skep_gateway_restarts_total", "Restarts by the supervisor", labels, gateway.restarts);
  add.durations("skep_gateway_end_to_end_seconds", "Of requests, from read to answered or expired", labels,
                gateway.end_to_end);
  add.durations("skep_gateway_overhead_seconds",
                "The runtime's share of that: without bees at work and waits for batches to fill", labels,
                gateway.overhead);
}

/// What it turned away before there was anything to answer, and its certificate, if it has one.
void add_door(const std::string& swarm, const GatewayMetrics& gateway, Families& of_refusals,
              Families& of_certificates) {
  const auto& n = gateway.counters;
  const auto refused = [&](const char* reason, std::uint64_t connections) {
    of_refusals.counter("skep_gateway_connections_refused_total", "Connections turned away",
                        {{"swarm", swarm}, {"gateway", gateway.gateway}, {"reason", reason}}, connections);
    of_refusals.next();
  };
  refused("tls", n.refused_tls);
  refused("token", n.refused_tokens);
  refused("upgrade", n.refused_upgrades);
  refused("address", n.refused_addresses);
  refused("protocol", n.refused_protocols);
  if (n.certificate_expiry == 0) return;
  of_certificates.gauge("skep_gateway_certificate_expiry_timestamp_seconds", "Since the epoch: when it ends",
                        {{"swarm", swarm}, {"gateway", gateway.gateway}}, n.certificate_expiry);
  of_certificates.next();
}

void add_link(const LinkMetrics& link, Families& add) {
  const Labels labels{{"peer", link.peer}};
  const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
    add.counter(name, help, labels, value);
  };
  add.gauge("skep_link_up", "1 while the link to that node is up", labels, link.up ? 1 : 0);
  add.gauge("skep_link_changed_timestamp_seconds", "Since the epoch: when it came up or was lost", labels,
            link.changed_seconds);
  add.gauge("skep_link_silence_seconds", "Since something was heard on control, as heartbeats are", labels,
            link.silence_seconds);
  counter("skep_link_losses_total", "How often it was up and ended", link.losses);
  counter("skep_link_sent_bytes_total", "Bytes of frames sent, before encryption", link.sent_bytes);
  counter("skep_link_received_bytes_total", "Bytes of frames that came, decrypted", link.received_bytes);
  counter("skep_link_messages_sent_total", "Messages sent, heartbeats among them", link.sent_messages);
  counter("skep_link_messages_received_total", "Messages that came, heartbeats among them", link.received_messages);
  add.gauge("skep_link_waiting_bytes", "Bytes of frames that wait until the socket takes them", labels,
            link.waiting_bytes);
  counter("skep_link_connections_refused_total",
          "Connections with that node's certificate that did not become the link's", link.refused_connections);
  counter("skep_link_orphan_messages_total", "Messages that came for bees and gateways that are not here",
          link.orphans);
  counter("skep_link_refused_messages_total", "Messages to bees there that are none that crosses a link",
          link.refused_messages);
}

void add_placement(const PlacementMetrics& placement, Families& of_epochs, Families& of_replicas) {
  of_epochs.gauge("skep_placement_epoch", "Counter of the decision in force; 0: none yet", {{"swarm", placement.swarm}},
                  placement.epoch);
  of_epochs.next();
  for (const auto& [where, replicas] : {std::pair{"here", placement.here}, std::pair{"elsewhere", placement.elsewhere},
                                        std::pair{"away", placement.away}, std::pair{"nowhere", placement.nowhere}}) {
    of_replicas.gauge("skep_placement_replicas", "Bees and gateways, by where the decision in force has them",
                      {{"swarm", placement.swarm}, {"where", where}}, replicas);
    of_replicas.next();
  }
}

void add_cluster(const ClusterMetrics& cluster, std::vector<MetricFamily>& to) {
  Families add(to);
  add.gauge("skep_cluster_nodes", "Nodes configured, this one among them", {}, cluster.nodes);
  add.gauge("skep_cluster_nodes_seen", "This node and those whose links are up", {}, cluster.nodes_seen);
  Families of_refusals(to), of_certificates(to), of_links(to), of_epochs(to), of_replicas(to);
  for (const auto& [reason, connections] : {std::pair{"stranger", cluster.refused_strangers},
                                            std::pair{"not_configured", cluster.refused_not_configured}}) {
    of_refusals.counter("skep_cluster_connections_refused_total", "Connections refused at the node port",
                        {{"reason", reason}}, connections);
    of_refusals.next();
  }
  for (const auto& each : cluster.certificates) {
    of_certificates.gauge("skep_certificate_expiry_timestamp_seconds", "Since the epoch: when it ends",
                          {{"certificate", each.certificate}, {"serial", each.serial}}, each.expiry_seconds);
    of_certificates.next();
  }
  for (const auto& link : cluster.links) {
    add_link(link, of_links);
    of_links.next();
  }
  for (const auto& placement : cluster.placements) add_placement(placement, of_epochs, of_replicas);
}

}  // namespace

std::string metrics_text(const ProcessMetrics& process, const std::vector<SwarmMetrics>& swarms,
                         const std::optional<ClusterMetrics>& cluster) {
  std::vector<MetricFamily> all;
  add_process(process, all);
  Families of_swarms(all);
  for (const auto& swarm : swarms) {
    add_swarm(swarm, of_swarms);
    of_swarms.next();
  }
  Families of_bees(all), of_edges(all), of_gateways(all), of_refusals(all), of_certificates(all);
  for (const auto& swarm : swarms) {
    if (!swarm.measured) continue;
    for (const auto& bee : swarm.bees) {
      add_bee(swarm.swarm, bee, of_bees);
      of_bees.next();
    }
    for (const auto& edge : swarm.edges) {
      add_edge(swarm.swarm, edge, of_edges);
      of_edges.next();
    }
    for (const auto& gateway : swarm.gateways) {
      add_gateway(swarm.swarm, gateway, of_gateways);
      of_gateways.next();
      add_door(swarm.swarm, gateway, of_refusals, of_certificates);
    }
  }
  if (cluster) add_cluster(*cluster, all);
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace skep
