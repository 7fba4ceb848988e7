#pragma once
// The swarm of a file, in this process, for a bench: started as `skep run` does it, and asked for what it measures.

#include <string>

#include "bench/driven_gateway.hpp"
#include "bench/time_split.hpp"
#include "serve.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/node.hpp"

namespace skep::cli {

class BenchSwarm {
 public:
  /// `settings` are read, and right.
  explicit BenchSwarm(const Settings& settings);

  /// Starts it. `gateway`: as choose_gateway. What goes wrong is printed; returns the exit code.
  [[nodiscard]] int start(const std::string& file, const std::string& gateway, const bench::LoadAccess& access);
  /// The exit code: 1 if it has failed meanwhile, 5 if it did not end in time.
  [[nodiscard]] int end();

  // Once started:
  [[nodiscard]] const std::string& name() const { return swarm_->name(); }
  [[nodiscard]] const bench::LoadTarget& target() const { return target_; }
  [[nodiscard]] const bench::AnswerPath& path() const { return path_; }
  [[nodiscard]] SwarmMetrics metrics() const { return swarm_->metrics(); }

 private:
  Log log_;
  Node node_;
  Swarm* swarm_ = nullptr;
  bench::LoadTarget target_;
  bench::AnswerPath path_;
};

}  // namespace skep::cli
