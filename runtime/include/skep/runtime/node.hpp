#pragma once
// One process: actor system, I/O thread, plug-ins, swarms. Owns the parts and decides nothing.
//
// Lifetime: outlived by the log. Threads: call from one. Signals: its threads inherit the mask of the thread that
// makes it, so block what the program handles itself before that.

#include <memory>
#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/node_config.hpp"
#include "skep/runtime/swarm.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class Node {
 public:
  Node(NodeConfig config, Log& log);
  /// Drains what runs, then ends every actor and thread. A bee inside a call that never returns cannot be ended: the
  /// process then exits with status 1, limits::stop_time_max after the drain or its time, and the log says why.
  ~Node();

  /// What swarm files may name. A program that embeds a node adds its own classes before the first `start`.
  [[nodiscard]] BeeRegistry& bees() noexcept;
  /// With those classes, all that swarms may name here: what a swarm built in code is checked against.
  [[nodiscard]] Catalog& catalog() noexcept;

  /// Reads, checks and starts a swarm file. On mistakes nothing runs, and `problems` has them all. `failure` is in the
  /// log already.
  struct Started {
    Swarm* swarm = nullptr;
    std::vector<Problem> problems;
    std::string failure;  ///< why it did not start, if the file was right
  };
  [[nodiscard]] Started start(const std::string& swarm_file, const Environment& environment);
  /// The same in two steps, for several: what is wrong with any of them is known before the first one runs. They are
  /// checked against the node's own settings, too: the nodes of its cluster, and where its gateways listen, which they
  /// do only when they were checked here.
  [[nodiscard]] std::vector<Catalog::Checked> check(const std::vector<std::string>& swarm_files,
                                                    const Environment& environment);
  [[nodiscard]] Started start(Catalog::Checked checked);

  /// Of a node with `[cluster]`: reads its certificates and finds out which of the nodes it is. Before the first
  /// `start`, whose swarms then wait for `join`; nothing on a node alone. Errors: what is wrong.
  [[nodiscard]] Result<void> prepare_cluster();
  /// Then: "node a of cluster 'demo'"; "" on a node alone.
  [[nodiscard]] std::string member() const;
  /// After the last `start`: listens for the other nodes and dials them; what is placed here starts. Returns where it
  /// listens; "" on a node alone. Errors: `errc::io`; `errc::unavailable` where a swarm did not start.
  [[nodiscard]] Result<std::string> join();
  /// Reads certificates, keys and deny list again, the cluster's and those of gateways, for connections to come; links
  /// with certificates that are denied now end. What is wrong is for the log; what was in use stays. Returns whether
  /// there is anything to reload. Threads: any.
  bool reload();

  /// Every swarm in turn, within `drain_time_max` in all. Errors: `errc::timed_out`, with what had not finished.
  [[nodiscard]] Result<void> drain();
  [[nodiscard]] bool can_finish() const;  ///< every swarm can come to its end by itself
  [[nodiscard]] bool finished() const;    ///< every swarm has come to its end
  [[nodiscard]] bool any_failed() const;  ///< a swarm has given up restarting; the others go on
  [[nodiscard]] const std::vector<std::unique_ptr<Swarm>>& swarms() const noexcept;
  /// Of this process, all its swarms and its links, in Prometheus' text format. Waits for no bee. Threads: any.
  [[nodiscard]] std::string metrics_text() const;
  /// Serves that at /metrics, and /healthz, if the setting `metrics` is an address; returns it with its port, else "".
  /// Errors: `errc::io`.
  [[nodiscard]] Result<std::string> serve_metrics();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep
